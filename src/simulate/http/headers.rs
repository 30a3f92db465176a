//! Header edits of the connection manager, and the client address that follows from `x-forwarded-for`.

use std::net::IpAddr;

use crate::policy::Headers;
use crate::policy::Known;
use crate::simulate::http::BadRequest;
use crate::simulate::http::Incoming;
use crate::simulate::http::ManagerOptions;
use crate::simulate::http::Version;
use crate::simulate::http::host_of;
use crate::simulate::message::Message;

/// Headers the proxy keeps in one slot: repeated ones arrive as one value, joined by a comma without a space; empty ones leave no trace.
const MERGED: [&str; 22] = [
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-request-id",
    "x-client-trace-id",
    "user-agent",
    "content-type",
    "authorization",
    "accept",
    "accept-encoding",
    "origin",
    "referer",
    "via",
    "cache-control",
    "pragma",
    "expect",
    "if-none-match",
    "access-control-request-method",
    "grpc-timeout",
    "grpc-accept-encoding",
    "x-envoy-external-address",
    "x-envoy-original-path",
];

/// Meant for one hop; the proxy consumes them.
const HOP_BY_HOP: [&str; 5] = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// Instructions to the proxy that only an internal request may carry.
const INTERNAL_ONLY: [&str; 15] = [
    "x-envoy-retriable-status-codes",
    "x-envoy-retriable-header-names",
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-max-retries",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-force-trace",
    "x-envoy-ip-tags",
    "x-envoy-original-url",
    "x-envoy-hedge-on-per-try-timeout",
    "x-envoy-internal",
];

/// Edits the headers, fills in the scheme and returns the client's address.
pub(super) fn edit(incoming: &Incoming<'_>, options: ManagerOptions, message: &mut Message) -> Known<IpAddr> {
    let headers = &mut message.headers;
    if headers.iter().any(|(name, _)| is_edited(name)) {
        if incoming.version == Version::Http2 {
            join_cookies(headers);
        }
        merge(headers);
        strip(headers, incoming);
    }
    if let Some(certificate) = incoming.forwarded_certificate {
        forward_certificate(headers, certificate, options.gateway_trusted_proxies.is_some());
    }
    let remote_ip = remote_ip(headers, incoming, options);
    let from_connection = if incoming.is_tls { "https" } else { "http" };
    if options.gateway_trusted_proxies.is_some() {
        edit_at_gateway(headers, incoming, options, from_connection);
    } else if headers.first("x-forwarded-proto").is_none() {
        headers.append("x-forwarded-proto", from_connection);
    }
    let scheme = match headers.first("x-forwarded-proto") {
        Some(given) if incoming.version == Version::Http1 && is_scheme(given) => given,
        _ => from_connection,
    };
    message.scheme.clear();
    message.scheme.push_str(scheme);
    if message.headers.first("x-request-id").is_none() {
        message.headers.append("x-request-id", incoming.request_id);
    }
    remote_ip
}

fn is_scheme(text: &str) -> bool {
    text.eq_ignore_ascii_case("http") || text.eq_ignore_ascii_case("https")
}

fn edit_at_gateway(headers: &mut Headers, incoming: &Incoming<'_>, options: ManagerOptions, from_connection: &str) {
    let trusts_proxies = options.gateway_trusted_proxies.is_some_and(|count| count > 0);
    if !trusts_proxies || headers.first("x-forwarded-proto").is_none() {
        headers.set("x-forwarded-proto", from_connection);
    }
    if let Known::Yes(peer) = incoming.peer {
        let chain = headers.first("x-forwarded-for").map_or_else(|| peer.to_string(), |given| format!("{given},{peer}"));
        headers.set("x-forwarded-for", chain);
        if !is_private(peer) {
            headers.set("x-envoy-external-address", peer.to_string());
        }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    }
}

/// Most words of a `Connection` header.
const MOST_NOMINATED: usize = 9;
/// Longest `TE` that may be named there.
const LONGEST_TE: usize = 255;

/// Removes the headers that `Connection` names as meant for one hop (RFC 9110 section 7.6.1). Some are too dear to be taken away by whoever sends.
///
/// # Errors
/// The request is refused for what it names.
pub(super) fn remove_nominated(headers: &mut Headers) -> Result<(), BadRequest> {
    if headers.first("connection").is_none() {
        return Ok(());
    }
    let asks_http2 = headers.first("upgrade").is_some_and(|protocol| protocol.eq_ignore_ascii_case("h2c"));
    let whole = headers.values("connection").collect::<Vec<_>>().join(",").to_ascii_lowercase();
    let names: Vec<&str> = whole.split(',').filter(|name| !name.is_empty()).map(str::trim).collect();
    if names.len() > MOST_NOMINATED {
        return Err(BadRequest::Nominated(format!("{} headers", names.len())));
    }
    for name in names {
        match name {
            "x-forwarded-for" | "x-forwarded-host" | "x-forwarded-proto" => {
                return Err(BadRequest::Nominated(format!("`{name}`")));
            }
            _ if name.starts_with(':') => return Err(BadRequest::Nominated(format!("`{name}`"))),
            "te" if headers.first(name).is_some_and(|te| te.len() > LONGEST_TE) => {
                return Err(BadRequest::Nominated("a long `te`".to_owned()));
            }
            "host" => return Err(BadRequest::MissingHost),
            // These are looked at by themselves.
            "te" | "close" | "keep-alive" | "upgrade" | "connection" => {}
            "http2-settings" if !asks_http2 => {}
            _ => drop(headers.remove(name)),
        }
    }
    Ok(())
}

