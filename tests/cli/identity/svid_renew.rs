//! `svid renew`: when, why and into what; and that a reader never sees a key without its certificate.

use std::fs;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use meshsec::pki::Certificate;
use meshsec::pki::PrivateKey;

use crate::identity::authority::Authority;
use crate::identity::certificates;
use crate::run;

/// Makes a certificate due whatever its age.
const ALWAYS: [&str; 4] = ["--ratio", "1", "--jitter", "0"];

#[test]
fn what_is_no_certificate_of_this_ledger_is_refused() {
    let authority = Authority::new();
    let other = Authority::new();
    authority.issue("web", &[]);
    other.issue("web", &[]);
    fs::create_dir(authority.path("empty")).unwrap();
    authority.write("broken/cert-chain.pem", b"no certificate");
    authority.write("damaged/cert-chain.pem", b"-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n");
    let foreign = other.path("web").display().to_string();
    for (directory, says) in [
        ("absent", "absent/cert-chain.pem"),
        ("empty", "empty/cert-chain.pem"),
        ("broken", "holds no certificate"),
        ("damaged", "not an X.509 certificate"),
        (foreign.as_str(), "is not in the ledger"),
    ] {
        for flags in [&[][..], &["--force"], &["--check"], &["--watch"]] {
            authority.refuses(&[&["svid", "renew", directory], flags].concat(), 2, &[says]);
        }
    }
    // One that is wrong keeps all others as they are, and each wrong one is told.
    authority.refuses(&["svid", "renew", "--force", "web", "absent", "broken"], 2, &["absent", "broken"]);
}

#[test]
fn a_forged_certificate_with_the_issuer_and_serial_number_of_one_in_the_ledger_is_refused() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let chain = fs::read_to_string(authority.path("web/cert-chain.pem")).unwrap();
    let mut der = certificates(&chain)[0].der().to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    let forged = meshsec::pki::pem("CERTIFICATE", &der);
    authority.write("forged/cert-chain.pem", forged.as_bytes());
    authority.refuses(&["svid", "renew", "forged", "--force"], 2, &["and is another one"]);
}

#[test]
fn wrong_flags_are_refused_with_what_to_do() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    authority.issue("db", &[]);
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["<DIR>"]),
        (&["web", "--all"], &["cannot be used with"]),
        (&["web", "--check", "--watch"], &["cannot be used with"]),
        (&["web", "--check", "--force"], &["cannot be used with"]),
        (&["web", "--watch", "--force"], &["cannot be used with"]),
        (&["web", "--watch", "-o", "json"], &["cannot be used with"]),
        (&["web", "--poll", "1s"], &["--watch"]),
        (&["web", "--ratio", "1.5"], &["outside of 0 to 1"]),
        (&["web", "--ratio", "NaN"], &["outside of 0 to 1"]),
        (&["web", "--jitter", "x"], &["between 0 and 1"]),
        (&["web", "--reuse-key", "--key-type", "rsa-2048"], &["cannot be used with"]),
        (&["web", "--watch", "--ratio", "0.99", "--jitter", "0.01"], &["make them smaller"]),
        (&["web", "db", "--dns", "a.b"], &["one by one"]),
        (&["--all", "--service-account", "a/b"], &["one by one"]),
        (&["web", "--force", "--ttl", "91d"], &["at most", "--max-svid-ttl"]),
        (&["web", "--force", "--ttl", "0s"], &["cannot be zero"]),
        (&["web", "--dns", "a_b"], &["is no DNS name"]),
        (&["web", "--spiffe-id", "spiffe://other/ns/a/sa/b"], &["trust domain `other`"]),
        (&["web", "--spiffe-id", "spiffe://cluster.local/a//b"], &["is no SPIFFE ID"]),
        (&["web", "--issuer", "absent"], &["no issuing authority `absent`"]),
        (&["web", "--home", "absent"], &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["svid", "renew"], *flags].concat(), 2, says);
    }
}

