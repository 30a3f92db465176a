//! `ca crl`: the complete set, single lists, numbers and entries.

use std::fs;

use jiff::Timestamp;
use meshsec::pki::Crl;
use meshsec::pki::PemReader;
use meshsec::pki::RevocationReason;

use crate::identity::authority::Authority;
use crate::identity::authority::mode;

fn lists(text: &str) -> Vec<Crl> {
    PemReader::new(text.as_bytes())
        .map(|block| {
            assert_eq!(block.label, "X509 CRL");
            Crl::from_der(&block.der).unwrap()
        })
        .collect()
}

fn number(list: &Crl) -> String {
    list.number().unwrap().to_string()
}

#[test]
fn what_cannot_be_listed_is_refused_and_takes_no_number() {
    let authority = Authority::new();
    authority.write("file", b"");
    let cases: &[(&[&str], &[&str])] = &[
        (&["-o", "der"], &["holds one list", "--name"]),
        (&["--for", "istio", "-o", "der"], &["holds one list"]),
        (&["--for", "istio", "--name", "root"], &["cannot be used with"]),
        (&["--for", "linkerd"], &["istio"]),
        (&["--name", "absent"], &["no authority `absent`", "ca show"]),
        (&["--next-update", "0s"], &["cannot be zero"]),
        (&["--next-update", "1001y"], &["1000 years"]),
        (&["--out", "absent/crl.pem"], &["`absent` is no directory"]),
        (&["--out", "file/crl.pem"], &["`file` is no directory"]),
        (&["--home", "absent"], &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["ca", "crl"], *flags].concat(), 2, says);
    }
    assert_eq!(authority.authority("root", "active")["crlNumber"], serde_json::Value::Null);
}

#[test]
fn the_complete_set_covers_every_authority_that_peers_can_meet() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "east", "-q"]);
    authority.done(&["ca", "intermediate", "--name", "default", "--replace", "-q"]);
    authority.done(&["ca", "rotate", "prepare", "-q"]);
    let set = lists(&authority.done(&["ca", "crl", "--for", "istio"]));
    let names = [
        ("root", "active"),
        ("default", "active"),
        ("default", "old"),
        ("east", "active"),
        ("root-2", "prepared"),
        ("default", "prepared"),
        ("east", "prepared"),
    ];
    assert_eq!(set.len(), names.len());
    for (name, state) in names {
        let certificate = authority.certificate(name, state);
        let own: Vec<&Crl> = set.iter().filter(|list| list.is_signed_by(&certificate)).collect();
        assert_eq!(own.len(), 1, "{name} {state}");
        assert_eq!(own[0].authority_key_identifier(), certificate.subject_key_identifier(), "{name} {state}");
        assert!(own[0].entries().is_empty(), "{name} {state}");
    }
    assert_eq!(lists(&authority.done(&["ca", "crl", "-q"])).len(), names.len(), "it is what is written when nothing is named");
}

#[test]
fn each_list_has_the_next_number_and_ends_when_it_was_told_to() {
    let authority = Authority::new();
    for expected in ["01", "02", "03"] {
        let set = lists(&authority.done(&["ca", "crl", "--next-update", "36h"]));
        for list in &set {
            assert_eq!(number(list), expected);
            let left = list.next_update().unwrap().duration_since(Timestamp::now()).as_secs();
            assert!((36 * 3600 - 60..=36 * 3600).contains(&left), "{left}");
            assert!(list.this_update() <= Timestamp::now());
        }
    }
    let single = lists(&authority.done(&["ca", "crl", "--name", "root"]));
    assert_eq!(single.iter().map(number).collect::<Vec<_>>(), ["04"]);
    assert_eq!(lists(&authority.done(&["ca", "crl", "--name", "default"])).iter().map(number).collect::<Vec<_>>(), ["04"]);
    let month = lists(&authority.done(&["ca", "crl"]))[0].next_update().unwrap().duration_since(Timestamp::now());
    assert_eq!(month.as_hours(), 30 * 24 - 1);
}

#[test]
fn a_file_is_replaced_in_one_step_and_holds_what_is_printed_otherwise() {
    let authority = Authority::new();
    authority.write("ca-crl.pem", b"earlier");
    let ran = authority.run(&["ca", "crl", "--for", "istio", "--out", "ca-crl.pem"]);
    assert!(ran.code == 0 && ran.out.is_empty() && ran.err.contains("root root: 0 revoked, until "), "{ran:?}");
    assert_eq!(lists(&fs::read_to_string(authority.path("ca-crl.pem")).unwrap()).len(), 2);
    assert_eq!(mode(&authority.path("ca-crl.pem")), 0o644);
    authority.done(&["ca", "crl", "--name", "default", "-o", "der", "--out", "default.crl", "-q"]);
    let list = Crl::from_der(&fs::read(authority.path("default.crl")).unwrap()).unwrap();
    assert!(list.is_signed_by(&authority.certificate("default", "active")));
    assert_eq!(number(&list), "02");
    assert_eq!(authority.names(), ["ca-crl.pem", "default.crl", "home"]);
}

#[test]
fn what_was_revoked_is_in_the_list_of_its_issuer_with_reason_and_time() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "east", "-q"]);
    for reason in RevocationReason::GIVEN {
        authority.issue(reason.name(), &[]);
        let serial = authority.files(reason.name()).serial();
        authority.done(&["svid", "revoke", "--serial", &serial, "--reason", reason.name(), "-q"]);
    }
    let east = authority.certificate("east", "active").serial().to_string();
    authority.done(&["svid", "revoke", "--serial", &east, "--reason", "ca-compromise", "-q"]);
    let list = |name: &str| lists(&authority.done(&["ca", "crl", "--name", name])).swap_remove(0);
    let (root, default) = (list("root"), list("default"));
    let of_root: Vec<_> = root.entries().iter().map(|entry| (entry.serial.to_string(), entry.reason)).collect();
    assert_eq!(of_root, [(east, RevocationReason::CaCompromise)]);
    assert_eq!(default.entries().len(), RevocationReason::GIVEN.len());
    for reason in RevocationReason::GIVEN {
        let entry = default.entry(authority.files(reason.name()).leaf().serial()).unwrap();
        assert_eq!(entry.reason, reason);
        let ago = Timestamp::now().duration_since(entry.revoked_at).as_secs();
        assert!((0..120).contains(&ago), "{reason}: {ago}");
    }
    let ran = authority.run(&["svid", "verify", "superseded/cert-chain.pem", "--bundle", "superseded/root-cert.pem"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    fs::write(authority.path("set.pem"), authority.done(&["ca", "crl"])).unwrap();
    let flags = ["--bundle", "superseded/root-cert.pem", "--crl", "set.pem"];
    let ran = authority.run(&[&["svid", "verify", "superseded/cert-chain.pem"], &flags[..]].concat());
    assert!(ran.code == 1 && (ran.out.clone() + &ran.err).contains("revoked"), "{ran:?}");
}
