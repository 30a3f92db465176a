//! A server's Envoy lets a client in if and only if `svid verify --usage client` trusts its chain, but for what is listed.

use std::process::Command;
use std::thread;

use jiff::Timestamp;
use meshsec::pki::Crl;
use meshsec::pki::verify::TlsRole;
use serde_json::json;

use super::configuration::Peer;
use super::configuration::inline;
use super::configuration::server;
use super::envoy;
use super::key_types::openssl;
use super::process::Envoy;
use super::skipped;
use crate::chains::CHANGES;
use crate::chains::Case;
use crate::chains::Dice;
use crate::chains::LISTS;
use crate::chains::SHAPES;
use crate::material::Authority;
use crate::material::Identity;
use crate::material::SERVER;

/// Chains of random changes; `MESHSEC_PEER_CASES` sets another number.
const CASES: usize = 120;

/// Checks by which ours refuses what Envoy lets in, and why.
const STRICTER: &[(&str, &str)] = &[
    ("no-spiffe-id", "whom Envoy lets in is another setting (the SAN matcher); here it lets in everybody"),
    ("several-uris", "the same"),
    ("no-workload-path", "the same"),
    ("leaf-is-authority", "X509-SVID forbids it, Envoy does not look"),
    ("leaf-signs", "X509-SVID forbids it, Envoy does not look"),
    ("key-usage-missing", "X509-SVID demands it, Envoy does not"),
    ("serial-not-positive", "RFC 5280 forbids it"),
    ("version-not-3", "extensions need version 3"),
];

/// What Envoy, like rustls, does not ask of a certificate that the configuration trusts, and Go, that is istiod, does.
const NOT_ASKED_OF_ROOTS: [&str; 4] = ["not-an-authority", "path-too-long", "unknown-critical-extension", "usage-not-permitted"];

fn is_listed(check: &str, case: &Case) -> bool {
    let is_about_root = case.changes.iter().any(|change| change.starts_with("root: ")) && NOT_ASKED_OF_ROOTS.contains(&check);
    is_about_root || STRICTER.iter().any(|(listed, _)| *listed == check)
}

fn cases(now: Timestamp) -> Vec<Case> {
    let mut cases = Vec::new();
    for change in CHANGES {
        cases.push(Case::make(&[change], SHAPES[0], LISTS[0], TlsRole::Client, now));
    }
    for shape in SHAPES {
        cases.extend(LISTS.map(|lists| Case::make(&[], shape, lists, TlsRole::Client, now)));
    }
    let mut dice = Dice::new(u64::try_from(now.as_second() / 86_400).unwrap());
    let count = std::env::var("MESHSEC_PEER_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(CASES);
    for _ in 0..count {
        let mut case = Case::roll(&mut dice, now, 2, true);
        case.role = TlsRole::Client;
        cases.push(case);
    }
    cases
}

#[test]
fn envoy_lets_in_the_chains_that_are_verified() {
    let test = "envoy_lets_in_the_chains_that_are_verified";
    let Some(program) = envoy(test) else { return };
    if Command::new("openssl").arg("version").output().is_err() {
        skipped(test, "no openssl");
        return;
    }
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    let authority = Authority::new("server", meshsec::pki::KeyType::EcdsaP256);
    let own = authority.issue(SERVER);
    let cases = cases(now);
    let (mut wrong, mut trusted) = (Vec::new(), 0);
    for batch in cases.chunks(30) {
        let folder = tempfile::tempdir().unwrap();
        let path = |index: usize, kind: &str| folder.path().join(format!("{index}.{kind}"));
        let listener = |(index, case): (usize, &Case)| {
            let lists: String = case.crls.iter().map(Crl::pem).collect();
            server(&path(index, "socket"), &path(index, "log"), &inline(&own, &case.root.pem(), &lists, Peer::Anyone))
        };
        let listeners: Vec<_> = batch.iter().enumerate().map(listener).collect();
        let _envoy = Envoy::start(&program, folder.path(), "server", &json!({"static_resources": {"listeners": listeners}}));
        let ask = &|index: usize, case: &Case| {
            let chain = case.chain.iter().map(meshsec::pki::Certificate::pem).collect();
            let client = Identity { leaf: case.chain[0].clone(), chain, key: case.key.clone() };
            let own = path(index, "client");
            std::fs::create_dir(&own).unwrap();
            openssl(&path(index, "socket"), &own, &client, &authority.bundle()).0.starts_with("HTTP/1.1 200 ")
        };
        // Envoy takes its time to close what it answered, so many ask at once.
        let answers: Vec<bool> = thread::scope(|scope| {
            let asking: Vec<_> = batch.iter().enumerate().map(|(index, case)| scope.spawn(move || ask(index, case))).collect();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        for ((index, case), theirs) in batch.iter().enumerate().zip(answers) {
            let ours = case.ours();
            trusted += usize::from(ours.is_none());
            let is_settled = match (ours, theirs) {
                (None, true) | (Some(_), false) => true,
                (Some(check), true) => is_listed(check, case),
                (None, false) => false,
            };
            if !is_settled {
                let log = std::fs::read_to_string(path(index, "log")).unwrap_or_default();
                wrong.push(format!("{}: ours {ours:?}, Envoy {theirs}: {}", case.describe(), log.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(trusted * 10 > cases.len(), "only {trusted} of {} chains are trusted: too few to mean anything", cases.len());
}