#[test]
fn a_certificate_for_a_key_that_is_elsewhere_is_refused_with_the_way_out() {
    let authority = Authority::new();
    authority.write("db.csr", crate::identity::authority::request(&[]).as_bytes());
    let id = "spiffe://cluster.local/vm/db1";
    authority.done(&["svid", "issue", "--spiffe-id", id, "--csr", "db.csr", "--out", "db"]);
    let ways = ["key was made elsewhere", "svid issue --spiffe-id spiffe://cluster.local/vm/db1 --csr FILE --out"];
    authority.refuses(&["svid", "renew", "db"], 2, &ways);
    authority.refuses(&["svid", "renew", "db", "--force"], 2, &ways);
    // Whether it is due is known all the same.
    assert_eq!(authority.run(&["svid", "renew", "db", "--check"]).code, 1);
    let ran = authority.run(&[&["svid", "renew", "db", "--check"], &ALWAYS[..]].concat());
    assert!(ran.code == 0 && ran.out.contains("it cannot be renewed"), "{ran:?}");
    // `--all` leaves it out, and says so once it is due.
    assert_eq!(authority.run(&["svid", "renew", "--all"]).code, 0);
    let ran = authority.run(&[&["svid", "renew", "--all"], &ALWAYS[..]].concat());
    assert!(ran.code == 1 && ran.err.contains("was left out") && ran.err.contains(ways[0]), "{ran:?}");
}

#[test]
fn an_identity_that_was_ended_is_not_brought_back() {
    let authority = Authority::new();
    let ends = ["affiliation-changed", "cessation-of-operation", "certificate-hold", "privilege-withdrawn"];
    for reason in ends {
        authority.issue(reason, &[]);
        let serial = authority.files(reason).serial();
        authority.done(&["svid", "revoke", "--serial", &serial, "--reason", reason, "-q"]);
        authority.refuses(&["svid", "renew", reason], 2, &[reason, "svid issue"]);
        authority.refuses(&["svid", "renew", reason, "--force"], 2, &[reason]);
    }
    for reason in ["unspecified", "key-compromise", "ca-compromise", "superseded", "aa-compromise"] {
        authority.issue(reason, &[]);
        let serial = authority.files(reason).serial();
        authority.done(&["svid", "revoke", "--serial", &serial, "--reason", reason, "-q"]);
        let out = authority.done(&["svid", "renew", reason]);
        assert!(out.contains("because it was revoked"), "{reason}: {out}");
        assert_ne!(authority.files(reason).serial(), serial, "{reason}");
    }
}

#[test]
fn a_key_is_used_again_only_when_it_can_and_may_be() {
    let authority = Authority::new();
    for account in ["lost", "swapped", "known", "good"] {
        authority.issue(account, &[]);
    }
    fs::remove_file(authority.path("lost/key.pem")).unwrap();
    let other = fs::read(authority.path("good/key.pem")).unwrap();
    fs::write(authority.path("swapped/key.pem"), other).unwrap();
    let serial = authority.files("known").serial();
    authority.done(&["svid", "revoke", "--serial", &serial, "--reason", "key-compromise", "-q"]);
    for (directory, says) in
        [("lost", "its private key is gone"), ("swapped", "not its own"), ("known", "known to others (key-compromise)")]
    {
        authority.refuses(&["svid", "renew", directory, "--reuse-key"], 2, &[says, "leave `--reuse-key` out"]);
        authority.done(&["svid", "renew", directory]);
        authority.files(directory);
    }
    let before = authority.files("good");
    authority.done(&["svid", "renew", "good", "--force", "--reuse-key"]);
    let after = authority.files("good");
    assert_ne!(after.serial(), before.serial());
    assert_eq!(after.key.as_pkcs8(), before.key.as_pkcs8());
    authority.done(&["svid", "renew", "good", "--force"]);
    assert_ne!(authority.files("good").key.as_pkcs8(), before.key.as_pkcs8());
}

