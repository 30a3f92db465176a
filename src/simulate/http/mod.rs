//! What the connection manager does to a request before any filter sees it: refuse it, rewrite its path, edit its headers.
//!
//! In: an HTTP request as the caller sends it. Out: a [`Message`] and the client's address, or a [`BadRequest`] that no policy
//! ever saw. Follows Envoy's HTTP/1 codec and `conn_manager_utility`, with the options istiod sets for inbound listeners and
//! gateways.

mod headers;
mod path;

use std::net::IpAddr;

use thiserror::Error;

use crate::manifest::kinds::PathNormalization;
use crate::policy::Known;
use crate::simulate::message::Message;

pub use path::normalize;

/// A request the proxy refuses before any policy.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// The path holds `%00`.
    #[error("the path holds `%00`, which the proxy refuses while making paths canonical")]
    NulEscape,
    /// The request target is no absolute path, absolute URL or `*`.
    #[error("the request target `{0}` starts neither with `/` nor with a scheme")]
    Target(String),
    /// The request target holds a control byte, a space or a byte beyond ASCII.
    #[error("the request target holds a byte that HTTP does not allow there")]
    TargetByte,
    /// `*` with another method than OPTIONS.
    #[error("the request target `*` goes only with OPTIONS")]
    Star,
    /// The target has no path, such as `OPTIONS *`.
    #[error("the request has no path (`{0}`)")]
    NoPath(String),
    /// HTTP/1 knows no such method.
    #[error("the proxy's HTTP/1 codec knows no method `{0}`")]
    Method(String),
    /// The host holds a character that no authority may hold.
    #[error("the host `{0}` holds a character that HTTP does not allow there")]
    Host(String),
    /// CONNECT names no host.
    #[error("the target of CONNECT `{0}` is no `host:port`")]
    ConnectTarget(String),
    /// HTTP/2 carries a value its codec does not take, and the stream or connection ends without an answer.
    #[error("the proxy's HTTP/2 codec does not take `{0}`")]
    Http2(String),
    /// What arrives is not HTTP.
    #[error("the port is read as HTTP, and what the caller sends is not HTTP")]
    NotHttp,
    /// HTTP/1 that its codec does not take; what it is.
    #[error("the proxy's HTTP/1 codec does not take {0}")]
    Http1(&'static str),
    /// `Connection` would have a header removed that may not be, or too many.
    #[error("`Connection` names {0}, which the proxy does not remove")]
    Nominated(String),
    /// QUERY says nothing of its content.
    #[error("QUERY goes only with a content type")]
    NoContentType,
    /// HTTP/1.0, which istiod does not turn on.
    #[error("the proxy takes no HTTP/1.0")]
    LowVersion,
    /// HTTP/1.1 without a `Host`.
    #[error("the request names no host")]
    MissingHost,
    /// The caller asks for a protocol that is not passed on.
    #[error("the proxy passes on no upgrade to `{0}`, only to websocket")]
    Upgrade(String),
    /// A body in a coding that the codec does not read.
    #[error("the proxy's HTTP/1 codec reads no body in `{0}`")]
    TransferEncoding(String),
    /// The head is longer than the proxy reads, or has more headers.
    #[error("the request's head is too large")]
    TooLarge,
}

