//! Certificates are renewed under a running Envoy, which reads them from the directory where they are published.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;

use meshsec::pki::KeyType;
use meshsec::store::PublishedFile;
use meshsec::store::publish;

use super::configuration::OF_THE_MESH;
use super::configuration::Peer;
use super::configuration::Tls;
use super::configuration::inline;
use super::configuration::secrets;
use super::configuration::write_secrets;
use super::envoy;
use super::link::Answer;
use super::link::Expected;
use super::link::Link;
use super::link::Pair;
use super::process::replace;
use super::process::wait_until;
use crate::material::Authority;
use crate::material::CLIENT;
use crate::material::Identity;
use crate::material::SERVER;

/// How often the certificate is renewed.
const RENEWALS: usize = 40;

/// A server that reads its three files from a directory which it watches, and a client whose certificate stays.
fn start(program: &str, folder: &Path, authority: &Authority, certs: &Path) -> Pair {
    write_secrets(folder, certs, false);
    let link = Link {
        name: "renewing".to_owned(),
        client: inline(&authority.issue(CLIENT), &authority.bundle(), "", Peer::Exactly(SERVER)),
        tls: Tls::V13,
        server: secrets(folder, OF_THE_MESH),
        expected: Expected::Accepted(CLIENT),
    };
    Pair::start(program, &[link])
}

/// What Envoy says in its log when it is given a key that is not its certificate's.
const MISMATCH: &str = "KEY_VALUES_MISMATCH";

fn serial(identity: &Identity) -> String {
    identity.leaf.serial().to_string()
}

/// Publishes a new certificate for the server; its serial number, as Envoy shows it.
fn renew(authority: &Authority, certs: &Path, version: usize) -> String {
    let (identity, bundle) = (authority.issue(SERVER), authority.bundle());
    let files = [
        PublishedFile { name: "cert-chain.pem", bytes: identity.chain.as_bytes(), is_private: false },
        PublishedFile { name: "key.pem", bytes: identity.key.as_bytes(), is_private: true },
        PublishedFile { name: "root-cert.pem", bytes: bundle.as_bytes(), is_private: false },
    ];
    publish(certs, &version.to_string(), &files, false).unwrap();
    serial(&identity)
}

/// What the server's log says, but for the advice to limit connections.
fn complaints(pair: &Pair) -> Vec<String> {
    let log = pair.server.log();
    log.lines().filter(|line| !line.contains("global_downstream_max_connections")).map(str::to_owned).collect()
}

#[test]
fn envoy_never_sees_a_key_without_its_certificate_while_both_are_renewed() {
    let Some(program) = envoy("envoy_never_sees_a_key_without_its_certificate_while_both_are_renewed") else { return };
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    let authority = Authority::new("test", KeyType::EcdsaP256);
    renew(&authority, &certs, 0);
    let pair = start(&program, folder.path(), &authority, &certs);
    for version in 1..=RENEWALS {
        let serial = renew(&authority, &certs, version);
        wait_until("the new certificate", || pair.server.admin("GET", "/certs").contains(&serial));
        assert!(pair.ask(0).is_good(), "renewal {version}");
    }
    assert_eq!(pair.server.counter("sds.default.key_rotation_failed"), 0);
    assert_eq!(complaints(&pair), Vec::<String>::new());
}

/// Faster than Envoy reads: it may then find the certificate of one version and the key of the next, keeps what it has, and is
/// told of the next version by its rename.
#[test]
fn renewals_in_a_rush_break_no_connection_and_end_with_the_last() {
    let Some(program) = envoy("renewals_in_a_rush_break_no_connection_and_end_with_the_last") else { return };
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    let authority = Authority::new("test", KeyType::EcdsaP256);
    renew(&authority, &certs, 0);
    let pair = start(&program, folder.path(), &authority, &certs);
    let is_done = AtomicBool::new(false);
    let (answers, last) = thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let mut answers = Vec::new();
            while !is_done.load(Ordering::Relaxed) {
                answers.push(pair.ask(0));
            }
            answers
        });
        let mut last = String::new();
        for version in 1..=10 * RENEWALS {
            last = renew(&authority, &certs, version);
        }
        is_done.store(true, Ordering::Relaxed);
        (asking.join().unwrap(), last)
    });
    let failed: Vec<&Answer> = answers.iter().filter(|answer| !answer.is_good()).collect();
    assert!(!answers.is_empty() && failed.is_empty(), "{} of {}: {failed:?}", failed.len(), answers.len());
    wait_until("the last certificate", || pair.server.admin("GET", "/certs").contains(&last));
}

#[test]
fn files_renamed_one_by_one_show_envoy_a_certificate_with_another_key() {
    let Some(program) = envoy("files_renamed_one_by_one_show_envoy_a_certificate_with_another_key") else { return };
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    fs::create_dir(&certs).unwrap();
    let authority = Authority::new("test", KeyType::EcdsaP256);
    let first = authority.issue(SERVER);
    replace(&certs.join("root-cert.pem"), &authority.bundle());
    replace(&certs.join("cert-chain.pem"), &first.chain);
    replace(&certs.join("key.pem"), &first.key);
    let pair = start(&program, folder.path(), &authority, &certs);
    assert!(pair.ask(0).is_good());
    let second = authority.issue(SERVER);
    replace(&certs.join("cert-chain.pem"), &second.chain);
    wait_until("the mismatch", || pair.server.log().contains(MISMATCH));
    replace(&certs.join("key.pem"), &second.key);
    wait_until("the new certificate", || pair.server.admin("GET", "/certs").contains(&serial(&second)));
    assert!(pair.ask(0).is_good());
}
