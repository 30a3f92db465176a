//! The server as its clients see it.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::TcpStream;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::sys::signal::Signal;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use serde_json::Value;

use crate::jwk::P256;
use crate::jwk::SECRET;
use crate::run::Folder;

struct Server {
    process: Child,
    address: String,
    first_line: String,
}

impl Server {
    fn start(folder: &Folder, more: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(["jwk", "serve", "--dir", "keys", "--listen", "127.0.0.1:0"])
            .args(more)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first_line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut first_line).unwrap();
        let address = first_line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Self { process, address, first_line }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// The answer to these bytes.
    fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // An answer may come before everything is sent.
        let _ = stream.write_all(request);
        let _ = stream.shutdown(Shutdown::Write);
        read(&mut stream)
    }

    fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        self.raw(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// Asks to end and returns the exit code and standard error.
    fn stop(mut self) -> (Option<i32>, String) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).unwrap()), Signal::SIGTERM).unwrap();
        let code = self.process.wait().unwrap().code();
        let mut text = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (code, text)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A connection that is reset after the answer is no loss.
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

fn folder() -> Folder {
    let folder = Folder::with(&[]);
    assert_eq!(folder.run(&["jwk", "generate", "--alg", "ES256", "--kid", "k1", "--out", "keys"]).code, 0);
    folder
}

