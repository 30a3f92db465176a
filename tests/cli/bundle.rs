//! `meshsec bundle`: what is refused, what comes out, exit codes.

use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::AuthorityProfile;
use meshsec::pki::Certificate;
use meshsec::pki::Entropy;
use meshsec::pki::KeyType;
use meshsec::pki::Lifetime;
use meshsec::pki::Signer;
use serde_json::Value;
use serde_json::json;

use crate::run::Folder;
use crate::run::Ran;

/// A root that was made on the first day of 2026 and lives for ten years.
fn root(trust_domain: &str, name: &str) -> Certificate {
    let mut entropy = SystemEntropy::default();
    let made: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let profile = AuthorityProfile {
        trust_domain: trust_domain.parse().unwrap(),
        common_name: name.to_owned(),
        serial: entropy.serial().unwrap(),
        lifetime: Lifetime::of(made, SignedDuration::from_hours(24 * 3650)),
        path_length: None,
        is_constrained: false,
    };
    Signer::self_signed(&profile, entropy.private_key(KeyType::EcdsaP256).unwrap()).unwrap().certificate().clone()
}

/// `a.pem`, `b.pem` and `ab.pem` of one trust domain, `else.pem` of another.
fn folder() -> (Folder, Certificate, Certificate) {
    let (a, b) = (root("cluster.local", "root a"), root("cluster.local", "root b"));
    let ab = format!("# both\n{}{}", a.pem(), b.pem());
    let folder =
        Folder::with(&[("a.pem", &a.pem()), ("b.pem", &b.pem()), ("ab.pem", &ab), ("else.pem", &root("else", "foreign").pem())]);
    (folder, a, b)
}

fn refused(ran: &Ran, says: &[&str]) {
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    for words in says {
        assert!(ran.err.contains(words), "no `{words}` in {}", ran.err);
    }
}

/// Indents a text so that it becomes a block of YAML.
fn block(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[test]
fn bad_input_is_refused_with_file_and_next_step() {
    let (folder, a, _) = folder();
    folder.write("text", b"hello");
    folder.write("null.json", br#"{"keys":null}"#);
    folder.write("twice.json", br#"{"keys":[],"keys":[]}"#);
    folder.write("other.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {other: y}\n");
    folder.write("broken.pem", a.pem().replace("MII", "M?I").as_bytes());
    folder.write("map.json", br#"{"trust_domains":{"one":{"keys":[]},"two":{"keys":[]}}}"#);
    for (arguments, says) in [
        (&["merge"][..], &["FILE"][..]),
        (&["show", "absent.pem"], &["cannot read `absent.pem`", "help:"]),
        (&["show", "text"], &["`text` is no trust bundle", "root-cert.pem"]),
        (&["show", "null.json"], &["`null.json`", "`keys` is missing"]),
        (&["show", "twice.json"], &["`keys` occurs twice", "line 1 column"]),
        (&["show", "other.yaml"], &["no ConfigMap or Secret", "`root-cert.pem`"]),
        (&["show", "broken.pem"], &["line 1 is damaged"]),
        (&["show", "--trust-domain", "Td", "a.pem"], &["--trust-domain Td", "not `T` (character 1 of `Td`)"]),
        (&["show", "--trust-domain", "three", "map.json"], &["no bundle of `three`", "`one`, `two`"]),
        (&["convert", "--to", "pem", "map.json"], &["2 trust domains", "`one`, `two`"]),
        (&["convert", "--to", "pem", "--trust-domain", "one", "map.json"], &["no X.509 authority", "help:"]),
        (&["convert", "a.pem"], &["--to"]),
        (&["diff", "-", "-"], &["only once"]),
        (&["merge", "a.pem", "else.pem"], &["`cluster.local` (in `a.pem`) and `else` (in `else.pem`) are not merged", "help:"]),
    ] {
        refused(&folder.run(&[&["bundle"], arguments].concat()), says);
    }
    let ran = folder.run(&["bundle", "merge", "a.pem", "b.pem", "-o", "absent/ab.pem"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
    assert!(ran.err.contains("cannot write `absent/ab.pem`"), "{ran:?}");
}

#[test]
fn an_authority_is_shown_with_everything_one_needs_to_recognise_it() {
    let (folder, a, _) = folder();
    let ran = folder.run(&["bundle", "show", "a.pem", "--at", "2031-01-01T00:00:00Z"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let id: String = a.subject_key_identifier().unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
    for words in [
        "trust bundle of `cluster.local`",
        "O=cluster.local, CN=root a",
        "ECDSA P-256",
        &id,
        &a.fingerprint().to_string(),
        " left",
    ] {
        assert!(ran.out.contains(words), "no `{words}` in {}", ran.out);
    }
    let expired = folder.run(&["bundle", "show", "a.pem", "--at", "2040-01-01T00:00:00Z", "-o", "json"]).json();
    let authority = &expired["bundles"][0]["authorities"][0];
    assert_eq!((authority["valid"].as_bool(), authority["id"].as_str()), (Some(false), Some(id.as_str())));
    assert!(authority["notes"][0].as_str().unwrap().contains("expired at"), "{authority}");
}

#[test]
fn a_bundle_is_found_in_kubernetes_objects() {
    let (folder, a, _) = folder();
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio-ca-root-cert\n  namespace: shop\ndata:\n  root-cert.pem: |\n{}",
        block(&a.pem())
    );
    let shown = folder.run_with(&["bundle", "show", "-", "-o", "json"], &map).json();
    let bundle = &shown["bundles"][0];
    assert_eq!(bundle["source"], "<stdin>: ConfigMap shop/istio-ca-root-cert, root-cert.pem");
    assert_eq!(bundle["authorities"][0]["fingerprint"], a.fingerprint().to_string());
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, a.pem());
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "cacerts"}, "data": {"root-cert.pem": encoded, "ca-key.pem": ""}},
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "tls"}, "data": {"ca.crt": encoded}},
    ]});
    folder.write("list.json", list.to_string().as_bytes());
    let shown = folder.run(&["bundle", "show", "list.json", "-o", "json"]).json();
    assert_eq!(shown["bundles"].as_array().unwrap().len(), 2);
    assert_eq!(folder.run(&["bundle", "diff", "list.json", "a.pem"]).code, 0, "two objects with one bundle are one bundle");
}

