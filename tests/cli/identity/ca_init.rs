//! `ca init`: what it refuses, and what a new authority is.

use std::fs;

use meshsec::pki::KeyType;

use crate::identity::authority::Authority;
use crate::identity::authority::keys;
use crate::identity::authority::mode;

const OPEN: [&str; 3] = ["ca", "init", "--insecure-no-password"];

#[test]
fn what_cannot_be_made_is_refused_and_nothing_is_there() {
    let authority = Authority::nowhere();
    let long = "a".repeat(256);
    let cases: &[(&[&str], &[&str])] = &[
        (&["--trust-domain", ""], &["the trust domain is missing"]),
        (&["--trust-domain", "Cluster.local"], &["`C` (character 1"]),
        (&["--trust-domain", "a b"], &["character 2"]),
        (&["--trust-domain", "a/b"], &["character 2"]),
        (&["--trust-domain", "a:8080"], &["character 2"]),
        (&["--trust-domain", "http://a"], &["scheme"]),
        (&["--trust-domain", "spiffe://"], &["missing"]),
        (&["--trust-domain", &long], &["255"]),
        (&["--key-type", "rsa-1024"], &["rsa-1024", "rsa-2048"]),
        (&["--key-type", "dsa"], &["`dsa`", "ecdsa-p256"]),
        (&["--ttl", "0s"], &["cannot be zero"]),
        (&["--ttl", "10"], &["`10` has no unit"]),
        (&["--ttl", "1y", "--intermediate-ttl", "366d"], &["`--intermediate-ttl` is longer than `--ttl`"]),
        (&["--max-svid-ttl=-1h"], &["max-svid-ttl", "cannot be negative"]),
        (&["-o", "yaml"], &["text, json"]),
        (&["--password-file", "absent"], &["cannot be used with"]),
        (&["surplus"], &["surplus"]),
    ];
    for (flags, says) in cases {
        let ran = authority.run(&[&OPEN[..], flags].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{flags:?}: {ran:?}");
        for words in *says {
            assert!(ran.err.contains(words), "{flags:?} does not say `{words}`: {}", ran.err);
        }
        assert!(authority.names().is_empty(), "{flags:?}: {:?}", authority.names());
    }
}

#[test]
fn a_new_authority_is_a_root_and_an_intermediate_for_their_owner_alone() {
    let authority = Authority::new();
    for (path, expected) in [("home", 0o700), ("home/keys", 0o700), ("home/ledger.db", 0o600)] {
        assert_eq!(mode(&authority.path(path)), expected, "{path}");
    }
    let key_files: Vec<_> = fs::read_dir(authority.path("home/keys")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(key_files.len(), 2);
    for path in &key_files {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    let (root, default) = (authority.certificate("root", "active"), authority.certificate("default", "active"));
    assert!(root.is_signed_by(&root) && default.is_signed_by(&root));
    for (certificate, path_length, years) in [(&root, 1, 10), (&default, 0, 2)] {
        let constraints = certificate.basic_constraints().unwrap();
        assert_eq!((constraints.is_ca, constraints.path_length, constraints.is_critical), (true, Some(path_length), true));
        let usage = certificate.key_usage().unwrap();
        assert_eq!((usage.names(), usage.is_critical), (vec!["keyCertSign", "cRLSign"], true));
        assert_eq!(certificate.uris().collect::<Vec<_>>(), ["spiffe://cluster.local"]);
        // Zeros in front of the 16 random bytes do not count.
        assert!((12..=16).contains(&certificate.serial().as_be_bytes().len()), "{}", certificate.serial());
        let life = certificate.not_after().duration_since(certificate.not_before()).as_secs();
        assert_eq!(life, years * 365 * 86_400 + 120, "two minutes for clocks that are behind");
        assert!(certificate.subject().contains("O=cluster.local") && !certificate.has_name_constraints());
    }
    assert_ne!(root.subject_der(), default.subject_der());
    assert_eq!(default.authority_key_identifier(), root.subject_key_identifier());
}

#[test]
fn every_kind_of_key_is_made() {
    for key_type in KeyType::ALL {
        let authority = Authority::with(&["--key-type", key_type.name()]);
        for name in ["root", "default"] {
            assert_eq!(authority.authority(name, "active")["keyType"], key_type.name(), "{name}");
            assert_eq!(authority.certificate(name, "active").public_key().key_type(), Some(key_type), "{name}");
        }
    }
}

#[test]
fn each_flag_reaches_the_certificates() {
    let flags = ["--trust-domain", "spiffe://example.org/vm/1", "--ttl", "400d", "--intermediate-ttl", "30d"];
    let authority = Authority::with(&[&flags[..], &["--max-svid-ttl", "2h", "--constrain"]].concat());
    let days = |name: &str| {
        let certificate = authority.certificate(name, "active");
        certificate.not_after().duration_since(certificate.not_before()).as_hours() / 24
    };
    assert_eq!((days("root"), days("default")), (400, 30));
    assert!(authority.certificate("root", "active").has_name_constraints());
    assert!(!authority.certificate("default", "active").has_name_constraints());
    let shown = authority.run(&["ca", "show", "-o", "json"]).json();
    assert_eq!((shown["trustDomain"].as_str(), shown["maxSvidTtlSeconds"].as_i64()), (Some("example.org"), Some(7200)));
    authority.refuses(&["svid", "issue", "--service-account", "a/b", "--out", "x", "--ttl", "3h"], 2, &["--max-svid-ttl"]);
    // What is not said is cut to the longest, without a warning, since that is the authority's own rule.
    authority.issue("web", &[]);
    let leaf = authority.files("web").leaf().clone();
    assert_eq!(leaf.not_after().duration_since(leaf.not_before()).as_secs(), 7200 + 120);
    let short = Authority::with(&["--ttl", "1d"]);
    let (root, default) = (short.certificate("root", "active"), short.certificate("default", "active"));
    assert_eq!(root.not_after(), default.not_after(), "an intermediate lives no longer than its root");
}

#[test]
fn the_answer_says_what_was_made_and_shows_no_key() {
    let authority = Authority::nowhere();
    let ran = authority.run(&[&OPEN[..], &["-o", "json"]].concat());
    let made = ran.json();
    assert_eq!(
        keys(&made),
        ["schema", "home", "trustDomain", "keysEncrypted", "maxSvidTtlSeconds", "bundleSequence", "authorities"]
    );
    assert_eq!((made["schema"].as_str(), made["keysEncrypted"].as_bool()), (Some("meshsec.ca.show/v1"), Some(false)));
    let names: Vec<_> = made["authorities"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["root", "default"]);
    assert_eq!(authority.done(&["ca", "show", "-o", "json"]), ran.out);
    let text = Authority::nowhere().run(&OPEN);
    assert!(text.out.contains("authority of cluster.local in") && text.out.contains("NOT encrypted"), "{text:?}");
    for ran in [&ran, &text] {
        assert!(!ran.out.contains("PRIVATE KEY") && ran.err.contains("not encrypted"), "{ran:?}");
    }
    let quiet = Authority::nowhere().run(&[&OPEN[..], &["-q"]].concat());
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (0, "", ""));
}