impl BadRequest {
    /// Envoy's response code details.
    #[must_use]
    pub fn details(&self) -> &'static str {
        match self {
            Self::NulEscape => "path_normalization_failed",
            Self::NoPath(_) => "absolute_path_rejected",
            Self::Host(_) => "http.invalid_authority",
            Self::Star | Self::ConnectTarget(_) => "http1.invalid_url",
            Self::Target(_) | Self::TargetByte | Self::Method(_) | Self::Http1(_) | Self::NotHttp => "http1.codec_error",
            Self::Nominated(_) => "http1.connection_header_rejected",
            Self::NoContentType => "missing_content_type",
            Self::Http2(_) => "http2.codec_error",
            Self::LowVersion => "low_version",
            Self::MissingHost => "missing_host_header",
            Self::Upgrade(_) => "upgrade_failed",
            Self::TransferEncoding(_) => "http1.invalid_transfer_encoding",
            Self::TooLarge => "request_headers_too_large",
        }
    }

    /// The body of the answer; nothing for most.
    #[must_use]
    pub fn body(&self) -> Option<&'static str> {
        match self {
            Self::NulEscape | Self::NoPath(_) | Self::Http2(_) | Self::MissingHost | Self::NoContentType | Self::Upgrade(_) => {
                None
            }
            Self::TooLarge => Some("Request Header Fields Too Large"),
            Self::LowVersion => Some("Upgrade Required"),
            Self::Host(_)
            | Self::Star
            | Self::ConnectTarget(_)
            | Self::Target(_)
            | Self::TargetByte
            | Self::Method(_)
            | Self::Http1(_)
            | Self::Nominated(_)
            | Self::NotHttp => Some("Bad Request"),
            Self::TransferEncoding(_) => Some("Not Implemented"),
        }
    }

    /// Whether a gRPC caller is answered as one: the codec refuses before anybody asks what the caller speaks.
    #[must_use]
    pub fn is_told_to_grpc(&self) -> bool {
        self.body().is_none()
    }

    /// `grpc-status` of the answer to a gRPC caller.
    #[must_use]
    pub fn grpc_status(&self) -> u8 {
        match self.status() {
            Some(404) => 12,
            Some(403) => 7,
            _ => 13,
        }
    }

    /// The status the caller sees; `None` when the connection ends without an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::NoPath(_) => Some(404),
            Self::Http2(_) => None,
            Self::LowVersion => Some(426),
            Self::Upgrade(_) => Some(403),
            Self::TooLarge => Some(431),
            Self::TransferEncoding(_) => Some(501),
            Self::MissingHost
            | Self::NulEscape
            | Self::Host(_)
            | Self::Star
            | Self::ConnectTarget(_)
            | Self::Target(_)
            | Self::TargetByte
            | Self::Method(_)
            | Self::Http1(_)
            | Self::Nominated(_)
            | Self::NoContentType
            | Self::NotHttp => Some(400),
        }
    }
}

/// Stands for a request id that the proxy would make: its true value is random.
pub const UNKNOWN_REQUEST_ID: &str = "00000000-0000-4000-8000-000000000000";

/// HTTP as spoken on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2, gRPC included.
    Http2,
}

/// A request as the caller sends it, and the connection it comes over.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// HTTP version.
    pub version: Version,
    /// Method.
    pub method: &'a str,
    /// Request target or `:path`.
    pub target: &'a str,
    /// `Host` or `:authority`.
    pub host: &'a str,
    /// `:scheme`, when the caller sends one and it is known.
    pub scheme: Option<&'a str>,
    /// Peer address of the connection.
    pub peer: Known<IpAddr>,
    /// Whether the connection is encrypted.
    pub is_tls: bool,
    /// Whether the client certificate was verified: only then is `x-forwarded-client-cert` kept.
    pub is_mutual: bool,
    /// The entry for `x-forwarded-client-cert` that the proxy makes of the caller's certificate.
    pub forwarded_certificate: Option<&'a str>,
    /// What the proxy writes as `x-request-id` where the caller sent none.
    pub request_id: &'a str,
}

/// The options of one HTTP connection manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManagerOptions {
    /// `pathNormalization` of the mesh.
    pub normalization: PathNormalization,
    /// A gateway: it uses the connection's address and trusts this many proxies before it. `None` at a sidecar.
    pub gateway_trusted_proxies: Option<u32>,
}

/// A request the filters get to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Client address as authorization sees it.
    pub remote_ip: Known<IpAddr>,
}

/// Runs the connection manager's part. `message.headers` holds the caller's headers on entry and the edited ones on return; the
/// other fields are overwritten.
///
/// # Errors
/// The request never reaches a policy.
pub fn accept(incoming: &Incoming<'_>, options: ManagerOptions, message: &mut Message) -> Result<Accepted, BadRequest> {
    let (authority, target) = request_line(incoming)?;
    replace(&mut message.method, incoming.method);
    replace(&mut message.authority, authority);
    if incoming.version == Version::Http1 {
        headers::remove_nominated(&mut message.headers)?;
    }
    if incoming.method == "QUERY" && message.headers.first("content-type").is_none_or(str::is_empty) {
        return Err(BadRequest::NoContentType);
    }
    let remote_ip = headers::edit(incoming, options, message);
    if let Some(scheme) = incoming.scheme.or_else(|| scheme_of(incoming)) {
        replace(&mut message.scheme, scheme);
    }
    if incoming.method == "CONNECT" {
        message.path = None;
        return Ok(Accepted { remote_ip });
    }
    if !target.starts_with('/') {
        return Err(BadRequest::NoPath(bare(target)));
    }
    let path = normalize(target, options.normalization)?;
    match &mut message.path {
        Some(old) => replace(old, &path),
        none @ None => *none = Some(path.into_owned()),
    }
    Ok(Accepted { remote_ip })
}

