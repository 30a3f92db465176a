//! Certificates of both sides: right, foreign, expired, revoked, replaced, wrong from the start.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use meshsec::pki::KeyType;
use serde_json::Value;

use crate::agree::Sides;
use crate::agree::skipped;
use crate::application;
use crate::application::Speech;
use crate::client;
use crate::client::Seen;
use crate::client::Tls;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::Identity;
use crate::material::SERVER;
use crate::mesh;
use crate::process;
use crate::process::wait_until;
use crate::running::Running;

const PROTOCOLS: [&str; 3] = ["istio-http/1.1", "istio", "http/1.1"];
const GET: &[u8] = b"GET /a HTTP/1.1\r\nhost: web\r\n\r\n";

fn authority(name: &str) -> Authority {
    Authority::new(name, KeyType::EcdsaP256)
}

fn write(folder: &Path, identity: &Identity, authority: &Authority) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("cert-chain.pem"), &identity.chain).unwrap();
    fs::write(folder.join("key.pem"), &identity.key).unwrap();
    fs::write(folder.join("root-cert.pem"), authority.bundle()).unwrap();
}

fn tls(identity: &Identity) -> Tls {
    client::tls(Some(identity), &PROTOCOLS)
}

/// Puts a list of revocations beside each authority that a configuration trusts.
fn with_lists(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("trustedCa") {
                fields.insert("crl".to_owned(), serde_json::json!({"filename": "./certs/crl.pem"}));
            }
            fields.values_mut().for_each(with_lists);
        }
        Value::Array(items) => items.iter_mut().for_each(with_lists),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_callers_certificate_is_taken_or_refused_as_envoy_does_and_the_line_says_why() {
    let name = "a_callers_certificate_is_taken_or_refused_as_envoy_does_and_the_line_says_why";
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped(name) };
    let folder = tempfile::tempdir().unwrap();
    let mesh = authority("mesh");
    let certificates = folder.path().join("certs");
    write(&certificates, &mesh.issue(SERVER), &mesh);
    let revoked = mesh.issue(CLIENT);
    let lists = mesh.root_crl(&[]).pem() + &mesh.intermediate_crl(&[&revoked.leaf]).pem();
    fs::write(certificates.join("crl.pem"), lists).unwrap();
    let port = application::listen(Speech::Http);
    let text = mesh::workload(&[("http", port)]) + &mesh::mode("STRICT");
    let sides = Sides::start_with(&program, folder.path(), &text, &[port], &["--crl", "certs/crl.pem"], with_lists);
    let first = format!("PROXY TCP4 10.1.2.3 10.0.0.1 40000 {port}\r\n");
    let mut wrong = Vec::new();
    for (name, identity, expected, told) in [
        ("right", mesh.issue(CLIENT), true, "ns/shop/sa/client -> "),
        ("foreign", authority("foreign").issue(CLIENT), false, "the caller's certificate"),
        (
            "of another trust domain",
            Authority::for_trust_domain("other.example").issue("spiffe://other.example/ns/a/sa/b"),
            false,
            "trust domain",
        ),
        ("expired", mesh.issue_expired(CLIENT), false, "certificate"),
        ("early", mesh.issue_early(CLIENT), false, "the caller's certificate"),
        ("revoked", revoked, false, "certificate"),
    ] {
        let ask = |address: SocketAddr| client::exchange(address, first.as_bytes(), Some(&tls(&identity)), GET, false);
        let before = sides.proxy.output().len();
        let is_answered = |seen: Seen| matches!(seen, Seen::Answer(answer) if answer.status == 200);
        let (of_envoy, of_proxy) = (is_answered(ask(sides.envoy)), is_answered(ask(sides.proxy.address(port))));
        if (of_envoy, of_proxy) != (expected, expected) {
            wrong.push(format!("{name}: envoy {of_envoy}, proxy {of_proxy}"));
        }
        let line = || sides.proxy.output()[before..].to_owned();
        if !process::eventually(process::PATIENCE, || line().contains(told)) {
            wrong.push(format!("{name}: no `{told}` in `{}`", line()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Ends a load when its scope is left, also by a failure.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn an_identity_is_replaced_under_load_without_a_lost_request() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = authority("mesh");
    let certificates = folder.path().join("certs");
    write(&certificates, &mesh.issue(SERVER), &mesh);
    fs::write(folder.path().join("mesh.yaml"), mesh::workload(&[("http", 8080)]) + &mesh::mode("STRICT")).unwrap();
    let arguments = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1", "--echo", "--svid-dir", "certs"];
    let proxy = Running::start(folder.path(), 1, &arguments);
    let address = proxy.address(8080);
    let caller = tls(&mesh.issue(CLIENT));
    let (is_over, answered, lost) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _over = Over(&is_over);
        for _ in 0..3 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let seen = client::exchange(address, b"", Some(&caller), GET, false);
                    let is_answered = matches!(seen, Seen::Answer(answer) if answer.status == 200);
                    if is_answered { &answered } else { &lost }.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for _ in 0..3 {
            let next = mesh.issue(SERVER);
            process::replace(&certificates.join("cert-chain.pem"), &next.chain);
            process::replace(&certificates.join("key.pem"), &next.key);
            proxy.wait_for("the identity was replaced");
        }
    });
    assert_eq!(lost.load(Ordering::Relaxed), 0);
    assert!(answered.load(Ordering::Relaxed) > 0);
    fs::write(certificates.join("key.pem"), "no key").unwrap();
    proxy.wait_for("the identity of before holds");
    assert!(matches!(client::exchange(address, b"", Some(&caller), GET, false), Seen::Answer(answer) if answer.status == 200));
}

#[test]
fn an_identity_that_expires_while_it_is_used_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = authority("mesh");
    write(&folder.path().join("certs"), &mesh.issue_for_seconds(SERVER, 4), &mesh);
    fs::write(folder.path().join("mesh.yaml"), mesh::workload(&[("http", 8080)])).unwrap();
    let arguments = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1", "--echo", "--svid-dir", "certs"];
    let proxy = Running::start(folder.path(), 1, &arguments);
    let line = proxy.wait_for("the identity expired at");
    assert!(line.contains("callers refuse it; renew it with `meshsec svid renew`"), "{line}");
}

