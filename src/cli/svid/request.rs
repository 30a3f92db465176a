//! `--csr`: a key whose holder asks for a certificate.

use std::fs::File;
use std::io::Read;

use clap::Args;
use clap::ValueEnum;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::svid::identity::Identity;
use crate::pki::CertificateRequest;
use crate::pki::NamesAskedFor;
use crate::pki::PublicKey;

/// Larger than any request.
const LIMIT: u64 = 1 << 20;

/// A request, and what to do with the names it asks for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Certificate signing request")]
pub(in crate::cli) struct RequestArgs {
    /// Certificate signing request (PKCS#10, PEM or DER) whose key is certified, or `-`
    #[arg(long, value_name = "FILE")]
    csr: Option<String>,
    /// What to do with names that the request asks for and was not granted; they are never copied
    #[arg(long, value_enum, default_value_t = PolicyFlag::Refuse, requires = "csr")]
    requested_names: PolicyFlag,
}

/// What happens to names that were asked for and not granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(in crate::cli) enum PolicyFlag {
    /// Refuse the request, and name them
    #[default]
    Refuse,
    /// Leave them out, and say so, as istiod does in silence
    Ignore,
}

impl RequestArgs {
    /// Whether there is a request.
    pub(in crate::cli) fn is_given(&self) -> bool {
        self.csr.is_some()
    }

    /// Reads the request and verifies its signature.
    pub(in crate::cli) fn read(&self, env: &mut Env<'_>) -> Result<Option<CertificateRequest>, Error> {
        self.csr.as_deref().map(|path| read(path, env)).transpose()
    }

    /// The key of the request, once its names are dealt with.
    pub(in crate::cli) fn key_for(
        &self,
        request: &CertificateRequest,
        identity: &Identity,
        env: &mut Env<'_>,
    ) -> Result<PublicKey, Error> {
        key_for(request, identity, self.requested_names, env)
    }
}

/// Reads a request and verifies its signature.
pub(in crate::cli) fn read(path: &str, env: &mut Env<'_>) -> Result<CertificateRequest, Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    if path == "-" {
        env.stdin.take(LIMIT).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        File::open(path).and_then(|file| file.take(LIMIT).read_to_end(&mut bytes)).map_err(unreadable)?;
    }
    CertificateRequest::read(&bytes).map_err(|error| Error::question(format!("`{path}`: {error}"), None))
}

/// The key of the request, once its names are dealt with.
pub(in crate::cli) fn key_for(
    request: &CertificateRequest,
    identity: &Identity,
    policy: PolicyFlag,
    env: &mut Env<'_>,
) -> Result<PublicKey, Error> {
    let policy = match policy {
        PolicyFlag::Refuse => NamesAskedFor::Refuse,
        PolicyFlag::Ignore => NamesAskedFor::Ignore,
    };
    let ignored = request.names_not_granted(&identity.subject_alt_names(), policy).map_err(|error| {
        Error::question(error.to_string(), "grant them with `--dns` and `--ip`, or say `--requested-names ignore`".to_owned())
    })?;
    if !ignored.is_empty() && !env.quiet {
        let names: Vec<String> = ignored.iter().map(ToString::to_string).collect();
        writeln!(env.stderr, "{} the request also asks for {}: left out", env.style.warning("warning:"), names.join(", "))?;
    }
    Ok(request.public_key().clone())
}
