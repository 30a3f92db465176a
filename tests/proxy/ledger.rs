//! A proxy whose identity comes from the ledger of an authority: revoked callers, and certificates that are renewed while it runs.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use meshsec::pki::Certificate;
use meshsec::pki::PemReader;
use rustls::ClientConnection;
use rustls::StreamOwned;
use rustls::pki_types::ServerName;

use crate::client;
use crate::client::Seen;
use crate::client::Tls;
use crate::material::Identity;
use crate::mesh;
use crate::process::wait_until;
use crate::running::Running;

const ISTIO: [&str; 3] = ["istio-http/1.1", "istio", "http/1.1"];

fn meshsec(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meshsec"));
    let output =
        command.args(arguments).args(["--home", "home"]).current_dir(folder).env_remove("MESHSEC_PASSWORD").output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn caller(folder: &Path, name: &str) -> Tls {
    meshsec(folder, &["svid", "issue", "--spiffe-id", &format!("spiffe://cluster.local/ns/shop/sa/{name}"), "--out", name, "-q"]);
    let read = |file: &str| fs::read_to_string(folder.join(name).join(file)).unwrap();
    let (chain, key) = (read("cert-chain.pem"), read("key.pem"));
    let leaf = Certificate::from_der(&PemReader::new(chain.as_bytes()).next().unwrap().der).unwrap();
    client::tls(Some(&Identity { leaf, chain, key }), &ISTIO)
}

fn start(folder: &Path, more: &[&str]) -> Running {
    meshsec(folder, &["ca", "init", "--insecure-no-password", "-q", "--trust-domain", "cluster.local"]);
    fs::write(folder.join("mesh.yaml"), mesh::workload(&[("http", 8080)]) + &mesh::mode("STRICT")).unwrap();
    let arguments = ["-f", "mesh.yaml", "-w", "shop/web", "--listen", "127.0.0.1", "--echo", "--home", "home"];
    Running::start(folder, 1, &[&arguments[..], more].concat())
}

fn ask(address: SocketAddr, tls: &Tls) -> Option<u16> {
    match client::exchange(address, b"", Some(tls), b"GET / HTTP/1.1\r\nhost: web\r\n\r\n", false) {
        Seen::Answer(answer) => Some(answer.status),
        Seen::Closed | Seen::Bytes(_) => None,
    }
}

#[test]
fn a_caller_that_is_revoked_is_refused_once_there_is_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &[]);
    let address = proxy.address(8080);
    let (good, bad) = (caller(folder.path(), "good"), caller(folder.path(), "bad"));
    assert_eq!((ask(address, &good), ask(address, &bad)), (Some(200), Some(200)));
    meshsec(folder.path(), &["svid", "revoke", "--spiffe-id", "spiffe://cluster.local/ns/shop/sa/bad"]);
    meshsec(folder.path(), &["ca", "crl", "--out", "lists.pem"]);
    proxy.wait_for("2 revocation lists were read again: 1 certificates are revoked");
    assert_eq!((ask(address, &good), ask(address, &bad)), (Some(200), None));
    wait_until("the refusal", || proxy.output().contains("connection-failed"));

    // The same with the list as a file, from the start.
    let arguments =
        ["-f", "mesh.yaml", "-w", "shop/web", "--listen", "8080=127.0.0.1:0", "--echo", "--home", "home", "--crl", "lists.pem"];
    let other = Running::start(folder.path(), 1, &arguments);
    assert_eq!((ask(other.address(8080), &good), ask(other.address(8080), &bad)), (Some(200), None));
}

#[test]
fn certificates_are_renewed_under_an_open_connection() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &["--svid-ttl", "4s"]);
    let tls = caller(folder.path(), "client");
    let stream = TcpStream::connect(proxy.address(8080)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let name = ServerName::try_from(tls.sni).unwrap();
    let mut connection = StreamOwned::new(ClientConnection::new(Arc::clone(&tls.config), name).unwrap(), stream);
    let mut chunk = [0; 4096];
    for _ in 0..3 {
        connection.write_all(b"GET / HTTP/1.1\r\nhost: web\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        let answer = loop {
            if let Some(answer) = client::answer(&bytes, false, false) {
                break answer;
            }
            let length = connection.read(&mut chunk).unwrap();
            assert!(length > 0, "the connection ended");
            bytes.extend_from_slice(&chunk[..length]);
        };
        assert_eq!(answer.status, 200);
        proxy.wait_for("the identity was replaced");
        assert_eq!(ask(proxy.address(8080), &tls), Some(200));
    }
}