#[test]
fn merging_keeps_order_drops_repetitions_and_counts_up() {
    let (folder, a, b) = folder();
    let ran = folder.run(&["bundle", "merge", "a.pem", "b.pem", "ab.pem", "-o", "out.pem"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    assert!(ran.err.contains("2 authorities, 0 JWT keys; 2 repeated"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(folder.path().join("out.pem")).unwrap(), format!("{}{}", a.pem(), b.pem()));
    let document = json!({"keys": [{"use": "jwt-svid", "kid": "k", "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}],
        "spiffe_sequence": 41, "spiffe_refresh_hint": 60});
    folder.write("keys.json", document.to_string().as_bytes());
    let ran = folder.run(&["bundle", "merge", "--format", "spiffe", "keys.json", "a.pem"]);
    let merged = ran.json();
    assert_eq!((merged["spiffe_sequence"].as_u64(), merged["spiffe_refresh_hint"].as_u64()), (Some(42), Some(60)));
    let uses: Vec<&Value> = merged["keys"].as_array().unwrap().iter().map(|key| &key["use"]).collect();
    assert_eq!(uses, ["x509-svid", "jwt-svid"]);
    let ran = folder.run(&["bundle", "merge", "keys.json", "a.pem"]);
    assert_eq!(ran.out, a.pem());
    assert!(ran.err.contains("1 JWT key has no PEM form"), "{ran:?}");
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let (folder, a, b) = folder();
    assert_eq!(folder.run(&["bundle", "merge", "a.pem", "b.pem", "-o", "a.pem", "-q"]).err, "");
    assert_eq!(std::fs::read_to_string(folder.path().join("a.pem")).unwrap(), format!("{}{}", a.pem(), b.pem()));
    let mut names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.pem", "ab.pem", "b.pem", "else.pem"]);
}

#[test]
fn a_difference_is_told_by_authority_and_by_exit_code() {
    let (folder, a, b) = folder();
    for (old, new, code, added, removed, kept, rule) in [
        ("ab.pem", "ab.pem", 0, 0, 0, 2, "same"),
        ("a.pem", "ab.pem", 1, 1, 0, 1, "subset"),
        ("ab.pem", "b.pem", 1, 0, 1, 1, "subset"),
        ("a.pem", "b.pem", 1, 1, 1, 0, "refused"),
    ] {
        let ran = folder.run(&["bundle", "diff", old, new, "-o", "json"]);
        let diff = ran.json();
        let count = |name: &str| diff[name].as_array().unwrap().len();
        assert_eq!((ran.code, count("added"), count("removed"), count("kept")), (code, added, removed, kept), "{old} to {new}");
        assert_eq!(diff["istioMultiRoot"], rule, "{old} to {new}");
    }
    let text = folder.run(&["bundle", "diff", "a.pem", "b.pem"]);
    for words in [
        format!("- {}", a.subject()),
        format!("+ {}", b.subject()),
        "refuses this change".to_owned(),
        b.fingerprint().to_string(),
    ] {
        assert!(text.out.contains(&words), "no `{words}` in {}", text.out);
    }
}

#[test]
fn converting_there_and_back_gives_the_same_bytes() {
    let (folder, a, b) = folder();
    let spiffe = folder.run(&["bundle", "convert", "--to", "spiffe", "ab.pem"]);
    assert_eq!((spiffe.code, spiffe.err.as_str()), (0, ""));
    folder.write("ab.json", spiffe.out.as_bytes());
    assert_eq!(folder.run(&["bundle", "convert", "--to", "spiffe", "ab.json"]).out, spiffe.out);
    assert_eq!(folder.run(&["bundle", "convert", "--to", "pem", "ab.json"]).out, format!("{}{}", a.pem(), b.pem()));
    folder.write("a.der", a.der());
    assert_eq!(folder.run(&["bundle", "convert", "--to", "pem", "a.der"]).out, a.pem());
}

#[cfg(feature = "store")]
#[test]
fn without_a_file_the_own_authoritys_bundle_is_taken() {
    let folder = Folder::with(&[]);
    refused(&folder.run(&["bundle", "show", "--home", "absent"]), &["no authority lives there"]);
    let made = folder.run(&["ca", "init", "--home", "home", "--trust-domain", "spiffe://example.org", "--insecure-no-password"]);
    assert_eq!(made.code, 0, "{made:?}");
    let shown = folder.run(&["bundle", "show", "--home", "home", "-o", "json"]).json();
    let bundle = &shown["bundles"][0];
    assert_eq!((bundle["form"].as_str(), bundle["trustDomain"].as_str()), (Some("ledger"), Some("example.org")));
    assert_eq!((bundle["sequence"].as_u64(), bundle["authorities"].as_array().unwrap().len()), (Some(1), 1));
    let written = folder.run(&["bundle", "convert", "--home", "home", "--to", "spiffe", "-o", "bundle.json"]);
    assert_eq!((written.code, written.out.as_str()), (0, ""), "{written:?}");
    let back = folder.run(&["bundle", "show", "bundle.json", "-o", "json"]).json();
    assert_eq!(back["bundles"][0]["authorities"], bundle["authorities"]);
    assert_eq!(back["bundles"][0]["sequence"], 1);
}
