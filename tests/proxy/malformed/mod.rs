//! Requests that are not as HTTP wants them, byte for byte to the real Envoy (`ENVOY_BIN`) and to the proxy: answered alike, passed on to the
//! application alike, but for the differences that [`differences`] lists with their reason.

mod chunks;
mod differences;
mod fields;
pub(crate) mod frames;
mod framing;
mod headers;
mod lines;
mod whole;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::agree::Sides;
use crate::agree::skipped;
use crate::application;
use crate::application::Speech;
use crate::client;
use crate::material::Authority;
use crate::mesh;

/// Follows every request, so that what is left of it shows.
const SECOND: &str = "GET /second HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n";
/// How long silence is waited through.
const SILENCE: Duration = Duration::from_millis(2500);
/// Cases under way at once.
const AT_ONCE: usize = 24;
/// Fewer are not a corpus.
const FEWEST: usize = 300;

/// What is sent, and how its answer is read.
struct Case {
    name: String,
    bytes: Vec<u8>,
    tells: fn(&[u8]) -> String,
}

fn http1(group: &str, name: &str, parts: &[&[u8]]) -> Case {
    Case { name: format!("{group}: {name}"), bytes: [&parts.concat()[..], SECOND.as_bytes()].concat(), tells: tell_http1 }
}

fn corpus() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut line = |name: &str, bytes: &[u8]| cases.push(http1("line", name, &[bytes, b"\r\nhost: web\r\n\r\n"]));
    for (name, bytes) in lines::LINES {
        line(name, bytes);
    }
    line("a long method", &[&[b'A'; 300][..], b" /a HTTP/1.1"].concat());
    line("a long target", &[b"GET /", &[b'a'; 20_000][..], b" HTTP/1.1"].concat());
    line("a target longer than a head may be", &[b"GET /", &[b'a'; 70_000][..], b" HTTP/1.1"].concat());
    let mut header =
        |name: &str, bytes: &[u8]| cases.push(http1("header", name, &[b"GET /a HTTP/1.1\r\nhost: web\r\n", bytes, b"\r\n"]));
    for (name, bytes) in headers::HEADERS {
        header(name, bytes);
    }
    for count in [98, 99, 100, 101, 1000] {
        let lines: String = (0..count).map(|index| format!("x-{index}: b\r\n")).collect();
        header(&format!("{count} headers and the host"), lines.as_bytes());
    }
    header("one header 120 times", &b"x-a: b\r\n".repeat(120));
    let before = "GET /a HTTP/1.1\r\nhost: web\r\nx-a: \r\n\r\n".len();
    for total in [50_000, 61_440, 61_441, 100_000] {
        header(&format!("a head of {total} bytes"), format!("x-a: {}\r\n", "b".repeat(total - before)).as_bytes());
    }
    for length in [20_000, 70_000] {
        header(&format!("a name of {length} bytes"), format!("{}: b\r\n", "x".repeat(length)).as_bytes());
    }
    for (name, headers, body) in framing::FRAMING {
        cases.push(http1("framing", name, &[b"POST /a HTTP/1.1\r\nhost: web\r\n", headers, b"\r\n", body]));
    }
    let mut chunked = |name: &str, body: &[u8]| {
        cases.push(http1("chunks", name, &[b"POST /a HTTP/1.1\r\nhost: web\r\ntransfer-encoding: chunked\r\n\r\n", body]));
    };
    for (name, body) in chunks::CHUNKS {
        chunked(name, body);
    }
    for length in [5_000, 70_000] {
        chunked(&format!("an extension of {length} bytes"), format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(length)).as_bytes());
    }
    chunked("120 trailers", format!("0\r\n{}\r\n", "x-t: 1\r\n".repeat(120)).as_bytes());
    chunked("a trailer of 70000 bytes", format!("0\r\nx-t: {}\r\n\r\n", "a".repeat(70_000)).as_bytes());
    chunked("a large chunk", format!("4000\r\n{}\r\n0\r\n\r\n", "a".repeat(0x4000)).as_bytes());
    chunked("much behind the data", format!("1\r\na{}\r\n0\r\n\r\n", "x".repeat(200_000)).as_bytes());
    for (name, bytes) in whole::WHOLE {
        cases.push(http1("whole", name, &[bytes]));
    }
    for (name, bytes) in frames::cases() {
        let settings = [frames::frame(4, 0, 0, b""), frames::frame(4, 1, 0, b"")].concat();
        let bytes = [frames::PREFACE, &settings, &bytes, &frames::request(101)].concat();
        cases.push(Case { name: format!("http2: {name}"), bytes, tells: tell_http2 });
    }
    cases
}