/// Whether [`merge`] or [`strip`] could do something to a header of this name.
fn is_edited(name: &str) -> bool {
    matches!(name, "host" | "te" | "cookie" | "x-forwarded-client-cert")
        || MERGED.contains(&name)
        || HOP_BY_HOP.contains(&name)
        || INTERNAL_ONLY.contains(&name)
}

/// HTTP/2 may carry one cookie header in crumbs (RFC 9113 8.2.3); the proxy joins them, and drops what stays empty.
fn join_cookies(headers: &mut Headers) {
    if headers.first("cookie").is_none() {
        return;
    }
    let mut whole = String::new();
    for crumb in headers.values("cookie") {
        if !whole.is_empty() {
            whole.push_str("; ");
        }
        whole.push_str(crumb);
    }
    headers.remove("cookie");
    if !whole.is_empty() {
        headers.append("cookie", whole);
    }
}

/// A sidecar appends the caller's certificate to what the caller sent, a gateway replaces it.
fn forward_certificate(headers: &mut Headers, certificate: &str, replaces: bool) {
    let text = match headers.first("x-forwarded-client-cert") {
        Some(given) if !replaces => format!("{given},{certificate}"),
        _ => certificate.to_owned(),
    };
    headers.set("x-forwarded-client-cert", text);
}

fn merge(headers: &mut Headers) {
    for name in MERGED {
        if headers.values(name).nth(1).is_some() {
            let joined = headers.values(name).filter(|value| !value.is_empty()).collect::<Vec<_>>().join(",");
            headers.set(name, joined);
        }
    }
}

fn strip(headers: &mut Headers, incoming: &Incoming<'_>) {
    for name in HOP_BY_HOP.iter().chain(&INTERNAL_ONLY) {
        headers.remove(name);
    }
    headers.remove("host");
    let te_is_trailers = headers.first("te").is_some_and(|te| te.split(',').any(|part| part.trim() == "trailers"));
    if te_is_trailers {
        headers.set("te", "trailers");
    } else {
        headers.remove("te");
    }
    if !incoming.is_mutual {
        headers.remove("x-forwarded-client-cert");
    }
    if headers.first("referer").is_some_and(|referer| !is_url(referer)) {
        headers.remove("referer");
    }
}

/// Whether Envoy reads a text as a URL: a path, or a scheme, a plain host, a port and a path, all of visible ASCII without a
/// fragment. A `referer` that is none is removed.
fn is_url(text: &str) -> bool {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#') {
        return false;
    }
    if text.starts_with('/') {
        return true;
    }
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let is_scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    if !scheme.starts_with(|first: char| first.is_ascii_alphabetic()) || !scheme.bytes().all(is_scheme_byte) {
        return false;
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    !authority.contains('@') && host_of(authority).is_some()
}

