//! `svid issue`: what is refused before anything is signed, and what one certificate says.

use std::fs;
use std::process::Command;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::identity::authority::Authority;
use crate::identity::authority::keys;
use crate::identity::authority::mode;
use crate::identity::authority::request;
use crate::identity::authority::secret;
use crate::identity::certificates;

#[test]
fn wrong_flags_are_refused_and_nothing_is_signed_or_written() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "short", "--ttl", "1h", "-q"]);
    authority.write("foreign/key.pem", b"mine");
    authority.write("file", b"mine");
    authority.write("db.csr", request(&[]).as_bytes());
    let account = ["--service-account", "a/b"];
    let with = |flags: &[&'static str]| [&account[..], flags].concat();
    let cases: &[(Vec<&str>, &[&str])] = &[
        (vec![], &["nothing says where the private key goes", "--out", "-o k8s", "--csr"]),
        (vec!["--out", "x"], &["no identity was given", "--service-account"]),
        (with(&[]), &["nothing says where the private key goes"]),
        (with(&["-o", "json"]), &["nothing says where the private key goes"]),
        (with(&["--out", "x", "--spiffe-id", "spiffe://cluster.local/x"]), &["cannot be used with"]),
        (with(&["--out", "x", "--all"]), &["cannot be used with"]),
        (with(&["--out", "x", "-f", "file"]), &["manifests were given, and one identity", "--all"]),
        (with(&["--out", "x", "--layout", "tls"]), &["`--layout` says how a Secret looks", "-o k8s"]),
        (with(&["--out", "x", "--requested-names", "ignore"]), &["--csr"]),
        (with(&["-o", "k8s", "--csr", "db.csr"]), &["a Secret needs the private key"]),
        (vec!["--spiffe-id", "spiffe://cluster.local/vm/1", "-o", "k8s"], &["is no service account", "--out"]),
        (vec!["--all", "--out", "x"], &["no manifests were given", "-f"]),
        (with(&["--out", "x", "--ttl", "0s"]), &["cannot be zero"]),
        (with(&["--out", "x", "--ttl", "91d"]), &["at most", "--max-svid-ttl"]),
        (with(&["--out", "x", "--ttl", "2h", "--issuer", "short"]), &["beyond the signer `short`", "--replace"]),
        (with(&["--out", "x", "--issuer", "absent"]), &["no issuing authority `absent`", "ca show"]),
        (with(&["--out", "x", "--key-type", "rsa-1024"]), &["rsa-2048"]),
        (with(&["--out", "foreign"]), &["`foreign/key.pem` exists and was not written by this program", "--overwrite"]),
        (with(&["--out", "file"]), &["`file` is not a directory"]),
        (with(&["--out", "file/below"]), &["`file` is not a directory"]),
        (with(&["--out", "x", "--dns", "a_b"]), &["`--dns a_b` is no DNS name"]),
        (with(&["--out", "x", "--dns", ""]), &["is no DNS name"]),
        (with(&["--out", "x", "--ip", "10.0.0"]), &["10.0.0"]),
        (with(&["--out", "x", "-o", "yaml"]), &["text, json, k8s"]),
        (with(&["--out", "x", "--home", "absent"]), &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["svid", "issue"], flags.as_slice()].concat(), 2, says);
    }
    assert_eq!(fs::read_to_string(authority.path("foreign/key.pem")).unwrap(), "mine");
}