#[test]
fn what_is_not_served() {
    let folder = folder();
    folder.write("other.json", format!(r#"{{"keys":[{P256}]}}"#).as_bytes());
    for (arguments, code, wanted) in [
        (&["--dir", "keys", "--listen", "0.0.0.0:0"][..], 2, "other machines can reach 0.0.0.0:0"),
        (&["--dir", "keys", "--listen", "[::]:0"], 2, "other machines can reach [::]:0"),
        (&["--dir", "keys", "--listen", "8081"], 2, "`--listen 8081`"),
        (&["--dir", "nowhere"], 2, "cannot read `nowhere`"),
        (&["--dir", "keys", "--issuer", "issuer.example"], 2, "no address that keys can be found under"),
        (&["--dir", "keys", "--issuer", "https://a/?b"], 2, "no address that keys can be found under"),
        (&["--dir", "keys", "--max-age", "soon"], 2, "--max-age"),
        (&["--dir", "keys", "--listen", "192.0.2.1:80", "--allow-remote"], 3, "cannot listen on `192.0.2.1:80`"),
    ] {
        let ran = folder.run(&[&["jwk", "serve"], arguments].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(wanted), "{arguments:?}: {}", ran.err);
    }
    let private = Folder::with(&[("keys/jwks.json", &format!(r#"{{"keys":[{P256}]}}"#))]);
    let ran = private.run(&["jwk", "serve", "--dir", "keys", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("it holds private members"), "{}", ran.err);
}

#[test]
fn the_set_and_the_discovery_document() {
    let folder = folder();
    let server = Server::start(&folder, &["--max-age", "10s"]);
    assert!(server.first_line.starts_with("serving 1 key of keys on http://127.0.0.1:"), "{}", server.first_line);
    let answers = ["/jwks.json", "/.well-known/jwks.json", "/jwks.json?x=1", "http://x/jwks.json"].map(|path| server.get(path));
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (200, &answers[0].body), "{answer:?}");
        assert_eq!(answer.json()["keys"][0]["kid"], "k1");
        assert_eq!(answer.header("Cache-Control"), Some("public, max-age=10"));
        assert_eq!(answer.header("Content-Type"), Some("application/jwk-set+json"));
        assert_eq!(answer.header("Content-Length").unwrap(), answer.body.len().to_string());
    }
    let discovery = server.get("/.well-known/openid-configuration").json();
    assert_eq!(discovery["issuer"], format!("http://{}", server.address));
    assert_eq!(discovery["jwks_uri"], format!("http://{}/jwks.json", server.address));
    assert_eq!(discovery["id_token_signing_alg_values_supported"], serde_json::json!(["ES256"]));
    let (code, log) = server.stop();
    assert_eq!(code, Some(0));
    assert!(log.contains("GET /jwks.json 200\n"), "{log}");
}

#[test]
fn an_issuer_with_a_path_is_found_below_it() {
    let server = Server::start(&folder(), &["--issuer", "https://issuer.example/realms/a/"]);
    let discovery = server.get("/realms/a/.well-known/openid-configuration").json();
    assert_eq!(discovery["issuer"], "https://issuer.example/realms/a/");
    assert_eq!(discovery["jwks_uri"], "https://issuer.example/realms/a/jwks.json");
    assert_eq!(server.get("/realms/a/jwks.json").status, 200);
    assert_eq!(server.get("/jwks.json").status, 200);
    assert_eq!(server.get("/realms/ajwks.json").status, 404);
}

#[test]
fn methods_and_paths_that_are_not_there() {
    let server = Server::start(&folder(), &[]);
    for (method, path, wanted) in [
        ("GET", "/", 404),
        ("GET", "/k1.pem", 404),
        ("GET", "/../keys/k1.pem", 404),
        ("GET", "/jwks.json/", 404),
        ("GET", "//jwks.json", 404),
        ("GET", "/%6awks.json", 404),
        ("POST", "/jwks.json", 405),
        ("PUT", "/.well-known/openid-configuration", 405),
        ("OPTIONS", "/jwks.json", 405),
        ("get", "/jwks.json", 405),
        ("POST", "/nothing", 404),
    ] {
        let answer = server.ask(method, path, "");
        assert_eq!(answer.status, wanted, "{method} {path}: {answer:?}");
        assert_eq!(answer.header("Allow"), (wanted == 405).then_some("GET, HEAD"), "{method} {path}");
        assert!(!answer.body.contains("PRIVATE"), "{method} {path}");
    }
}

#[test]
fn a_head_has_no_body_and_a_known_version_is_not_sent_again() {
    let server = Server::start(&folder(), &[]);
    let whole = server.get("/jwks.json");
    let head = server.ask("HEAD", "/jwks.json", "");
    assert_eq!((head.status, head.body.as_str(), head.header("ETag")), (200, "", whole.header("ETag")));
    assert_eq!(head.header("Content-Length").unwrap(), whole.body.len().to_string());
    let tag = whole.header("ETag").unwrap();
    for (header, wanted) in [
        (format!("If-None-Match: {tag}\r\n"), 304),
        (format!("if-none-match: \"x\", W/{tag}\r\n"), 304),
        (format!("If-None-Match: \"x\"\r\nIf-None-Match: {tag}\r\n"), 304),
        ("If-None-Match: *\r\n".to_owned(), 304),
        ("If-None-Match: \"x\"\r\n".to_owned(), 200),
        (format!("If-None-Match: {}\r\n", tag.trim_matches('"')), 200),
        (format!("If-Match: {tag}\r\n"), 200),
    ] {
        let answer = server.ask("GET", "/jwks.json", &header);
        assert_eq!((answer.status, answer.body.is_empty()), (wanted, wanted == 304), "{header}");
        assert_eq!(answer.header("ETag"), Some(tag), "{header}");
    }
}

#[test]
fn malformed_requests_get_an_answer() {
    let server = Server::start(&folder(), &[]);
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(100_000));
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "a: b\r\n".repeat(100));
    for (name, request, wanted) in [
        ("words", "hello\r\n\r\n", 400),
        ("half a request", "GET /jwks.json HTTP/1.1\r\nHost: x\r\n", 400),
        ("no host", "GET /jwks.json HTTP/1.1\r\n\r\n", 400),
        ("no host in HTTP/1.0", "GET /jwks.json HTTP/1.0\r\n\r\n", 200),
        ("two hosts", "GET /jwks.json HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("another version", "GET /jwks.json HTTP/3.0\r\nHost: x\r\n\r\n", 505),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("a TLS handshake", "\u{16}\u{3}\u{1}\u{0}\u{a5}", 400),
        ("no target", "GET HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("another scheme", "GET ftp://x/jwks.json HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("a long line", &long, 431),
        ("many headers", &many, 431),
        ("a body", "GET /jwks.json HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody", 200),
        ("two requests", "GET /jwks.json HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    ] {
        let answer = server.raw(request.as_bytes());
        assert_eq!(answer.status, wanted, "{name}: {answer:?}");
    }
    assert_eq!(server.raw(b"").status, 0);
    assert_eq!(server.get("/jwks.json").status, 200);
}

#[test]
fn slow_clients_lose_their_place_and_take_nobody_elses() {
    let server = Server::start(&folder(), &[]);
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..64).map(|_| server.connect()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /jwks").unwrap();
    }
    std::thread::sleep(Duration::from_millis(300));
    let refused = server.get("/jwks.json");
    assert_eq!((refused.status, refused.header("Retry-After")), (503, Some("1")));
    // One that drips keeps its place no longer than one that is silent.
    let mut dripping = slow.pop().unwrap();
    let mut writer = dripping.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while writer.write_all(b"a").is_ok() && begun.elapsed() < Duration::from_secs(15) {
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    assert_eq!(read(&mut dripping).status, 408);
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    for stream in &mut slow {
        assert_eq!(read(stream).status, 408);
    }
    drip.join().unwrap();
    assert_eq!(server.get("/jwks.json").status, 200);
}

#[test]
fn changed_files_are_served_and_broken_ones_are_not() {
    let folder = folder();
    let server = Server::start(&folder, &[]);
    let wait = || std::thread::sleep(Duration::from_millis(150));
    let first = server.get("/jwks.json");
    assert_eq!(folder.run(&["jwk", "generate", "--alg", "RS256", "--kid", "k2", "--out", "keys"]).code, 0);
    wait();
    let second = server.get("/jwks.json");
    assert_eq!(second.json()["keys"].as_array().unwrap().len(), 2);
    assert_ne!(second.header("ETag"), first.header("ETag"));
    let algorithms = &server.get("/.well-known/openid-configuration").json()["id_token_signing_alg_values_supported"];
    assert_eq!(*algorithms, serde_json::json!(["ES256", "RS256"]));
    let good = std::fs::read(folder.path().join("keys/jwks.json")).unwrap();
    for broken in ["{", "[]", &format!(r#"{{"keys":[{P256}]}}"#), &format!(r#"{{"keys":[{SECRET}]}}"#)] {
        folder.write("keys/jwks.json", broken.as_bytes());
        wait();
        for _ in 0..3 {
            assert_eq!(server.get("/jwks.json").body, second.body, "{broken}");
            wait();
        }
    }
    folder.write("keys/jwks.json", &good);
    wait();
    assert_eq!(server.get("/jwks.json").body, second.body);
    std::fs::remove_file(folder.path().join("keys/jwks.json")).unwrap();
    wait();
    assert_eq!(server.get("/jwks.json").json()["keys"].as_array().unwrap().len(), 2, "the public files stand for the set");
    let (code, log) = server.stop();
    assert_eq!(code, Some(0));
    assert_eq!(log.matches("the last good set stays").count(), 3, "each is said once: {log}");
}

#[test]
fn a_client_that_goes_away_does_no_harm() {
    let server = Server::start(&folder(), &[]);
    for _ in 0..200 {
        let mut stream = server.connect();
        stream.write_all(b"GET /jwks.json HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while server.get("/jwks.json").status != 200 {
        assert!(Instant::now() < deadline, "no place comes free");
    }
}