/// At a sidecar the last entry of `x-forwarded-for`, at a gateway the one its trusted proxies vouch for; else the connection's peer.
fn remote_ip(headers: &Headers, incoming: &Incoming<'_>, options: ManagerOptions) -> Known<IpAddr> {
    let position = match options.gateway_trusted_proxies {
        None => 0,
        Some(0) => return incoming.peer,
        Some(count) => (count - 1) as usize,
    };
    let entry = headers.first("x-forwarded-for").and_then(|chain| chain.rsplit(',').nth(position));
    match entry.and_then(|text| text.trim().parse::<IpAddr>().ok()) {
        Some(address) => Known::Yes(address),
        None => incoming.peer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::kinds::PathNormalization;

    fn incoming() -> Incoming<'static> {
        Incoming {
            version: Version::Http1,
            method: "GET",
            target: "/",
            host: "h",
            scheme: None,
            peer: Known::Yes("10.0.0.9".parse().unwrap()),
            is_tls: false,
            is_mutual: false,
            forwarded_certificate: None,
            request_id: crate::simulate::http::UNKNOWN_REQUEST_ID,
        }
    }

    fn remote(chain: &str, trusted: Option<u32>) -> Known<IpAddr> {
        let mut message = Message::default();
        if !chain.is_empty() {
            message.headers.append("X-Forwarded-For", chain);
        }
        let incoming = incoming();
        edit(&incoming, ManagerOptions { normalization: PathNormalization::Base, gateway_trusted_proxies: trusted }, &mut message)
    }

    #[test]
    fn cookie_crumbs_of_http2_are_one_header() {
        for (version, crumbs, expected) in [
            (Version::Http2, &["a=1", "b=2"][..], Some("a=1; b=2")),
            (Version::Http2, &["", "b=2"], Some("b=2")),
            (Version::Http2, &[""], None),
            (Version::Http1, &["a=1", "b=2"], Some("a=1")),
        ] {
            let mut message = Message::default();
            for crumb in crumbs {
                message.headers.append("cookie", *crumb);
            }
            let incoming = Incoming { version, ..incoming() };
            edit(
                &incoming,
                ManagerOptions { normalization: PathNormalization::Base, gateway_trusted_proxies: None },
                &mut message,
            );
            assert_eq!(message.headers.first("cookie"), expected, "{version:?} {crumbs:?}");
        }
    }

    #[test]
    fn a_referer_that_is_no_url_is_removed() {
        for (referer, stays) in [
            ("https://shop.example/a?b", true),
            ("h+t-t.p1://a:080?x", true),
            ("https://a/b\"<c\\|^`{%", true),
            ("https://[::ffff:1.2.3.4]:1", true),
            ("https://.a..b-", true),
            ("/a", true),
            ("//a", true),
            ("https://shop.example,", false),
            ("https://shop.example:", false),
            ("https://shop.example:99999", false),
            ("https://a:80:90", false),
            ("https://user@a", false),
            ("https://a_b", false),
            ("https://a%2Eb", false),
            ("https://a#f", false),
            ("https://a/b c", false),
            ("https://a/\u{e9}", false),
            ("https://[::1", false),
            ("https:///a", false),
            ("1tp://a", false),
            ("shop.example", false),
            ("", false),
        ] {
            assert_eq!(is_url(referer), stays, "{referer}");
        }
    }

    #[test]
    fn what_connection_names_is_removed_but_for_what_others_rely_on() {
        let after = |connection: &str| {
            let mut headers = Headers::default();
            for (name, value) in
                [("connection", connection), ("x-a", "1"), ("authorization", "x"), ("te", "trailers"), ("x_b", "2")]
            {
                headers.append(name, value);
            }
            remove_nominated(&mut headers).map(|()| headers.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>().join(" "))
        };
        let names = |count: usize| vec!["x-a"; count].join(",");
        for (connection, expected) in [
            ("close", Ok("connection x-a authorization te x_b")),
            ("X-A, close", Ok("connection authorization te x_b")),
            (",, authorization ,x_b", Ok("connection x-a te")),
            ("te, x a", Ok("connection x-a authorization te x_b")),
            (&names(9), Ok("connection authorization te x_b")),
            (&names(10), Err(BadRequest::Nominated("10 headers".to_owned()))),
            (":path", Err(BadRequest::Nominated("`:path`".to_owned()))),
            ("x-forwarded-for", Err(BadRequest::Nominated("`x-forwarded-for`".to_owned()))),
            ("host", Err(BadRequest::MissingHost)),
        ] {
            assert_eq!(after(connection), expected.map(str::to_owned), "{connection}");
        }
    }

    #[test]
    fn headers_of_one_slot_are_joined() {
        for (values, expected) in [(&["a", "b"][..], "a,b"), (&["b", ""], "b"), (&["", "b"], "b"), (&["", ""], "")] {
            let mut message = Message::default();
            for value in values {
                message.headers.append("cache-control", *value);
            }
            edit(
                &incoming(),
                ManagerOptions { normalization: PathNormalization::Base, gateway_trusted_proxies: None },
                &mut message,
            );
            assert_eq!(message.headers.values("cache-control").collect::<Vec<_>>(), [expected], "{values:?}");
        }
    }

    #[test]
    fn the_callers_certificate_is_forwarded() {
        for (trusted, expected) in [(None, "old,By=a;URI=b"), (Some(0), "By=a;URI=b")] {
            let mut message = Message::default();
            message.headers.append("x-forwarded-client-cert", "old");
            let incoming = Incoming { is_mutual: true, forwarded_certificate: Some("By=a;URI=b"), ..incoming() };
            edit(
                &incoming,
                ManagerOptions { normalization: PathNormalization::Base, gateway_trusted_proxies: trusted },
                &mut message,
            );
            assert_eq!(message.headers.first("x-forwarded-client-cert"), Some(expected), "{trusted:?}");
        }
    }

    #[test]
    fn client_address() {
        for (chain, trusted, expected) in [
            ("", None, "10.0.0.9"),
            ("203.0.113.7", None, "203.0.113.7"),
            ("203.0.113.7, 198.51.100.1", None, "198.51.100.1"),
            ("203.0.113.7:443", None, "10.0.0.9"),
            ("203.0.113.7, unknown", None, "10.0.0.9"),
            ("203.0.113.7", Some(0), "10.0.0.9"),
            ("203.0.113.7, 198.51.100.1", Some(1), "198.51.100.1"),
            ("203.0.113.7, 198.51.100.1", Some(2), "203.0.113.7"),
            ("203.0.113.7", Some(2), "10.0.0.9"),
        ] {
            assert_eq!(remote(chain, trusted), Known::Yes(expected.parse().unwrap()), "{chain} {trusted:?}");
        }
    }
}