#[test]
fn a_wrong_passphrase_signs_nothing_and_is_asked_for_only_when_something_is_signed() {
    let authority = Authority::nowhere();
    let run = |arguments: &[&str], passphrase: Option<&str>| {
        let mut command = authority.command(arguments);
        if let Some(passphrase) = passphrase {
            command.env("MESHSEC_PASSWORD", passphrase);
        }
        run::finish(&mut command, "")
    };
    assert_eq!(run(&["ca", "init", "-q"], Some("right")).code, 0);
    assert_eq!(run(&["svid", "issue", "--service-account", "shop/web", "--out", "web"], Some("right")).code, 0);
    let before = authority.files("web").serial();
    for (passphrase, flags, code, says) in [
        (Some("wrong"), &["--force"][..], 2, "wrong passphrase"),
        (None, &["--force"], 2, "no passphrase was given"),
        (Some("wrong"), &["--watch"], 2, "wrong passphrase"),
        (None, &["--watch"], 2, "no passphrase was given"),
        (None, &["--check"], 1, ""),
        (None, &[], 0, ""),
        (Some("right"), &["--force"], 0, ""),
    ] {
        let ran = run(&[&["svid", "renew", "web"], flags].concat(), passphrase);
        assert!(ran.code == code && ran.err.contains(says), "{passphrase:?} {flags:?}: {ran:?}");
        let is_same = authority.files("web").serial() == before;
        assert_eq!(is_same, passphrase != Some("right"), "{passphrase:?} {flags:?}");
    }
}

#[test]
fn files_that_something_else_wrote_stay_and_nothing_is_signed_for_them() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    for name in ["cert-chain.pem", "key.pem", "root-cert.pem"] {
        let bytes = fs::read(authority.path("web").join(name)).unwrap();
        authority.write(&format!("copy/{name}"), &bytes);
    }
    authority.refuses(&["svid", "renew", "copy", "--force"], 2, &["was not written by this program", "--overwrite"]);
    assert_eq!(authority.files("copy").serial(), authority.files("web").serial());
    authority.done(&["svid", "renew", "copy", "--force", "--overwrite"]);
    assert_ne!(authority.files("copy").serial(), authority.files("web").serial());
    assert!(authority.path("copy/key.pem").is_symlink());
}

#[test]
fn what_is_fine_is_left_alone() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let before = authority.files("web").serial();
    for arguments in [&["svid", "renew", "web"][..], &["svid", "renew", "--all"], &["svid", "renew", "web", "web", "./web"]] {
        let out = authority.done(arguments);
        assert!(out.lines().count() == 1 && out.contains("is fine: due at"), "{arguments:?}: {out}");
    }
    assert_eq!(authority.done(&["svid", "renew", "web", "-q"]), "");
    assert_eq!(authority.files("web").serial(), before);
    assert_eq!(authority.serials("all").len(), 1);
}

