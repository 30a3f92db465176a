//! `svid list`: filters, states and formats.

use std::thread;
use std::time::Duration;

use crate::identity::authority::Authority;
use crate::identity::authority::keys;

#[test]
fn wrong_questions_are_refused() {
    let authority = Authority::new();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--expiring-within", "soon"], &["begins with no number"]),
        (&["--expiring-within", "0h"], &["cannot be zero"]),
        (&["--spiffe-id", "cluster.local/ns/a/sa/b"], &["spiffe://"]),
        (&["--spiffe-id", "spiffe://cluster.local/a//b"], &["segment is empty"]),
        (&["--issuer", "absent"], &["no authority `absent`", "ca show"]),
        (&["--state", "fine"], &["valid, expired, revoked, all"]),
        (&["-o", "yaml"], &["table, json, jsonl"]),
        (&["--home", "absent"], &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["svid", "list"], *flags].concat(), 2, says);
    }
}

/// Accounts `soon` (an hour), `web` (a day), `late` (a week, of `east`), `over` (expired), `gone` (revoked) and `spiffe://cluster.local/vm/1`.
fn populated() -> Authority {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "east", "-q"]);
    authority.issue("over", &["--ttl", "1s"]);
    authority.issue("late", &["--ttl", "7d", "--issuer", "east", "--dns", "late.example", "--dns", "l.example"]);
    authority.issue("web", &[]);
    authority.issue("soon", &["--ttl", "1h"]);
    authority.issue("gone", &["--ttl", "2h"]);
    let serial = authority.files("gone").serial();
    authority.done(&["svid", "revoke", "--serial", &serial, "--reason", "superseded", "-q"]);
    authority.done(&["svid", "issue", "--spiffe-id", "spiffe://cluster.local/vm/1", "--ttl", "3h", "--out", "vm", "-q"]);
    thread::sleep(Duration::from_secs(2));
    authority
}

#[test]
fn each_filter_shows_what_it_says_the_first_to_end_in_front() {
    let authority = populated();
    let last = |id: &str| id.rsplit('/').next().unwrap().to_owned();
    let root = authority.authority("root", "active");
    let east = authority.authority("east", "active");
    let web = "spiffe://cluster.local/ns/shop/sa/web";
    for (flags, expected) in [
        (&[][..], "soon 1 web late"),
        (&["--state", "valid"], "soon 1 web late"),
        (&["--state", "expired"], "over"),
        (&["--state", "revoked"], "gone"),
        (&["--state", "all"], "over soon gone 1 web late"),
        (&["--expiring-within", "90m"], "soon"),
        (&["--expiring-within", "2d"], "soon 1 web"),
        (&["--expiring-within", "1s", "--state", "all"], "over"),
        (&["--expiring-within", "1000y", "--state", "all"], "over soon gone 1 web late"),
        (&["--spiffe-id", web], "web"),
        (&["--spiffe-id", "spiffe://cluster.local/none"], ""),
        (&["--namespace", "shop"], "soon web late"),
        (&["-n", "other"], ""),
        (&["--issuer", "east"], "late"),
        (&["--issuer", east["id"].as_str().unwrap()], "late"),
        (&["--issuer", "root"], ""),
        (&["--issuer", "root", "--with-authorities"], "cluster.local cluster.local cluster.local"),
        (&["--with-authorities"], "soon 1 web late cluster.local cluster.local cluster.local"),
    ] {
        let ran = authority.run(&[&["svid", "list", "-o", "jsonl"], flags].concat());
        let ids: Vec<String> = ran.lines().iter().map(|row| last(row["spiffeId"].as_str().unwrap())).collect();
        assert_eq!((ran.code, ids.join(" ").as_str()), (0, expected), "{flags:?}");
    }
    let ran = authority.run(&["svid", "list", "--with-authorities", "--issuer", "root", "-o", "json"]).json();
    let serials: Vec<_> = ran["certificates"].as_array().unwrap().iter().map(|row| row["serial"].clone()).collect();
    assert!(serials.contains(&root["serial"]) && serials.contains(&east["serial"]), "{serials:?}");
}

#[test]
fn every_format_holds_the_same_rows() {
    let authority = populated();
    let json = authority.run(&["svid", "list", "--state", "all", "-o", "json"]).json();
    assert_eq!((keys(&json), json["schema"].as_str()), (vec!["schema", "certificates"], Some("meshsec.svid.list/v1")));
    let rows = json["certificates"].as_array().unwrap();
    let lines = authority.run(&["svid", "list", "--state", "all", "-o", "jsonl"]).lines();
    assert_eq!(*rows, lines);
    assert_eq!(
        keys(&rows[0]),
        [
            "spiffeId",
            "dnsNames",
            "serial",
            "issuer",
            "issuerId",
            "origin",
            "state",
            "notBefore",
            "notAfter",
            "issuedAt",
            "fingerprintSha256",
            "files",
            "renewedFrom",
            "revocation"
        ]
    );
    let late = rows.iter().find(|row| row["issuer"] == "east").unwrap();
    let files = authority.files("late");
    assert_eq!(late["dnsNames"], serde_json::json!(["late.example", "l.example"]));
    assert_eq!(late["serial"].as_str(), Some(files.serial().as_str()));
    assert_eq!(late["notAfter"].as_str(), Some(files.leaf().not_after().to_string().as_str()));
    assert_eq!(late["fingerprintSha256"].as_str(), Some(files.leaf().fingerprint().to_string().as_str()));
    assert_eq!((late["origin"].as_str(), late["state"].as_str()), (Some("issue"), Some("valid")));
    assert_eq!(late["files"].as_str(), authority.path("late").to_str());
    let gone = rows.iter().find(|row| row["state"] == "revoked").unwrap();
    assert_eq!(gone["revocation"]["reason"], "superseded");
    let ran = authority.run(&["svid", "list", "--state", "all"]);
    assert!(ran.err.contains("6 certificates in "), "{ran:?}");
    for row in rows {
        let (id, serial) = (row["spiffeId"].as_str().unwrap(), row["serial"].as_str().unwrap());
        let line = ran.out.lines().find(|line| line.contains(serial)).unwrap_or_else(|| panic!("{serial}: {ran:?}"));
        assert!(line.starts_with(id) && line.contains(row["state"].as_str().unwrap()), "{line}");
    }
    assert!(ran.out.contains("revoked (superseded)") && ran.out.starts_with("SPIFFE ID"), "{ran:?}");
    assert_eq!(authority.run(&["svid", "list", "-q"]).err, "");
}

#[test]
fn an_empty_ledger_is_an_empty_list() {
    let authority = Authority::new();
    assert_eq!(authority.run(&["svid", "list", "-o", "json"]).json()["certificates"], serde_json::json!([]));
    assert_eq!(authority.done(&["svid", "list", "-o", "jsonl"]), "");
    assert!(authority.run(&["svid", "list"]).err.contains("0 certificates in "));
}
