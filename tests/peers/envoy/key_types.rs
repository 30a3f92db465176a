//! Which of the key types made here Envoy takes, in an authority and in a workload.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use meshsec::pki::KeyType;
use serde_json::json;

use super::configuration::OF_THE_MESH;
use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::client;
use super::configuration::cluster;
use super::configuration::inline;
use super::configuration::server;
use super::envoy;
use super::link::Expected;
use super::link::Link;
use super::link::check;
use super::process::Envoy;
use super::process::PATIENCE;
use super::process::eventually;
use super::process::refusal;
use super::skipped;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::Identity;
use crate::material::SERVER;

const P256: KeyType = KeyType::EcdsaP256;
const P384: KeyType = KeyType::EcdsaP384;
const ED25519: KeyType = KeyType::Ed25519;
const GOOD: Expected = Expected::Accepted(CLIENT);

fn link(authority: &Authority, client: KeyType, server: KeyType, tls: Tls, expected: Expected) -> Link {
    let bundle = authority.bundle();
    Link {
        name: format!("{client} to {server} under {}, {tls:?}", authority.root.key().key_type()),
        client: inline(&authority.issue_with(CLIENT, client), &bundle, "", Peer::Exactly(SERVER)),
        tls,
        server: inline(&authority.issue_with(SERVER, server), &bundle, "", OF_THE_MESH),
        expected,
    }
}

#[test]
fn envoy_takes_every_key_type_in_an_authority() {
    let Some(program) = envoy("envoy_takes_every_key_type_in_an_authority") else { return };
    let same = KeyType::ALL.map(|key_type| Authority::new("same", key_type));
    let mixed = [(KeyType::Rsa2048, P256), (P256, ED25519), (ED25519, KeyType::Rsa2048)];
    let mixed = mixed.map(|(root, intermediate)| Authority::mixed(root, intermediate));
    let authorities = same.iter().chain(&mixed);
    let links: Vec<Link> = authorities.map(|authority| link(authority, P256, P256, Tls::V13, GOOD)).collect();
    check(&program, &links);
}

#[test]
fn envoy_takes_no_ed25519_workload_and_with_tls_1_2_no_p384_server() {
    let Some(program) = envoy("envoy_takes_no_ed25519_workload_and_with_tls_1_2_no_p384_server") else { return };
    let authority = Authority::new("test", P256);
    let links = [
        (ED25519, P256, Tls::V13, Expected::ByClient("NO_COMMON_SIGNATURE_ALGORITHMS")),
        (P256, ED25519, Tls::V13, Expected::ByServer("NO_COMMON_SIGNATURE_ALGORITHMS")),
        (ED25519, P256, Tls::V12, Expected::ByClient("NO_COMMON_SIGNATURE_ALGORITHMS")),
        (P256, ED25519, Tls::V12, Expected::ByServer("NO_SHARED_CIPHER")),
        // The curve of the certificate must be one that TLS 1.2 may exchange keys on, and Envoy offers X25519 and P-256 only.
        (P256, P384, Tls::V12, Expected::ByServer("WRONG_CURVE")),
        (P384, P256, Tls::V12, GOOD),
        (P256, P384, Tls::V13, GOOD),
        (P384, P384, Tls::V13, GOOD),
        (KeyType::Rsa2048, KeyType::Rsa3072, Tls::V12, GOOD),
        (KeyType::Rsa3072, KeyType::Rsa4096, Tls::V13, GOOD),
    ];
    let links = links.map(|(client, server, tls, expected)| link(&authority, client, server, tls, expected));
    check(&program, &links);
}

/// Nothing warns: the configuration is good, the program runs, and every connection to or from another Envoy fails.
#[test]
fn envoy_loads_an_ed25519_key_of_its_own_without_complaint() {
    let Some(program) = envoy("envoy_loads_an_ed25519_key_of_its_own_without_complaint") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let authority = Authority::new("test", P256);
    let own = authority.issue_with(SERVER, ED25519);
    let damaged = Identity { key: own.key.replace("PRIVATE", "WRONG"), ..authority.issue(SERVER) };
    for (name, own, is_good) in [("ed25519", &own, true), ("damaged", &damaged, false)] {
        let common = inline(own, &authority.bundle(), "", OF_THE_MESH);
        let as_server = json!({"static_resources": {"listeners": [server(&path("s"), &path("log"), &common)]}});
        let as_client = json!({"static_resources": {
            "listeners": [client(&path("c"), &path("log"), "peer")],
            "clusters": [cluster("peer", &path("s"), &common, Tls::V13)],
        }});
        for (role, configuration) in [("server", as_server), ("client", as_client)] {
            let said = refusal(&program, folder.path(), &configuration);
            assert_eq!(said.is_none(), is_good, "{name} as {role}: {said:?}");
        }
    }
}

/// What `openssl s_client` gets from Envoy with this certificate, and what it says.
pub(crate) fn openssl(socket: &Path, folder: &Path, identity: &Identity, bundle: &str) -> (String, String) {
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::write(&file, text).unwrap();
        file
    };
    let mut command = Command::new("openssl");
    command.args(["s_client", "-quiet", "-no_ign_eof", "-verify_return_error", "-unix"]).arg(socket);
    command.arg("-CAfile").arg(file("openssl-root.pem", bundle));
    command.arg("-cert").arg(file("openssl-leaf.pem", &identity.chain));
    command.arg("-cert_chain").arg(file("openssl-chain.pem", &identity.chain));
    command.arg("-key").arg(file("openssl-key.pem", &identity.key));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: peer\r\nconnection: close\r\n\r\n";
    // The handshake may have ended the program already.
    let stdin = child.stdin.take().map(|mut stdin| {
        let _ = stdin.write_all(request);
        stdin
    });
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn openssl_takes_an_ed25519_server_and_envoy_takes_no_ed25519_client() {
    let test = "openssl_takes_an_ed25519_server_and_envoy_takes_no_ed25519_client";
    let Some(program) = envoy(test) else { return };
    if Command::new("openssl").arg("version").output().is_err() {
        skipped(test, "no openssl");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let authority = Authority::new("test", P256);
    let bundle = authority.bundle();
    let listener = |name: &str, key_type| {
        let common = inline(&authority.issue_with(SERVER, key_type), &bundle, "", OF_THE_MESH);
        server(&path(name), &path("log"), &common)
    };
    let listeners = [listener("p256", P256), listener("ed25519", ED25519)];
    let _envoy = Envoy::start(&program, folder.path(), "server", &json!({"static_resources": {"listeners": listeners}}));
    for (client, server, is_good) in [(P256, "p256", true), (P256, "ed25519", true), (ED25519, "p256", false)] {
        let identity = authority.issue_with(CLIENT, client);
        let (answer, said) = openssl(&path(server), folder.path(), &identity, &bundle);
        assert_eq!(answer.starts_with("HTTP/1.1 200 "), is_good, "{client} to {server}: {answer} {said}");
        assert_eq!(answer.contains(&format!("x-peer: {CLIENT}")), is_good, "{client} to {server}: {answer}");
    }
    let failures = || std::fs::read_to_string(path("log")).unwrap();
    let is_said = eventually(PATIENCE, || failures().contains("PEER_DID_NOT_RETURN_A_CERTIFICATE"));
    assert!(is_said, "{}", failures());
}
