//! A request that got no answer, read into an [`Error`].

use std::error::Error as Cause;
use std::io;
use std::net::ToSocketAddrs;
use std::time::Duration;

use rustls::CertificateError;

use crate::cluster::Error;
use crate::cluster::error::CertificateProblem;
use crate::cluster::status::Server;

/// The error that a failed exchange is.
pub(super) fn error(failed: &kube::Error, server: &Server, timeout: Option<Duration>) -> Error {
    if let kube::Error::Auth(problem) = failed {
        return credentials(problem);
    }
    let mut seen: Option<io::Error> = None;
    let mut cause: Option<&(dyn Cause + 'static)> = Some(failed);
    while let Some(inner) = cause {
        if let Some(problem) = inner.downcast_ref::<kube::client::AuthError>() {
            return credentials(problem);
        }
        if let Some(problem) = inner.downcast_ref::<rustls::Error>() {
            return tls(problem, server);
        }
        if let Some(problem) = inner.downcast_ref::<io::Error>() {
            if let Some(found) = of_io(problem, server, timeout) {
                return found;
            }
            seen.get_or_insert_with(|| io::Error::new(problem.kind(), problem.to_string()));
        }
        cause = inner.source();
    }
    if let Some(host) = unknown_host(&server.address) {
        return Error::UnknownHost { host };
    }
    match seen {
        Some(source) => Error::Unreachable { server: server.address.clone(), source: Some(source) },
        // The HTTP layer gave up on an answer that had begun, or on one that is no HTTP.
        None => Error::Lost { server: server.address.clone() },
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other kinds say nothing about a connection")]
fn of_io(problem: &io::Error, server: &Server, timeout: Option<Duration>) -> Option<Error> {
    // The TLS library's errors travel inside those of the stream, which may be inside one another.
    if let Some(inner) = problem.get_ref() {
        if let Some(problem) = inner.downcast_ref::<rustls::Error>() {
            return Some(tls(problem, server));
        }
        if let Some(problem) = inner.downcast_ref::<io::Error>() {
            return of_io(problem, server, timeout);
        }
    }
    let address = server.address.clone();
    match problem.kind() {
        io::ErrorKind::ConnectionRefused => Some(Error::Refused { server: address }),
        io::ErrorKind::TimedOut => Some(Error::Timeout { server: address, after: timeout.unwrap_or(CONNECT_TIMEOUT) }),
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(Error::Lost { server: address }),
        _ => None,
    }
}

/// How long a connection may take to come about.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what other failures come to is told in their own words, and the library may add more of them"
)]
fn tls(problem: &rustls::Error, server: &Server) -> Error {
    let server = server.address.clone();
    let rustls::Error::InvalidCertificate(problem) = problem else {
        return Error::Tls { server, message: problem.to_string() };
    };
    let problem = match problem {
        CertificateError::UnknownIssuer => CertificateProblem::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateProblem::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => CertificateProblem::NotYetValid,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => CertificateProblem::WrongName,
        CertificateError::Revoked => CertificateProblem::Revoked,
        other => CertificateProblem::Other(other.to_string()),
    };
    Error::Certificate { server, problem }
}

/// What a plugin prints to its standard output is not repeated: it may be the token.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what other failures come to is told in their own words, and the library may add more of them"
)]
pub(super) fn credentials(problem: &kube::client::AuthError) -> Error {
    use kube::client::AuthError;
    let message = match problem {
        AuthError::AuthExecRun { out, .. } => {
            let said = String::from_utf8_lossy(&out.stderr);
            let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let ended = out.status.code().map_or_else(|| "a signal".to_owned(), |code| format!("status {code}"));
            match last {
                "" => format!("the credential plugin ended with {ended}"),
                last => format!("the credential plugin ended with {ended}: {}", last.trim()),
            }
        }
        AuthError::AuthExecStart(source) => format!("the plugin cannot be run: {source}"),
        AuthError::AuthExecParse(_) => "the plugin's answer is no ExecCredential".to_owned(),
        AuthError::ExecPluginFailed => "the plugin's answer has no status".to_owned(),
        AuthError::ReadTokenFile(source, path) => format!("cannot read token file `{}`: {source}", path.display()),
        AuthError::InvalidBasicAuth(_) | AuthError::InvalidBearerToken(_) => {
            "the token has characters that no header may have".to_owned()
        }
        other => other.to_string(),
    };
    Error::Credentials { message }
}

/// The host of an address, when its name cannot be resolved.
fn unknown_host(address: &str) -> Option<String> {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest).split('/').next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
        _ => (authority, "443"),
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let port = port.parse::<u16>().ok()?;
    let found = (bare, port).to_socket_addrs().is_ok_and(|mut addresses| addresses.next().is_some());
    (!found).then(|| bare.to_owned())
}