#[test]
fn an_identity_that_is_none_is_refused_with_the_rule_it_breaks() {
    let authority = Authority::new();
    let long = format!("spiffe://cluster.local/{}", "a".repeat(2049 - "spiffe://cluster.local/".len()));
    let mut wrong = Vec::new();
    for (flag, identity, says) in [
        ("--spiffe-id", "", "the text is empty"),
        ("--spiffe-id", "cluster.local/ns/a/sa/b", "the scheme must be `spiffe://`"),
        ("--spiffe-id", "https://cluster.local/a", "the scheme must be `spiffe://`"),
        ("--spiffe-id", "SPIFFE://cluster.local/a", "the scheme must be `spiffe://`"),
        ("--spiffe-id", "spiffe://", "the trust domain is missing"),
        ("--spiffe-id", "spiffe:///a", "the trust domain is missing"),
        ("--spiffe-id", "spiffe://Cluster.local/a", "a trust domain holds lower-case letters"),
        ("--spiffe-id", "spiffe://cluster.local:80/a", "a trust domain holds lower-case letters"),
        ("--spiffe-id", "spiffe://user@cluster.local/a", "a trust domain holds lower-case letters"),
        ("--spiffe-id", "spiffe://cluster.local/", "slash"),
        ("--spiffe-id", "spiffe://cluster.local/a/", "slash"),
        ("--spiffe-id", "spiffe://cluster.local/a//b", "a path segment is empty"),
        ("--spiffe-id", "spiffe://cluster.local/a/./b", "`.` or `..`"),
        ("--spiffe-id", "spiffe://cluster.local/a/..", "`.` or `..`"),
        ("--spiffe-id", "spiffe://cluster.local/a%20b", "not `%`"),
        ("--spiffe-id", "spiffe://cluster.local/a?b", "not `?`"),
        ("--spiffe-id", "spiffe://cluster.local/a#b", "not `#`"),
        ("--spiffe-id", "spiffe://cluster.local/ä", "not `ä`"),
        ("--spiffe-id", "spiffe://cluster.local", "the trust domain itself"),
        ("--spiffe-id", &long, "2048"),
        ("--spiffe-id", "spiffe://example.org/vm/1", "lies in trust domain `example.org`"),
        ("--service-account", "", "is no service account"),
        ("--service-account", "/web", "is no service account"),
        ("--service-account", "shop/", "is no service account"),
        ("--service-account", "shop/web/x", "is no service account"),
        ("--service-account", "shop/we b", "not ` `"),
        ("--service-account", "..", "`.` or `..`"),
    ] {
        let ran = authority.run(&["svid", "issue", flag, identity, "--out", "x"]);
        if ran.code != 2 || !ran.err.contains(says) || !ran.out.is_empty() || authority.path("x").exists() {
            wrong.push(format!("{flag} {identity}: {ran:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(authority.serials("all").is_empty());
}

#[test]
fn a_signer_that_is_expired_or_not_yet_valid_signs_nothing() {
    let day = SignedDuration::from_hours(24);
    for (then, says) in [
        (Timestamp::now() - day, &["expired at", "ca intermediate --name NAME --replace"][..]),
        (Timestamp::now() + day, &["is not valid before", "is the clock right?"]),
    ] {
        let authority = Authority::made_at(then, SignedDuration::from_hours(1));
        authority.refuses(&["svid", "issue", "--service-account", "a/b", "--out", "x"], 2, says);
        authority.write("db.csr", request(&[]).as_bytes());
        authority.refuses(&["svid", "issue", "--service-account", "a/b", "--csr", "db.csr"], 2, says);
    }
}

#[test]
fn a_certificate_says_what_was_asked_for_and_nothing_else() {
    let authority = Authority::new();
    let flags = ["--dns", "web.example", "--dns", "*.web.example", "--ip", "10.0.0.1", "--ip", "2001:db8::1", "--ttl", "36h"];
    let out = authority.done(&[&["svid", "issue", "--service-account", "shop/web", "--out", "certs"], &flags[..]].concat());
    let files = authority.files("certs");
    let leaf = files.leaf();
    let place = authority.path("certs");
    let expected = format!("spiffe://cluster.local/ns/shop/sa/web until {} in {}\n", leaf.not_after(), place.display());
    assert_eq!(out, expected);
    let default = authority.certificate("default", "active");
    assert_eq!((files.chain.len(), &files.chain[1]), (2, &default), "leaf, then its issuer; the root is in its own file");
    assert_eq!(files.roots, [authority.certificate("root", "active")]);
    assert!(leaf.is_signed_by(&default));
    assert_eq!(
        files.names(),
        ["URI:spiffe://cluster.local/ns/shop/sa/web", "DNS:web.example", "DNS:*.web.example", "IP:10.0.0.1", "IP:2001:db8::1"]
    );
    assert_eq!(leaf.subject(), "", "the identity is in the names");
    assert!(leaf.is_subject_alt_name_critical(), "as it has to be without a subject (RFC 5280 4.2.1.6)");
    let usage = leaf.key_usage().unwrap();
    assert_eq!((usage.names(), usage.is_critical), (vec!["digitalSignature"], true));
    assert_eq!(leaf.extended_key_usage().unwrap().names(), ["serverAuth", "clientAuth"]);
    assert!(!leaf.is_ca() && leaf.subject_key_identifier().is_some());
    // Zeros in front of the 16 random bytes do not count.
    assert!((12..=16).contains(&leaf.serial().as_be_bytes().len()), "{}", leaf.serial());
    assert_eq!(leaf.not_after().duration_since(leaf.not_before()).as_secs(), 36 * 3600 + 120);
    assert_eq!(mode(&place), 0o700);
    let version = place.join("..data").canonicalize().unwrap();
    for (name, expected) in [("cert-chain.pem", 0o644), ("key.pem", 0o600), ("root-cert.pem", 0o644)] {
        assert_eq!(mode(&version.join(name)), expected, "{name}");
    }
    authority.issue("plain", &[]);
    let leaf = authority.files("plain").leaf().clone();
    assert_eq!(leaf.not_after().duration_since(leaf.not_before()).as_hours(), 24);
}

#[test]
fn every_kind_of_key_is_certified_and_envoys_limit_is_told() {
    let authority = Authority::new();
    for (key_type, shown, usages) in [
        ("ecdsa-p256", "ECDSA P-256", vec!["digitalSignature"]),
        ("ecdsa-p384", "ECDSA P-384", vec!["digitalSignature"]),
        ("rsa-2048", "RSA 2048", vec!["digitalSignature", "keyEncipherment"]),
        ("rsa-3072", "RSA 3072", vec!["digitalSignature", "keyEncipherment"]),
        ("ed25519", "Ed25519", vec!["digitalSignature"]),
    ] {
        let flags = ["--out", key_type, "--key-type", key_type];
        let ran = authority.run(&[&["svid", "issue", "--service-account", "a/b"], &flags[..]].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        assert_eq!(ran.err.contains("Envoy takes no Ed25519 key"), key_type == "ed25519", "{ran:?}");
        let leaf = authority.files(key_type).leaf().clone();
        assert_eq!((leaf.public_key().to_string().as_str(), leaf.key_usage().unwrap().names()), (shown, usages));
    }
}

#[test]
fn the_default_life_is_cut_to_the_signers_end_and_that_is_told() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "short", "--ttl", "1h", "-q"]);
    let ran = authority.run(&["svid", "issue", "--service-account", "a/b", "--issuer", "short", "--out", "x"]);
    assert!(ran.code == 0 && ran.err.contains("cut short at") && ran.err.contains("`short`"), "{ran:?}");
    assert_eq!(authority.files("x").leaf().not_after(), authority.certificate("short", "active").not_after());
}

#[test]
fn json_holds_the_facts_and_never_a_key() {
    let authority = Authority::new();
    let ran = authority.run(&["svid", "issue", "--service-account", "a/b", "--out", "x", "-o", "json"]);
    let found = ran.json();
    assert_eq!(
        keys(&found),
        [
            "schema",
            "spiffeId",
            "serial",
            "subjectAltNames",
            "notBefore",
            "notAfter",
            "clamped",
            "issuer",
            "key",
            "fingerprintSha256",
            "certificateChain",
            "rootCertificates",
            "files"
        ]
    );
    let files = authority.files("x");
    assert_eq!((found["schema"].as_str(), found["issuer"].as_str()), (Some("meshsec.svid.issue/v1"), Some("default")));
    assert_eq!(found["serial"].as_str(), Some(files.serial().as_str()));
    assert_eq!(found["subjectAltNames"], serde_json::json!(files.names()));
    assert_eq!(certificates(found["certificateChain"].as_str().unwrap()), files.chain);
    assert_eq!(certificates(found["rootCertificates"].as_str().unwrap()), files.roots);
    assert_eq!((found["clamped"].as_bool(), found["files"].as_str()), (Some(false), authority.path("x").to_str()));
    assert!(!ran.out.contains("PRIVATE KEY") && !ran.err.contains("PRIVATE KEY"));
}

#[test]
fn a_secret_has_the_layout_that_was_asked_for_also_with_quiet() {
    let authority = Authority::new();
    let id = "spiffe://cluster.local/ns/shop/sa/web";
    let citadel = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: istio.web\n  namespace: shop\n  annotations:\n    \
                   istio.io/service-account.name: web\ntype: istio.io/key-and-cert\n";
    let tls = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web-svid\n  namespace: shop\ntype: kubernetes.io/tls\n";
    for (flags, head, names) in [
        (&[][..], citadel, ["cert-chain.pem", "key.pem", "root-cert.pem"]),
        (&["-q"], citadel, ["cert-chain.pem", "key.pem", "root-cert.pem"]),
        (&["--layout", "citadel"], citadel, ["cert-chain.pem", "key.pem", "root-cert.pem"]),
        (&["--layout", "tls"], tls, ["tls.crt", "tls.key", "ca.crt"]),
    ] {
        let out = authority.done(&[&["svid", "issue", "--service-account", "shop/web", "-o", "k8s"], flags].concat());
        let (found, data) = secret(&out);
        assert_eq!(found, head, "{flags:?}");
        let found: Vec<&str> = data.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(found, names, "{flags:?}");
        for ((_, text), name) in data.iter().zip(["cert-chain.pem", "key.pem", "root-cert.pem"]) {
            authority.write(&format!("secret/{name}"), text.as_bytes());
        }
        assert_eq!(authority.files("secret").names(), [format!("URI:{id}")], "{flags:?}");
    }
    // Files and Secret at once are of one certificate.
    let out = authority.done(&["svid", "issue", "--service-account", "shop/web", "-o", "k8s", "--out", "both"]);
    let (_, data) = secret(&out);
    assert_eq!(data[1].1, fs::read_to_string(authority.path("both/key.pem")).unwrap());
}

#[test]
fn a_request_that_is_wrong_or_weak_is_refused() {
    let authority = Authority::new();
    let good = request(&[]);
    authority.write("text.csr", b"no request");
    authority.write("empty.csr", b"");
    let middle = good.len() / 2;
    let other = if good.as_bytes()[middle] == b'A' { 'B' } else { 'A' };
    authority
        .write("changed.csr", format!("{}{other}{}", good.get(..middle).unwrap(), good.get(middle + 1..).unwrap()).as_bytes());
    authority.write("names.csr", request(&["web.example", "other.example"]).as_bytes());
    for (file, says) in [
        ("absent.csr", "cannot read `absent.csr`"),
        ("text.csr", "`text.csr`: not a certificate request"),
        ("empty.csr", "`empty.csr`: not a certificate request"),
        ("changed.csr", "`changed.csr`: "),
        ("names.csr", "asks for `DNS:web.example`, `DNS:other.example`, which the certificate will not carry"),
    ] {
        authority.refuses(&["svid", "issue", "--service-account", "a/b", "--csr", file, "--out", "x"], 2, &[says]);
    }
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(["req", "-new", "-nodes", "-subj", "/CN=x", "-keyout", "weak.key", "-out", "weak.csr"]).args(arguments);
        command.current_dir(authority.path("")).output()
    };
    for (arguments, says) in [
        (&["-newkey", "rsa:1024"][..], "an RSA key of 1024 bits is too weak"),
        (&["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"], "P-521"),
    ] {
        match openssl(arguments) {
            Err(_) => eprintln!("skipped: a_request_that_is_wrong_or_weak_is_refused {arguments:?}: no openssl"),
            Ok(output) => {
                assert!(output.status.success(), "{output:?}");
                let flags = ["--csr", "weak.csr", "--out", "x"];
                authority.refuses(&[&["svid", "issue", "--service-account", "a/b"], &flags[..]].concat(), 2, &[says]);
            }
        }
    }
}

#[test]
fn a_request_gives_its_key_and_no_name() {
    let authority = Authority::new();
    authority.write("db.csr", request(&["web.example", "other.example"]).as_bytes());
    let issue = ["svid", "issue", "--spiffe-id", "spiffe://cluster.local/vm/1", "--csr", "db.csr"];
    let granted = ["--dns", "web.example", "--dns", "third.example"];
    authority.refuses(&[&issue[..], &granted].concat(), 2, &["DNS:other.example", "--requested-names ignore"]);
    // Without a directory the chain is printed; there is no key to lose.
    let ran = authority.run(&[&issue[..], &granted, &["--requested-names", "ignore"]].concat());
    assert!(ran.code == 0 && ran.err.contains("also asks for DNS:other.example: left out"), "{ran:?}");
    let chain = certificates(&ran.out);
    let names: Vec<String> = chain[0].subject_alt_names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["URI:spiffe://cluster.local/vm/1", "DNS:web.example", "DNS:third.example"]);
    assert_eq!(chain.len(), 2);
    assert_eq!(authority.rows("all")[0]["origin"], "sign");
    // From standard input, in DER as well, into a directory: chain and roots, and no key.
    let pem = request(&[]);
    let der = meshsec::pki::PemReader::new(pem.as_bytes()).next().unwrap().der.to_vec();
    authority.write("db.der", &der);
    for (file, input) in [("-", pem.as_str()), ("db.der", "")] {
        let flags = ["--csr", file, "--out", "vm"];
        let id = "spiffe://cluster.local/vm/1";
        let ran = authority.run_with(&[&["svid", "issue", "--spiffe-id", id], &flags[..]].concat(), input);
        assert_eq!(ran.code, 0, "{file}: {ran:?}");
        assert!(authority.path("vm/cert-chain.pem").exists() && !authority.path("vm/key.pem").exists(), "{file}");
    }
    // A directory that had a key of ours has none that does not fit afterwards.
    authority.issue("web", &[]);
    authority.done(&["svid", "issue", "--service-account", "shop/web", "--csr", "db.der", "--out", "web"]);
    assert!(fs::symlink_metadata(authority.path("web/key.pem")).is_err());
    let quiet = authority.done(&["svid", "issue", "--service-account", "shop/web", "--csr", "db.der", "-q"]);
    assert_eq!(certificates(&quiet).len(), 2, "what was asked to be printed is printed");
}
