//! Requests that are not as HTTP/1.1 wants them, byte for byte to the real Envoy (`ENVOY_BIN`) and to the proxy: refused or accepted alike, but for
//! the differences that are listed here with their reason. None of them lets a request past the rules: what is accepted is framed anew.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::time::Duration;

use crate::agree::Sides;
use crate::agree::skipped;
use crate::application;
use crate::application::Speech;
use crate::client;
use crate::material::Authority;
use crate::mesh;

const CHUNKED_WINS: Option<&str> = Some("chunked wins and the length is taken away, so both sides read the same; Envoy refuses");

/// Follows every request, so that what is left of it shows.
const SECOND: &str = "GET /second HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n";

/// Why an outcome is another than Envoy's.
const BARE_400: &str = "the library answers what is no request with 400 and no body";

/// The same where Envoy takes it.
const STRICTER: &str = "the library takes no such spelling, which Envoy does";
/// The same where Envoy says more of it.
const OTHER_STATUS: &str = "the library has 400 for whatever it does not read, Envoy 426 for versions and 501 for codings";

/// Name, bytes, and the reason of a difference where there is one.
fn corpus() -> Vec<(String, String, Option<&'static str>)> {
    let mut cases: Vec<(String, String, Option<&'static str>)> = Vec::new();
    let mut add = |name: &str, bytes: &str, why: Option<&'static str>| cases.push((name.to_owned(), bytes.to_owned(), why));
    let get = |line: &str, headers: &str| format!("{line}\r\nhost: web\r\n{headers}\r\n");
    let post = |headers: &str, body: &str| format!("POST /a HTTP/1.1\r\nhost: web\r\n{headers}\r\n{body}");
    for (name, line, why) in [
        ("plain", "GET /a HTTP/1.1", None),
        ("two spaces", "GET  /a HTTP/1.1", Some(STRICTER)),
        ("tab", "GET\t/a HTTP/1.1", Some(STRICTER)),
        ("no version", "GET /a", Some(OTHER_STATUS)),
        ("http/1.0", "GET /a HTTP/1.0", None),
        ("http/1.2", "GET /a HTTP/1.2", Some(OTHER_STATUS)),
        ("http/0.9", "GET /a HTTP/0.9", Some(OTHER_STATUS)),
        ("lower case version", "GET /a http/1.1", Some(BARE_400)),
        ("lower case method", "get /a HTTP/1.1", None),
        ("unknown method", "FOO /a HTTP/1.1", None),
        ("method with a bad byte", "G@T /a HTTP/1.1", Some(BARE_400)),
        ("relative target", "GET a HTTP/1.1", None),
        ("empty target", "GET  HTTP/1.1", Some(BARE_400)),
        ("target with a space", "GET /a b HTTP/1.1", Some(BARE_400)),
        ("target with a quote", "GET /a\"b HTTP/1.1", None),
        ("target with an angle", "GET /a<b HTTP/1.1", Some("the library's targets have no such byte")),
        ("target with a backtick", "GET /a`b HTTP/1.1", Some("the library's targets have no such byte")),
        ("target with a caret", "GET /a^b HTTP/1.1", None),
        ("target with a brace", "GET /a{b} HTTP/1.1", None),
        ("target with a pipe", "GET /a|b HTTP/1.1", None),
        ("target beyond ASCII", "GET /\u{e9} HTTP/1.1", None),
        ("target with DEL", "GET /a\u{7f}b HTTP/1.1", Some(BARE_400)),
        ("target with a fragment", "GET /a#b HTTP/1.1", None),
        ("escaped nul", "GET /a%00b HTTP/1.1", None),
        ("star", "GET * HTTP/1.1", None),
        ("options star", "OPTIONS * HTTP/1.1", None),
        ("absolute", "GET http://other/a HTTP/1.1", None),
        ("absolute without a host", "GET http:///a HTTP/1.1", Some(BARE_400)),
        ("absolute of another scheme", "GET ftp://other/a HTTP/1.1", None),
        ("connect", "CONNECT web:80 HTTP/1.1", None),
        ("connect to a path", "CONNECT /a HTTP/1.1", None),
    ] {
        add(name, &get(line, ""), why);
    }
    for (name, headers, why) in [
        ("space before the colon", "x-a : b\r\n", Some(BARE_400)),
        ("no colon", "x-a b\r\n", Some(BARE_400)),
        ("empty name", ": b\r\n", Some(BARE_400)),
        ("name with a space", "x a: b\r\n", Some(BARE_400)),
        ("name with a bad byte", "x@a: b\r\n", Some(BARE_400)),
        ("name with an underscore", "x_a: b\r\n", None),
        ("folded", "x-a: b\r\n c\r\n", Some(STRICTER)),
        ("folded by a tab", "x-a: b\r\n\tc\r\n", Some(STRICTER)),
        ("nul in a value", "x-a: b\0c\r\n", Some(BARE_400)),
        ("bare CR in a value", "x-a: b\rc\r\n", Some(STRICTER)),
        ("bare CR before the name", "\rx-a: b\r\n", Some(BARE_400)),
        ("bare LF", "x-a: b\n", None),
        ("control in a value", "x-a: b\u{1}c\r\n", Some(BARE_400)),
        ("tab in a value", "x-a: b\tc\r\n", None),
        ("value beyond ASCII", "x-a: \u{e9}\r\n", None),
        ("empty value", "x-a:\r\n", None),
        ("second host", "host: other\r\n", None),
        ("too many headers", &"x-a: b\r\n".repeat(120), Some("the library answers 431 and no body")),
    ] {
        add(name, &get("GET /a HTTP/1.1", headers), why);
    }
    add("no host", "GET /a HTTP/1.1\r\n\r\n", None);
    add("empty host", "GET /a HTTP/1.1\r\nhost:\r\n\r\n", None);
    add("bad host", "GET /a HTTP/1.1\r\nhost: a b\r\n\r\n", None);
    add("LF only", "GET /a HTTP/1.1\nhost: web\n\n", None);
    add("empty lines first", "\r\n\r\nGET /a HTTP/1.1\r\nhost: web\r\n\r\n", None);
    add("not HTTP", "\u{1}\u{2}\u{3}\u{4}\r\n\r\n", Some(BARE_400));
    let both = "content-length: 4\r\ntransfer-encoding: chunked\r\n";
    for (name, headers, body, why) in [
        ("length and chunked", both, "0\r\n\r\n", CHUNKED_WINS),
        ("chunked and length", "transfer-encoding: chunked\r\ncontent-length: 4\r\n", "0\r\n\r\n", CHUNKED_WINS),
        ("two lengths", "content-length: 1\r\ncontent-length: 2\r\n", "ab", Some(BARE_400)),
        (
            "the same length twice",
            "content-length: 1\r\ncontent-length: 1\r\n",
            "a",
            Some("one length is one length; Envoy refuses"),
        ),
        ("a list of lengths", "content-length: 1, 1\r\n", "a", Some(BARE_400)),
        ("negative length", "content-length: -1\r\n", "", Some(BARE_400)),
        ("length with a plus", "content-length: +1\r\n", "a", Some(BARE_400)),
        ("length in hex", "content-length: 0x1\r\n", "a", Some(BARE_400)),
        ("empty length", "content-length:\r\n", "", Some(BARE_400)),
        ("huge length", "content-length: 99999999999999999999999\r\n", "", Some(BARE_400)),
        ("unknown coding", "transfer-encoding: gzip\r\n", "", Some(OTHER_STATUS)),
        ("identity", "transfer-encoding: identity\r\n", "", Some(OTHER_STATUS)),
        ("chunked then gzip", "transfer-encoding: chunked, gzip\r\n", "0\r\n\r\n", Some(OTHER_STATUS)),
        ("gzip then chunked", "transfer-encoding: gzip, chunked\r\n", "0\r\n\r\n", None),
        ("chunked twice", "transfer-encoding: chunked, chunked\r\n", "0\r\n\r\n", None),
        ("chunked in capitals", "transfer-encoding: CHUNKED\r\n", "0\r\n\r\n", None),
        ("chunked after VT", "transfer-encoding: \u{b}chunked\r\n", "0\r\n\r\n", Some(BARE_400)),
        ("chunks", "transfer-encoding: chunked\r\n", "1\r\na\r\n0\r\n\r\n", None),
        ("chunk extension", "transfer-encoding: chunked\r\n", "1;x=y\r\na\r\n0\r\n\r\n", None),
        ("trailer", "transfer-encoding: chunked\r\n", "1\r\na\r\n0\r\nx-t: 1\r\n\r\n", None),
        ("chunk size in capitals", "transfer-encoding: chunked\r\n", "A\r\n0123456789\r\n0\r\n\r\n", None),
        ("chunk size of zeros", "transfer-encoding: chunked\r\n", "0000001\r\na\r\n0\r\n\r\n", None),
    ] {
        add(name, &post(headers, body), why);
    }
    cases
}

/// Everything that came back, as statuses; for those the application answered, what it was asked.
fn outcome(address: SocketAddr, first: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(1500))).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    let _ = stream.write_all(request.as_bytes());
    let _ = stream.write_all(SECOND.as_bytes());
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let ending = loop {
        match stream.read(&mut chunk) {
            Ok(0) => break "end",
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => break "waits",
            Err(_) => break "end",
        }
    };
    let mut told = Vec::new();
    let mut rest = &bytes[..];
    while let Some(answer) = client::answer(rest, false, true) {
        let asked = serde_json::from_str::<serde_json::Value>(&answer.body).ok();
        let asked = asked.map(|asked| format!(" {} [{}]", asked["request"], asked["body"]));
        told.push(format!("{}{}", answer.status, asked.unwrap_or_else(|| answer.body.clone())));
        let head = rest.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
        let length = answer.headers.get("content-length").map_or(rest.len() - head, |length| length.parse().unwrap());
        rest = rest.get(head + length..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
    }
    format!("{} {ending}", told.join(", "))
}