#[test]
fn an_identity_that_cannot_be_used_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = authority("mesh");
    let right = mesh.issue(SERVER);
    fs::write(folder.path().join("mesh.yaml"), mesh::workload(&[("http", 8080)])).unwrap();
    let other_key = Identity { key: mesh.issue(SERVER).key, ..mesh.issue(SERVER) };
    let mut wrong = Vec::new();
    for (name, identity, code, expected) in [
        ("expired", mesh.issue_expired(SERVER), 2, "renew it with `meshsec svid renew`"),
        ("early", mesh.issue_early(SERVER), 2, "check the clock"),
        ("of another workload", mesh.issue(CLIENT), 2, "give the workload's own identity"),
        ("with another key", other_key, 2, "the key does not go with the certificate"),
        ("without a key", Identity { key: String::new(), ..mesh.issue(SERVER) }, 2, "there is no private key in it"),
        ("without a certificate", Identity { chain: String::new(), ..mesh.issue(SERVER) }, 2, "there is no certificate in it"),
    ] {
        write(&folder.path().join("certs"), &identity, &mesh);
        if let Some(problem) = refused(folder.path(), code, expected) {
            wrong.push(format!("{name}: {problem}"));
        }
    }
    write(&folder.path().join("certs"), &right, &mesh);
    fs::remove_file(folder.path().join("certs/key.pem")).unwrap();
    fs::create_dir(folder.path().join("certs/key.pem")).unwrap();
    if let Some(problem) = refused(folder.path(), 2, "cannot read `certs/key.pem`") {
        wrong.push(format!("a key that cannot be read: {problem}"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with how the program refuses to start.
fn refused(folder: &Path, code: i32, expected: &str) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args([
            "simulate",
            "proxy",
            "-f",
            "mesh.yaml",
            "-w",
            "shop/web",
            "--listen",
            "127.0.0.1",
            "--echo",
            "--svid-dir",
            "certs",
        ])
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let is_right = output.status.code() == Some(code) && said.contains(expected) && !said.contains("panicked");
    (!is_right).then(|| format!("{:?}, {said}", output.status.code()))
}

#[test]
fn an_application_that_is_down_or_breaks_off_is_answered_for_as_envoy_does() {
    let name = "an_application_that_is_down_or_breaks_off_is_answered_for_as_envoy_does";
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped(name) };
    let folder = tempfile::tempdir().unwrap();
    let mesh = authority("mesh");
    write(&folder.path().join("certs"), &mesh.issue(SERVER), &mesh);
    let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let breaking = |says: &'static [u8]| {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(says);
            }
        });
        port
    };
    let silent = breaking(b"");
    let partial = breaking(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    let chunked = breaking(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    let garbage = breaking(b"no HTTP at all\r\n\r\n");
    let ports = [down, silent, partial, chunked, garbage];
    let names = ["http-a", "http-b", "http-c", "http-d", "http-e"];
    let text = mesh::workload(&names.into_iter().zip(ports).collect::<Vec<_>>()) + &mesh::mode("DISABLE");
    let sides = Sides::start(&program, folder.path(), &text, &ports);
    let mut wrong = Vec::new();
    for (name, port) in ["down", "silent", "half a body", "half of the chunks", "no HTTP"].into_iter().zip(ports) {
        let ask = |address: SocketAddr| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let head =
                format!("PROXY TCP4 10.1.2.3 10.0.0.1 40000 {port}\r\nGET / HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            format!("{} / {body}", head.lines().next().unwrap_or_default())
        };
        let (of_envoy, of_proxy) = (ask(sides.envoy), ask(sides.proxy.address(port)));
        if of_envoy != of_proxy {
            wrong.push(format!("{name}: envoy `{of_envoy}`, proxy `{of_proxy}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    wait_until("a line for each", || sides.proxy.output().lines().count() >= ports.len());
}

#[test]
fn a_full_disk_under_the_audit_log_is_told_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mesh.yaml"), mesh::workload(&[("http", 8080)])).unwrap();
    let arguments = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1", "--echo", "--audit", "/dev/full"];
    let proxy = Running::start(folder.path(), 1, &arguments);
    for _ in 0..3 {
        let seen = client::exchange(proxy.address(8080), b"", None, GET, false);
        assert!(matches!(seen, Seen::Answer(answer) if answer.status == 200));
    }
    proxy.wait_for("No space left on device");
}