#[test]
fn each_reason_renews_and_is_told() {
    let authority = Authority::new();
    for account in ["due", "expired", "revoked", "keyless", "names", "forced", "signer"] {
        authority.issue(account, &["--dns", "a.example", "--ttl", if account == "expired" { "1s" } else { "1h" }]);
    }
    thread::sleep(Duration::from_secs(2));
    let serial = authority.files("revoked").serial();
    authority.done(&["svid", "revoke", "--serial", &serial, "-q"]);
    fs::remove_file(authority.path("keyless/key.pem")).unwrap();
    let mut wrong = Vec::new();
    for (directory, flags, kind, message) in [
        ("due", &ALWAYS[..], "due", "it is due since"),
        ("expired", &[], "expired", "it expired at"),
        ("revoked", &[], "revoked", "it was revoked"),
        ("keyless", &[], "key-missing", "its private key is gone"),
        ("names", &["--dns", "b.example"], "names-changed", "the requested SANs changed: it lacks DNS:b.example"),
        ("forced", &["--force"], "forced", "it was asked for"),
        ("signer", &[], "signer-changed", "no longer the one that signs"),
    ] {
        if kind == "signer-changed" {
            authority.done(&["ca", "intermediate", "--name", "default", "--replace", "-q"]);
        }
        let ran = authority.run(&[&["svid", "renew", directory, "-o", "json"], flags].concat());
        let found = ran.json()["certificates"][0].clone();
        let reason = &found["reasons"][0];
        let is_right = ran.code == 0
            && found["action"] == "renewed"
            && found["needsRenewal"] == true
            && reason["kind"] == kind
            && reason["message"].as_str().unwrap().contains(message);
        if !is_right || found["renewed"]["serial"].as_str() != Some(&authority.files(directory).serial()) {
            wrong.push(format!("{directory}: {ran:?}"));
        }
        assert!(!ran.out.contains("PRIVATE KEY"), "{directory}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_new_certificate_is_the_old_one_anew() {
    let authority = Authority::new();
    let flags = ["--dns", "web.example", "--ip", "10.0.0.1", "--ttl", "3h", "--key-type", "ecdsa-p384"];
    authority.issue("web", &flags);
    let before = authority.files("web");
    authority.done(&["svid", "renew", "web", "--force"]);
    let after = authority.files("web");
    assert_ne!(after.serial(), before.serial());
    assert_ne!(after.key.as_pkcs8(), before.key.as_pkcs8());
    assert_eq!(after.names(), before.names());
    assert_eq!(after.names(), ["URI:spiffe://cluster.local/ns/shop/sa/web", "DNS:web.example", "IP:10.0.0.1"]);
    assert_eq!(after.leaf().public_key().to_string(), "ECDSA P-384");
    let life = |certificate: &Certificate| certificate.not_after().duration_since(certificate.not_before()).as_secs();
    assert_eq!(life(after.leaf()), life(before.leaf()));
    let row = authority.rows("all").into_iter().find(|row| row["serial"] == after.serial().as_str()).unwrap();
    assert_eq!((row["origin"].as_str(), row["renewedFrom"].as_str()), (Some("renew"), Some(before.serial().as_str())));
    assert_eq!(row["files"].as_str(), authority.path("web").to_str());
    let id = "spiffe://cluster.local/ns/shop/sa/web";
    authority.done(&["svid", "verify", "web/cert-chain.pem", "--bundle", "web/root-cert.pem", "--spiffe-id", id]);
}

#[test]
fn what_was_asked_for_is_different() {
    let authority = Authority::new();
    authority.issue("web", &["--dns", "old.example", "--ip", "10.0.0.1"]);
    let renew = |flags: &[&str]| authority.done(&[&["svid", "renew", "web"], flags].concat());
    let uri = "URI:spiffe://cluster.local/ns/shop/sa/web";
    for (flags, names) in [
        (&["--dns", "a.example", "--dns", "b.example"][..], vec![uri, "DNS:a.example", "DNS:b.example"]),
        (&["--ip", "::1"], vec![uri, "IP:::1"]),
        (&["--service-account", "shop/api"], vec!["URI:spiffe://cluster.local/ns/shop/sa/api", "IP:::1"]),
        (&["--spiffe-id", "spiffe://cluster.local/vm/1"], vec!["URI:spiffe://cluster.local/vm/1", "IP:::1"]),
    ] {
        assert!(renew(flags).contains("because the requested SANs changed"), "{flags:?}");
        assert_eq!(authority.files("web").names(), names, "{flags:?}");
        assert!(renew(flags).contains("is fine"), "{flags:?}: the same names again");
    }
    renew(&["--force", "--ttl", "7d", "--key-type", "rsa-2048"]);
    let leaf = authority.files("web").leaf().clone();
    assert_eq!(leaf.public_key().to_string(), "RSA 2048");
    assert_eq!(leaf.not_after().duration_since(leaf.not_before()).as_secs(), 7 * 86_400 + 120);
    authority.done(&["ca", "intermediate", "--name", "east", "-q"]);
    assert!(renew(&["--issuer", "east"]).contains("no longer the one that signs"));
    assert!(authority.files("web").leaf().issuer().contains("meshsec east"));
    assert!(renew(&[]).contains("is fine"), "the signer's name is kept");
}

#[test]
fn a_look_changes_nothing_and_its_exit_code_answers() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    authority.issue("db", &[]);
    let check = |arguments: &[&str]| authority.run(&[&["svid", "renew", "--check"], arguments].concat());
    let always = &ALWAYS[..];
    for (arguments, code) in [
        (&["absent"][..], 2),
        (&["web", "absent"], 2),
        (&["web"], 1),
        (&["web", "db"], 1),
        (&["--all"], 1),
        (&["web", "--dns", "a.b"], 0),
    ] {
        assert_eq!(check(arguments).code, code, "{arguments:?}");
    }
    for arguments in [&["web"][..], &["web", "db"], &["--all"]] {
        let ran = check(&[arguments, always].concat());
        assert!(ran.code == 0 && ran.out.contains("needs renewal because it is due since"), "{ran:?}");
    }
    let ran = check(&[&["web", "-o", "json"], always].concat());
    let found = &ran.json()["certificates"][0];
    assert_eq!((found["action"].as_str(), found["reasons"][0]["kind"].as_str()), (Some("checked"), Some("due")));
    assert_eq!((check(&["web", "-q"]).out, authority.serials("all").len()), (String::new(), 2));
}

#[test]
fn roots_that_changed_are_replaced_beside_a_certificate_that_is_fine() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let before = authority.files("web");
    authority.done(&["ca", "rotate", "prepare", "-q"]);
    let ran = authority.run(&["svid", "renew", "web", "--check"]);
    assert!(ran.code == 0 && ran.out.contains("needs other roots"), "{ran:?}");
    assert!(authority.done(&["svid", "renew", "web"]).contains("replaced root-cert.pem"));
    let after = authority.files("web");
    assert_eq!((after.serial(), after.key.as_pkcs8()), (before.serial(), before.key.as_pkcs8()));
    assert_eq!((before.roots.len(), after.roots.len()), (1, 2));
    assert_eq!(authority.run(&["svid", "renew", "web", "--check"]).code, 1);
    // Once the new root signs, the old signer's certificate is replaced; both roots stay in the bundle.
    authority.done(&["ca", "rotate", "activate", "-q"]);
    assert!(authority.done(&["svid", "renew", "--all"]).contains("no longer the one that signs"));
    let renewed = authority.files("web");
    assert!(renewed.serial() != before.serial() && renewed.roots.len() == 2);
    let id = "spiffe://cluster.local/ns/shop/sa/web";
    authority.done(&["svid", "verify", "web/cert-chain.pem", "--bundle", "web/root-cert.pem", "--spiffe-id", id]);
    // A file that was lost, or only its link, comes back.
    fs::remove_file(authority.path("web/root-cert.pem")).unwrap();
    authority.done(&["svid", "renew", "web"]);
    assert_eq!(authority.files("web").roots.len(), 2);
}