/// What the application was asked, where it answered.
fn asked(body: &str) -> String {
    let Ok(mut told) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    if let Some(headers) = told["headers"].as_array_mut() {
        headers.retain(|header| header[0] != "x-request-id");
    }
    told.to_string()
}

fn tell_http1(bytes: &[u8]) -> String {
    let mut told = Vec::new();
    let mut rest = bytes;
    loop {
        // Who asks whether to go on may be told so before the answer.
        rest = rest.strip_prefix(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(rest);
        let Some(answer) = client::answer(rest, false, true) else { break };
        let facts = ["connection", "content-type"].map(|name| answer.headers.get(name).cloned().unwrap_or_default());
        told.push(format!("{} [{}] {}", answer.status, facts.join(" ").trim(), asked(&answer.body)));
        let head = rest.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
        let length = answer.headers.get("content-length").map_or(rest.len() - head, |length| length.parse().unwrap());
        rest = rest.get(head + length..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
    }
    told.join(", ")
}

fn tell_http2(bytes: &[u8]) -> String {
    let mut streams = BTreeMap::<u32, (String, Vec<u8>)>::new();
    for (kind, _, number, payload) in frames::split(bytes) {
        let stream = streams.entry(number).or_default();
        match kind {
            0 => stream.1.extend_from_slice(payload),
            1 if stream.0.is_empty() => stream.0 = frames::status(payload),
            3 => stream.0.push_str(" reset"),
            _ => {}
        }
    }
    streams.remove(&0);
    let tell = |(number, (status, body)): (u32, (String, Vec<u8>))| {
        format!("{number}: {status} {}", asked(&String::from_utf8_lossy(&body)))
    };
    streams.into_iter().map(tell).collect::<Vec<_>>().join(", ")
}

/// Everything that came back, and whether the connection ended.
fn outcome(address: SocketAddr, first: &str, case: &Case) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(SILENCE)).unwrap();
    stream.set_write_timeout(Some(SILENCE)).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    // Who refuses may end the connection before everything was sent.
    let _ = stream.write_all(&case.bytes);
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    let ending = loop {
        match stream.read(&mut chunk) {
            Ok(0) => break "end",
            Ok(length) => bytes.extend_from_slice(&chunk[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break "waits",
            Err(_) => break "end",
        }
    };
    let _ = stream.shutdown(Shutdown::Both);
    format!("{} {ending}", (case.tells)(&bytes))
}

#[test]
fn what_is_not_http_is_answered_as_envoy_answers_it() {
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped("what_is_not_http_is_answered_as_envoy_answers_it") };
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
    let (cases, proxy) = (corpus(), sides.proxy.address(port));
    let mut differing = BTreeMap::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|worker| {
                let (cases, first, envoy) = (&cases, &first, sides.envoy);
                scope.spawn(move || {
                    let own = cases.iter().skip(worker).step_by(AT_ONCE);
                    own.map(|case| (case.name.as_str(), outcome(envoy, first, case), outcome(proxy, first, case)))
                        .filter(|(_, of_envoy, of_proxy)| of_envoy != of_proxy)
                        .map(|(name, of_envoy, of_proxy)| (name, (of_envoy, of_proxy)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        for worker in workers {
            differing.extend(worker.join().unwrap());
        }
    });
    assert!(cases.len() >= FEWEST, "{} cases", cases.len());
    let mut wrong = differences::judge(&cases.iter().map(|case| case.name.as_str()).collect(), &differing);
    let mut seen = BTreeMap::new();
    for case in &cases {
        if let Some(other) = seen.insert(&case.bytes, &case.name) {
            wrong.push(format!("{}: the same bytes as {other}", case.name));
        }
    }
    eprintln!("{} cases, {} answered as Envoy answers them", cases.len(), cases.len() - differing.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
