//! Who may ask. A page of another site can make a browser send requests here, also under a name that it lets point here.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::Method;
use hyper::header::CONTENT_TYPE;
use hyper::header::HOST;
use hyper::header::ORIGIN;

/// Why a request is not looked at: status and words.
pub(super) type Refused = (u16, &'static str);

/// Whether a request is one that its user meant.
///
/// A name that a stranger lets point here cannot be told from ours, so only addresses and `localhost` are taken. What acts comes from a
/// page of ours, or from a program, which sends no `Origin`; in either case as JSON, which no form can send.
pub(super) fn check(method: &Method, headers: &HeaderMap) -> Result<(), Refused> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    if hosts.next().is_some() || !is_ours(host) {
        return Err((421, "the host is not an address and not `localhost`: open this page by its address"));
    }
    if [Method::GET, Method::HEAD].contains(method) {
        return Ok(());
    }
    if method != Method::POST {
        return Err((405, "only GET, HEAD and POST are answered"));
    }
    if text(ORIGIN.as_str()).is_some_and(|origin| origin != format!("http://{host}")) {
        return Err((403, "the request comes from a page of another origin"));
    }
    if text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err((403, "the request comes from a page of another site"));
    }
    if text(CONTENT_TYPE.as_str()).is_none_or(|kind| kind.split(';').next() != Some("application/json")) {
        return Err((415, "send JSON, and say so in `content-type`"));
    }
    Ok(())
}

fn is_ours(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_addresses_and_localhost_name_this_machine() {
        for (host, expected) in [
            ("127.0.0.1:15000", true),
            ("127.0.0.1", true),
            ("[::1]:15000", true),
            ("localhost:15000", true),
            ("LOCALHOST", true),
            ("10.1.2.3:80", true),
            ("evil.example:15000", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example:15000", false),
            ("127.0.0.1:15000:1", false),
            ("", false),
        ] {
            assert_eq!(check(&Method::GET, &headers(&[("host", host)])).is_ok(), expected, "{host}");
        }
        assert_eq!(check(&Method::GET, &headers(&[])).unwrap_err().0, 421);
        assert_eq!(check(&Method::GET, &headers(&[("host", "localhost"), ("host", "localhost")])).unwrap_err().0, 421);
    }

    #[test]
    fn what_acts_comes_from_here_or_from_no_page() {
        let json = ("content-type", "application/json");
        let host = ("host", "127.0.0.1:15000");
        for (method, pairs, expected) in [
            (Method::POST, vec![host, json], 200),
            (Method::POST, vec![host, json, ("origin", "http://127.0.0.1:15000"), ("sec-fetch-site", "same-origin")], 200),
            (Method::POST, vec![host, ("content-type", "application/json; charset=utf-8")], 200),
            (Method::POST, vec![host, json, ("origin", "http://evil.example")], 403),
            (Method::POST, vec![host, json, ("origin", "http://127.0.0.1:15001")], 403),
            (Method::POST, vec![host, json, ("origin", "https://127.0.0.1:15000")], 403),
            (Method::POST, vec![host, json, ("origin", "null")], 403),
            (Method::POST, vec![host, json, ("sec-fetch-site", "cross-site")], 403),
            (Method::POST, vec![host, json, ("sec-fetch-site", "same-site")], 403),
            (Method::POST, vec![host, ("content-type", "text/plain")], 415),
            (Method::POST, vec![host, ("content-type", "application/jsonp")], 415),
            (Method::POST, vec![host], 415),
            (Method::POST, vec![("host", "evil.example"), json], 421),
            (Method::PUT, vec![host, json], 405),
            (Method::OPTIONS, vec![host, ("origin", "http://evil.example")], 405),
            (Method::GET, vec![host, ("origin", "http://evil.example")], 200),
        ] {
            let status = check(&method, &headers(&pairs)).err().map_or(200, |(status, _)| status);
            assert_eq!(status, expected, "{method} {pairs:?}");
        }
    }
}