#[test]
fn all_renews_what_is_due_and_names_what_is_gone() {
    let authority = Authority::new();
    for account in ["a", "b", "c", "gone", "over"] {
        authority.issue(account, &["--ttl", if account == "over" { "1s" } else { "1h" }]);
    }
    authority.done(&["svid", "issue", "--service-account", "shop/k8s", "-o", "k8s"]);
    thread::sleep(Duration::from_secs(2));
    for directory in ["gone", "over"] {
        fs::remove_dir_all(authority.path(directory)).unwrap();
    }
    // Not due: that a directory is gone does not matter yet.
    assert_eq!(authority.run(&["svid", "renew", "--all"]).code, 0);
    let before: Vec<String> = ["a", "b", "c"].map(|name| authority.files(name).serial()).into();
    let ran = authority.run(&[&["svid", "renew", "--all"], &ALWAYS[..]].concat());
    assert_eq!(ran.code, 1, "{ran:?}");
    assert_eq!(ran.out.lines().filter(|line| line.starts_with("renewed ")).count(), 3, "{ran:?}");
    assert!(ran.err.contains("/gone` was left out") && !ran.err.contains("/over"), "{ran:?}");
    let after: Vec<String> = ["a", "b", "c"].map(|name| authority.files(name).serial()).into();
    assert!(before.iter().zip(&after).all(|(before, after)| before != after));
    assert!(!authority.path("gone").exists(), "a directory that is gone stays gone");
    assert_eq!(authority.serials("all").len(), 6 + 3, "a certificate for each that was renewed, and no other");
    let ran = authority.run(&[&["svid", "renew", "--all", "-o", "json"], &ALWAYS[..]].concat());
    let actions: Vec<_> = ran.json()["certificates"].as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
    assert_eq!(actions, ["renewed", "renewed", "renewed", "left-out"]);
}

