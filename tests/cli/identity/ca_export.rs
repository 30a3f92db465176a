//! `ca export`: what istiod mounts, in a directory or a Secret.

use std::fs;

use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::pki::PrivateKey;

use crate::identity::authority::Authority;
use crate::identity::authority::mode;
use crate::identity::authority::secret;
use crate::identity::certificates;

const FILES: [&str; 4] = ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"];

#[test]
fn what_cannot_be_exported_is_refused_and_nothing_is_written() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "ed", "--key-type", "ed25519", "-q"]);
    authority.write("file", b"mine");
    authority.write("foreign/ca-key.pem", b"mine");
    let istio = ["--for", "istio"];
    let cases: &[(&[&str], &[&str])] = &[
        (&["-o", "x"], &["--for"]),
        (&["--for", "linkerd", "-o", "x"], &["istio"]),
        (&[&istio[..]].concat(), &["--output"]),
        (&[&istio[..], &["-o", "x", "--name", "absent"]].concat(), &["no issuing authority `absent`", "ca show"]),
        (&[&istio[..], &["-o", "x", "--name", "root"]].concat(), &["no issuing authority `root`"]),
        (&[&istio[..], &["-o", "x", "--name", "ed"]].concat(), &["Ed25519", "--key-type ecdsa-p256"]),
        (&[&istio[..], &["-o", "x", "--next-update", "1d"]].concat(), &["--crl"]),
        (&[&istio[..], &["-o", "x", "--crl", "--next-update", "0s"]].concat(), &["cannot be zero"]),
        (&[&istio[..], &["-o", "file", "--crl"]].concat(), &["`file` is not a directory"]),
        (&[&istio[..], &["-o", "file/below", "--crl"]].concat(), &["`file` is not a directory"]),
        (&[&istio[..], &["-o", "foreign", "--crl"]].concat(), &["was not written by this program", "--overwrite"]),
        (&[&istio[..], &["-o", "x", "--home", "absent"]].concat(), &["no authority lives there"]),
    ];
    for (flags, says) in cases {
        authority.refuses(&[&["ca", "export"], *flags].concat(), 2, says);
    }
    assert_eq!(fs::read_to_string(authority.path("foreign/ca-key.pem")).unwrap(), "mine");
}

#[test]
fn a_signer_that_is_expired_or_not_yet_valid_is_not_exported() {
    let day = SignedDuration::from_hours(24);
    for (then, says) in [(Timestamp::now() - day, "expired"), (Timestamp::now() + day, "not")] {
        let authority = Authority::made_at(then, SignedDuration::from_hours(1));
        authority.refuses(&["ca", "export", "--for", "istio", "-o", "x"], 2, &["`default`", says]);
    }
}

#[test]
fn the_files_belong_together_and_the_key_is_for_its_owner() {
    let authority = Authority::new();
    let ran = authority.run(&["ca", "export", "--for", "istio", "-o", "cacerts"]);
    assert!(ran.code == 0 && ran.out.is_empty(), "{ran:?}");
    assert!(ran.err.contains("wrote ca-cert.pem") && ran.err.contains("ca-key.pem is not encrypted"), "{ran:?}");
    let text = |name: &str| fs::read_to_string(authority.path("cacerts").join(name)).unwrap();
    let (root, default) = (authority.certificate("root", "active"), authority.certificate("default", "active"));
    assert_eq!(certificates(&text("ca-cert.pem")), [default.clone()]);
    assert_eq!(certificates(&text("cert-chain.pem")), [default.clone()], "from the signer up, without the root");
    assert_eq!(certificates(&text("root-cert.pem")), [root]);
    let key = PrivateKey::from_pem(&text("ca-key.pem"), None).unwrap();
    assert_eq!(key.public_key().unwrap().info(), default.public_key().info());
    assert_eq!(mode(&authority.path("cacerts")), 0o700);
    for (name, expected) in FILES.into_iter().zip([0o644, 0o600, 0o644, 0o644]) {
        assert_eq!(mode(&authority.path("cacerts/..data").canonicalize().unwrap().join(name)), expected, "{name}");
    }
    authority.done(&["ca", "verify", "cacerts"]);
    assert_eq!(authority.run(&["ca", "export", "--for", "istio", "-o", "cacerts", "-q"]).err, "");
}

#[test]
fn revocation_lists_come_and_go_with_the_flag() {
    let authority = Authority::new();
    let files = || {
        let names =
            fs::read_dir(authority.path("cacerts")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| !name.starts_with("..")).collect();
        names.sort();
        names
    };
    let export = ["ca", "export", "--for", "istio", "-o", "cacerts", "-q"];
    authority.done(&[&export[..], &["--crl", "--next-update", "7d"]].concat());
    assert_eq!(files(), ["ca-cert.pem", "ca-crl.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"]);
    let lists = fs::read_to_string(authority.path("cacerts/ca-crl.pem")).unwrap();
    assert_eq!(lists.matches("BEGIN X509 CRL").count(), 2, "one for the root and one for the intermediate");
    authority.done(&["ca", "verify", "cacerts"]);
    authority.done(&export);
    assert_eq!(files(), FILES, "a list that nobody makes anew would soon lock everybody out");
}

#[test]
fn a_secret_holds_what_the_directory_does() {
    let authority = Authority::with(&["--key-type", "rsa-2048"]);
    authority.done(&["ca", "export", "--for", "istio", "-o", "cacerts", "-q"]);
    for flags in [&[][..], &["-q"], &["--namespace", "mesh", "--crl"]] {
        let out = authority.done(&[&["ca", "export", "--for", "istio", "-o", "k8s"], flags].concat());
        let namespace = if flags.contains(&"mesh") { "mesh" } else { "istio-system" };
        let (head, data) = secret(&out);
        let expected =
            format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: cacerts\n  namespace: {namespace}\ntype: Opaque\n");
        assert_eq!(head, expected);
        let with_lists = if flags.contains(&"--crl") { vec!["ca-crl.pem"] } else { vec![] };
        let names: Vec<&str> = data.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, [&FILES[..], &with_lists].concat());
        for (name, text) in data.iter().filter(|(name, _)| name != "ca-crl.pem") {
            assert_eq!(*text, fs::read_to_string(authority.path("cacerts").join(name)).unwrap(), "{name}");
        }
    }
    assert!(!authority.path("k8s").exists());
}

#[test]
fn files_of_others_are_replaced_when_that_is_said_and_another_intermediate_by_its_name() {
    let authority = Authority::new();
    authority.done(&["ca", "intermediate", "--name", "east", "-q"]);
    authority.write("dir/ca-key.pem", b"mine");
    authority.write("dir/notes", b"mine");
    authority.done(&["ca", "export", "--for", "istio", "--name", "east", "-o", "dir", "--overwrite", "-q"]);
    let text = fs::read_to_string(authority.path("dir/ca-cert.pem")).unwrap();
    assert_eq!(certificates(&text), [authority.certificate("east", "active")]);
    assert_eq!(fs::read_to_string(authority.path("dir/notes")).unwrap(), "mine");
    let key = fs::read_to_string(authority.path("dir/ca-key.pem")).unwrap();
    assert!(PrivateKey::from_pem(&key, None).is_ok());
}