#[test]
fn what_is_not_http_is_refused_as_envoy_refuses_it() {
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped("what_is_not_http_is_refused_as_envoy_refuses_it") };
    let folder = tempfile::tempdir().unwrap();
    let certificates = folder.path().join("certs");
    fs::create_dir(&certificates).unwrap();
    let authority = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
    let server = authority.issue("spiffe://cluster.local/ns/shop/sa/server");
    fs::write(certificates.join("cert-chain.pem"), &server.chain).unwrap();
    fs::write(certificates.join("key.pem"), &server.key).unwrap();
    fs::write(certificates.join("root-cert.pem"), authority.bundle()).unwrap();
    let port = application::listen(Speech::Http);
    let text = mesh::workload(&[("http", port)]) + &mesh::mode("DISABLE");
    let sides = Sides::start(&program, folder.path(), &text, &[port]);
    let first = format!("PROXY TCP4 10.1.2.3 10.0.0.1 40000 {port}\r\n");
    let mut wrong = Vec::new();
    let cases = corpus();
    for (name, bytes, why) in &cases {
        let of_envoy = outcome(sides.envoy, &first, bytes);
        let of_proxy = outcome(sides.proxy.address(port), &first, bytes);
        let is_as_listed = match *why {
            None => of_envoy == of_proxy,
            Some(BARE_400) => of_envoy == "400Bad Request end" && of_proxy == "400 end",
            Some(STRICTER) => of_envoy.starts_with("200 ") && of_proxy == "400 end",
            Some(OTHER_STATUS) => matches!(&of_envoy[..3], "426" | "501") && of_proxy == "400 end",
            Some(_) => of_envoy != of_proxy,
        };
        if !is_as_listed {
            wrong.push(format!("{name}: envoy `{of_envoy}`, proxy `{of_proxy}`, listed as {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
