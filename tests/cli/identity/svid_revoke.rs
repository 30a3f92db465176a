//! `svid revoke`: by serial number or identity, once, with a reason.

use std::thread;
use std::time::Duration;

use crate::identity::authority::Authority;

#[test]
fn what_cannot_be_revoked_is_refused() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    authority.issue("over", &["--ttl", "1s"]);
    thread::sleep(Duration::from_secs(2));
    let root = authority.certificate("root", "active").serial().to_string();
    let serial = authority.files("web").serial();
    let web = "spiffe://cluster.local/ns/shop/sa/web";
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["--serial"]),
        (&["--serial", &serial, "--spiffe-id", web], &["cannot be used with"]),
        (&["--serial", "xyz"], &["write it in hex"]),
        (&["--serial", ""], &["write it in hex"]),
        (&["--serial", "01"], &["no certificate with the serial number 01", "svid list"]),
        (&["--serial", &root], &["is a root", "ca rotate"]),
        (&["--spiffe-id", "web"], &["spiffe://"]),
        (&["--spiffe-id", "spiffe://cluster.local/none"], &["no valid certificate of `spiffe://cluster.local/none`"]),
        (&["--spiffe-id", "spiffe://cluster.local/ns/shop/sa/over"], &["no valid certificate"]),
        (&["--serial", &serial, "--reason", "because"], &["`because` is no reason"]),
        (&["--serial", &serial, "--reason", "remove-from-crl"], &["`remove-from-crl` is no reason"]),
        (&["--serial", &serial, "--home", "absent"], &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["svid", "revoke"], *flags].concat(), 2, says);
    }
    assert!(authority.rows("revoked").is_empty());
}

#[test]
fn a_serial_number_is_revoked_once_however_it_is_written() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let serial = authority.files("web").serial();
    let colons: Vec<&str> = serial.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    let ran = authority.run(&["svid", "revoke", "--serial", &colons.join(":").to_uppercase(), "--reason", "key-compromise"]);
    assert!(ran.code == 0 && ran.err.contains("ca crl --for istio"), "{ran:?}");
    assert_eq!(ran.out, format!("revoked {serial} spiffe://cluster.local/ns/shop/sa/web, reason key-compromise\n"));
    let row = authority.rows("revoked").swap_remove(0);
    let again = authority.done(&["svid", "revoke", "--serial", &format!("0x{serial}"), "--reason", "superseded"]);
    assert!(again.starts_with("revoked before: ") && again.contains("key-compromise"), "{again}");
    assert_eq!(authority.rows("revoked"), [row], "the first reason and time stay");
    assert_eq!(authority.run(&["svid", "revoke", "--serial", &serial, "-q"]).out, "");
}

#[test]
fn an_identity_loses_every_valid_certificate_and_no_other() {
    let authority = Authority::new();
    authority.issue("web", &["--ttl", "1s"]);
    let expired = authority.files("web").serial();
    thread::sleep(Duration::from_secs(2));
    authority.issue("web", &[]);
    let first = authority.files("web").serial();
    authority.done(&["svid", "renew", "web", "--force", "-q"]);
    let second = authority.files("web").serial();
    authority.issue("web2", &[]);
    let out = authority.done(&["svid", "revoke", "--spiffe-id", "spiffe://cluster.local/ns/shop/sa/web"]);
    assert_eq!(out.lines().count(), 2, "{out}");
    assert!(out.contains(&first) && out.contains(&second) && !out.contains(&expired) && out.contains("reason unspecified"));
    assert_eq!(authority.serials("valid"), [authority.files("web2").serial()]);
    assert_eq!(authority.serials("expired"), [expired]);
}
