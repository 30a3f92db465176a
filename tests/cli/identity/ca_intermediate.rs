//! `ca intermediate`: an issuing authority for each cluster, and another one in its place.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::identity::authority::Authority;

#[test]
fn what_cannot_be_made_is_refused_and_changes_nothing() {
    let authority = Authority::new();
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["--name"]),
        (&["--name", "default"], &["there is an intermediate `default` already, active", "--replace"]),
        (&["--name", "root"], &["the name of a root"]),
        (&["--name", "root", "--replace"], &["the name of a root"]),
        (&["--name", "absent", "--replace"], &["no intermediate `absent` to replace"]),
        (&["--name", "East"], &["a-z, 0-9"]),
        (&["--name", "-east"], &["-e"]),
        (&["--name", ""], &["cannot name an authority"]),
        (&["--name", "0123456789abcdef"], &["no identifier in hex"]),
        (&["--name", "east", "--ttl", "11y"], &["reaches beyond the root `root`", "ca rotate prepare"]),
        (&["--name", "east", "--key-type", "rsa-1024"], &["rsa-2048"]),
        (&["--name", "east", "-o", "yaml"], &["text, json"]),
        (&["--name", "east", "--home", "absent"], &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["ca", "intermediate"], *flags].concat(), 2, says);
    }
}

#[test]
fn a_root_that_is_expired_or_not_yet_valid_signs_none() {
    let year = SignedDuration::from_hours(24 * 365);
    for (then, says) in
        [(Timestamp::now() - year * 2, "reaches beyond the root `root`"), (Timestamp::now() + year, "is the clock right?")]
    {
        let authority = Authority::made_at(then, SignedDuration::from_hours(1));
        authority.refuses(&["ca", "intermediate", "--name", "east", "--ttl", "1h"], 2, &[says]);
    }
}

#[test]
fn an_intermediate_is_made_as_it_was_wanted() {
    let authority = Authority::new();
    let flags = ["--ttl", "30d", "--key-type", "ecdsa-p384", "--constrain"];
    let out = authority.done(&[&["ca", "intermediate", "--name", "cluster-east"], &flags[..]].concat());
    assert!(out.contains("cluster-east"), "{out}");
    let (root, east) = (authority.certificate("root", "active"), authority.certificate("cluster-east", "active"));
    assert!(east.is_signed_by(&root) && east.has_name_constraints());
    assert_eq!(east.basic_constraints().unwrap().path_length, Some(0));
    assert_eq!(east.public_key().to_string(), "ECDSA P-384");
    assert_eq!(east.not_after().duration_since(east.not_before()).as_hours(), 30 * 24);
    authority.issue("web", &["--issuer", "cluster-east"]);
    assert!(authority.files("web").leaf().is_signed_by(&east));
    // The default is the root's kind of key and two years.
    authority.done(&["ca", "intermediate", "--name", "west", "-q"]);
    let west = authority.certificate("west", "active");
    assert_eq!(west.public_key().to_string(), "ECDSA P-256");
    assert_eq!(west.not_after().duration_since(west.not_before()).as_hours(), 2 * 365 * 24);
    let shown = authority.run(&["ca", "intermediate", "--name", "north", "-o", "json"]).json();
    assert_eq!(shown["authorities"].as_array().unwrap().len(), 5);
}

#[test]
fn the_one_that_is_replaced_signs_no_more_and_what_it_signed_stays_good() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let before = authority.certificate("default", "active");
    authority.done(&["ca", "intermediate", "--name", "default", "--replace", "-q"]);
    let after = authority.certificate("default", "active");
    assert_ne!(before.subject_key_identifier(), after.subject_key_identifier());
    assert_ne!(before.subject_der(), after.subject_der(), "revocation lists are found by the name");
    assert_eq!(authority.certificate("default", "old"), before);
    authority.issue("db", &[]);
    assert!(authority.files("web").leaf().is_signed_by(&before) && authority.files("db").leaf().is_signed_by(&after));
    authority.done(&["svid", "verify", "web/cert-chain.pem", "--bundle", "db/root-cert.pem"]);
}

#[test]
fn a_revoked_one_signs_nothing_and_can_be_replaced() {
    let authority = Authority::new();
    let serial = authority.certificate("default", "active").serial().to_string();
    authority.done(&["svid", "revoke", "--serial", &serial, "--reason", "ca-compromise", "-q"]);
    let way_out = ["is revoked and signs nothing", "ca intermediate --name default --replace"];
    authority.refuses(&["svid", "issue", "--service-account", "a/b", "--out", "x"], 2, &way_out);
    authority.refuses(&["ca", "export", "--for", "istio", "-o", "x"], 2, &way_out);
    authority.refuses(&["ca", "intermediate", "--name", "default"], 2, &["already, revoked", "--replace"]);
    authority.done(&["ca", "intermediate", "--name", "default", "--replace", "-q"]);
    authority.issue("web", &[]);
    assert_eq!(authority.authority("default", "revoked")["serial"], serial.as_str());
}

#[test]
fn while_a_root_is_prepared_an_intermediate_is_made_under_both() {
    let authority = Authority::new();
    authority.done(&["ca", "rotate", "prepare", "-q"]);
    authority.done(&["ca", "intermediate", "--name", "east", "-q"]);
    let (now, later) = (authority.certificate("east", "active"), authority.certificate("east", "prepared"));
    assert!(now.is_signed_by(&authority.certificate("root", "active")));
    assert!(later.is_signed_by(&authority.certificate("root-2", "prepared")));
    // A new root never takes the name of an intermediate.
    let other = Authority::new();
    other.done(&["ca", "intermediate", "--name", "root-2", "-q"]);
    other.done(&["ca", "rotate", "prepare", "-q"]);
    other.certificate("root-3", "prepared");
}