#[test]
fn a_certificate_that_ends_with_its_signer_waits_for_another_signer() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "short", "--ttl", "5m", "-q"]);
    authority.issue("web", &["--issuer", "short"]);
    let renew = [&["svid", "renew", "web"], &ALWAYS[..]].concat();
    authority.refuses(&renew, 2, &["with its signer `short`", "ca intermediate --name short --replace"]);
    authority.done(&["ca", "intermediate", "--name", "short", "--ttl", "1y", "--replace", "-q"]);
    authority.done(&["svid", "renew", "web"]);
    let leaf = authority.files("web").leaf().clone();
    let hours = leaf.not_after().duration_since(leaf.not_before()).as_hours();
    assert_eq!(hours, 24, "the life that was cut short is not kept");
}

#[test]
fn a_reader_never_sees_a_key_without_its_certificate() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    let is_done = AtomicBool::new(false);
    let directory = authority.path("web");
    let seen = thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut seen = std::collections::BTreeSet::new();
            while !is_done.load(Ordering::Relaxed) {
                // As kubelet's volumes are read: the version is looked up once. One that is removed meanwhile is looked up again.
                let Ok(version) = fs::canonicalize(directory.join("..data")) else { continue };
                let read = |name: &str| fs::read_to_string(version.join(name)).ok();
                if let (Some(chain), Some(key)) = (read("cert-chain.pem"), read("key.pem")) {
                    let leaf = certificates(&chain).swap_remove(0);
                    let key = PrivateKey::from_pem(&key, None).unwrap();
                    assert_eq!(key.public_key().unwrap().info(), leaf.public_key().info());
                    seen.insert(leaf.serial().to_string());
                }
            }
            seen
        });
        for _ in 0..50 {
            authority.done(&["svid", "renew", "web", "--force", "-q"]);
        }
        is_done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(seen.len() > 10, "the reader saw {} versions", seen.len());
    assert_eq!(authority.serials("all").len(), 51);
}

#[test]
fn two_at_once_leave_a_whole_identity() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| drop(authority.done(&["svid", "renew", "web", "--force", "-q"]))));
        }
    });
    authority.files("web");
    assert_eq!(authority.serials("all").len(), 21);
    let names = fs::read_dir(authority.path("web")).unwrap().count();
    assert_eq!(names, 5, "one version, its link and three files");
}

#[test]
fn a_command_runs_after_each_replacement_and_its_failure_is_told() {
    let authority = Authority::new();
    authority.issue("web", &[]);
    authority.issue("db", &[]);
    let command = "echo \"$MESHSEC_CERT_DIR $MESHSEC_SPIFFE_ID ${MESHSEC_PASSWORD:-none}\" >> ran; cat $MESHSEC_CERT_DIR/key.pem > /dev/null";
    assert!(authority.done(&["svid", "renew", "web", "--exec", command]).contains("is fine"));
    assert!(!authority.path("ran").exists(), "nothing was replaced");
    let mut renew = authority.command(&["svid", "renew", "web", "db", "--force", "--exec", command]);
    let ran = run::finish(renew.env("MESHSEC_PASSWORD", "secret"), "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let line = |name: &str| format!("{} spiffe://cluster.local/ns/shop/sa/{name} none\n", authority.path(name).display());
    assert_eq!(fs::read_to_string(authority.path("ran")).unwrap(), line("db") + &line("web"));
    let before = authority.files("web").serial();
    let ran = authority.run(&["svid", "renew", "web", "--force", "--exec", "echo here; exit 7"]);
    assert!(ran.code == 1 && ran.err.contains("exit code 7") && ran.err.contains("here\n"), "{ran:?}");
    assert!(ran.out.starts_with("renewed ") && !ran.out.contains("here"), "{ran:?}");
    assert_ne!(authority.files("web").serial(), before);
}