/// The scheme of an absolute URL in an HTTP/1 request line.
fn scheme_of(incoming: &Incoming<'_>) -> Option<&'static str> {
    let is = |scheme: &str| strip_prefix_ignoring_case(incoming.target, scheme).is_some();
    match incoming.version {
        Version::Http1 if incoming.method == "CONNECT" => None,
        Version::Http1 if is("http://") => Some("http"),
        Version::Http1 if is("https://") => Some("https"),
        Version::Http1 | Version::Http2 => None,
    }
}

fn replace(slot: &mut String, text: &str) {
    slot.clear();
    slot.push_str(text);
}

/// Whether Envoy's HTTP/1 codec knows a method.
#[must_use]
pub fn is_known_method(method: &str) -> bool {
    matches!(
        method,
        "ACL"
            | "BIND"
            | "CHECKOUT"
            | "CONNECT"
            | "COPY"
            | "DELETE"
            | "GET"
            | "HEAD"
            | "LINK"
            | "LOCK"
            | "MERGE"
            | "MKACTIVITY"
            | "MKCALENDAR"
            | "MKCOL"
            | "MOVE"
            | "MSEARCH"
            | "NOTIFY"
            | "OPTIONS"
            | "PATCH"
            | "POST"
            | "PROPFIND"
            | "PROPPATCH"
            | "PURGE"
            | "PUT"
            | "QUERY"
            | "REBIND"
            | "REPORT"
            | "SEARCH"
            | "SOURCE"
            | "SUBSCRIBE"
            | "TRACE"
            | "UNBIND"
            | "UNLINK"
            | "UNLOCK"
            | "UNSUBSCRIBE"
    )
}

/// Authority and path of the request line; an absolute URL replaces the host.
fn request_line<'a>(incoming: &Incoming<'a>) -> Result<(&'a str, &'a str), BadRequest> {
    let target = incoming.target;
    if incoming.version == Version::Http2 {
        return http2_line(incoming);
    }
    if !is_known_method(incoming.method) {
        return Err(BadRequest::Method(incoming.method.to_owned()));
    }
    if target.bytes().fold(false, |found, byte| found | !matches!(byte, b'!'..=b'~')) {
        return Err(BadRequest::TargetByte);
    }
    if incoming.method == "CONNECT" {
        let is_named = target.contains(':') && host_of(target) == Some(target);
        return if is_named { Ok((target, target)) } else { Err(BadRequest::ConnectTarget(target.to_owned())) };
    }
    if target == "*" && incoming.method != "OPTIONS" {
        return Err(BadRequest::Star);
    }
    if target.starts_with('/') || target == "*" {
        return check_host(incoming.host).map(|host| (host, target));
    }
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| strip_prefix_ignoring_case(target, scheme))
        .ok_or_else(|| BadRequest::Target(bare(target)))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = host_of(authority).ok_or_else(|| BadRequest::Target(bare(target)))?;
    Ok((host, if path.is_empty() { "/" } else { path }))
}

/// Host and port of a URL's authority, without whoever is named before them; of plain characters only.
fn host_of(authority: &str) -> Option<&str> {
    let named = match authority.split_once('@') {
        None => authority,
        Some((user, named)) => user.bytes().all(is_user_byte).then_some(named)?,
    };
    let (host, port) = match named.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (named, None),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (is_plain_host(host) && port.is_none_or(is_port)).then_some(named)
}

fn is_plain_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)),
    }
}

fn is_user_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.!~*'()%;:&=+$,".contains(&byte)
}

/// HTTP/2 takes any byte beyond ASCII, but no space, nobody's name before the host, and only the `*` of OPTIONS beside absolute paths.
fn http2_line<'a>(incoming: &Incoming<'a>) -> Result<(&'a str, &'a str), BadRequest> {
    let (host, target) = (incoming.host, incoming.target);
    if check_host(host).is_err() || host.contains('@') {
        return Err(BadRequest::Http2(host.to_owned()));
    }
    let is_star = target == "*" && incoming.method == "OPTIONS";
    let is_target = target.starts_with('/') || is_star || incoming.method == "CONNECT";
    if !is_target || target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return Err(BadRequest::Http2(bare(target)));
    }
    Ok((host, target))
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// A target as it is told: without the query, which may hold a token.
fn bare(target: &str) -> String {
    target.split('?').next().unwrap_or_default().to_owned()
}

fn check_host(host: &str) -> Result<&str, BadRequest> {
    if host.bytes().all(is_host_byte) { Ok(host) } else { Err(BadRequest::Host(host.to_owned())) }
}

fn is_host_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'[' | b']' | b'@')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(version: Version, method: &str, target: &str, host: &str) -> Result<(String, Option<String>), BadRequest> {
        let incoming = Incoming {
            version,
            method,
            target,
            host,
            scheme: None,
            peer: Known::No("source address"),
            is_tls: false,
            is_mutual: false,
            forwarded_certificate: None,
            request_id: UNKNOWN_REQUEST_ID,
        };
        let mut message = Message::default();
        let options = ManagerOptions { normalization: PathNormalization::Base, gateway_trusted_proxies: None };
        accept(&incoming, options, &mut message).map(|_| (message.authority, message.path))
    }

    #[test]
    fn request_lines() {
        let ok = |host: &str, path: &str| Ok((host.to_owned(), Some(path.to_owned())));
        let cases = [
            ("GET", "/a", "h", ok("h", "/a")),
            ("GET", "http://evil.com/x", "h", ok("evil.com", "/x")),
            ("GET", "http://evil.com", "h", ok("evil.com", "/")),
            ("GET", "http://u:p@evil.com:81/x", "a b", ok("evil.com:81", "/x")),
            ("GET", "http://[::1]/x", "h", ok("[::1]", "/x")),
            ("GET", "http://evil.com?x", "h", Err(BadRequest::NoPath(String::new()))),
            ("GET", "http://evil.com:x/", "h", Err(BadRequest::Target("http://evil.com:x/".to_owned()))),
            ("GET", "http://ev_il/", "h", Err(BadRequest::Target("http://ev_il/".to_owned()))),
            ("GET", "http://evil.com#x", "h", Err(BadRequest::Target("http://evil.com#x".to_owned()))),
            ("QUERY", "/a", "h", Err(BadRequest::NoContentType)),
            ("GET", "/a", "", ok("", "/a")),
            ("get", "/a", "h", Err(BadRequest::Method("get".to_owned()))),
            ("OPTIONS", "*", "h", Err(BadRequest::NoPath("*".to_owned()))),
            ("POST", "*", "h", Err(BadRequest::Star)),
            ("GET", "a", "h", Err(BadRequest::Target("a".to_owned()))),
            ("GET", "/\u{e9}", "h", Err(BadRequest::TargetByte)),
            ("GET", "/a b", "h", Err(BadRequest::TargetByte)),
            ("GET", "/a", "a b", Err(BadRequest::Host("a b".to_owned()))),
            ("CONNECT", "/a", "h", Err(BadRequest::ConnectTarget("/a".to_owned()))),
            ("CONNECT", "h:99999", "h", Err(BadRequest::ConnectTarget("h:99999".to_owned()))),
            ("CONNECT", "u@h:80", "h", Err(BadRequest::ConnectTarget("u@h:80".to_owned()))),
            ("CONNECT", "h:80", "h", Ok(("h:80".to_owned(), None))),
        ];
        for (method, target, host, expected) in cases {
            assert_eq!(run(Version::Http1, method, target, host), expected, "{method} {target}");
        }
        let refused = |text: &str| Err(BadRequest::Http2(text.to_owned()));
        let cases = [
            ("get", "/a", "h", ok("h", "/a")),
            ("GET", "/\u{e9}", "h", ok("h", "/%C3%A9")),
            ("GET", "/a b", "h", refused("/a b")),
            ("GET", "a", "h", refused("a")),
            ("GET", "http://x/a", "h", refused("http://x/a")),
            ("GET", "/a", "a b", refused("a b")),
            ("GET", "/a", "u@h", refused("u@h")),
            ("GET", "*", "h", refused("*")),
            ("OPTIONS", "*", "h", Err(BadRequest::NoPath("*".to_owned()))),
        ];
        for (method, target, host, expected) in cases {
            assert_eq!(run(Version::Http2, method, target, host), expected, "HTTP/2 {method} {target}");
        }
    }
}
