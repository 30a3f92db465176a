//! Bundles are read as the standard says, what is odd is noted, and what was written reads back.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::bundle::AuthorityNote;
use crate::bundle::BundleDiff;
use crate::bundle::BundleForm;
use crate::bundle::MultiRoot;
use crate::bundle::ReadBundle;
use crate::bundle::TrustBundle;
use crate::bundle::authority_notes;
use crate::bundle::merge;
use crate::bundle::read;
use crate::pki::AuthorityProfile;
use crate::pki::Certificate;
use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::Lifetime;
use crate::pki::Signer;
use crate::pki::pem;
use crate::pki::testing::TestEntropy;

fn now() -> Timestamp {
    "2026-11-26T12:00:00Z".parse().unwrap()
}

fn authority(trust_domain: &str, key_type: KeyType) -> Certificate {
    let profile = AuthorityProfile {
        trust_domain: trust_domain.parse().unwrap(),
        common_name: "root".to_owned(),
        serial: TestEntropy.serial().unwrap(),
        lifetime: Lifetime::of(now(), SignedDuration::from_hours(24)),
        path_length: None,
        is_constrained: false,
    };
    Signer::self_signed(&profile, TestEntropy.private_key(key_type).unwrap()).unwrap().certificate().clone()
}

fn of(authorities: &[&Certificate]) -> TrustBundle {
    TrustBundle::of(None, authorities.iter().copied().cloned())
}

fn key(authority: &Certificate) -> Value {
    let document: Value = serde_json::from_str(&of(&[authority]).to_jwks().unwrap()).unwrap();
    document["keys"][0].clone()
}

/// The key with some members changed; `null` takes one away.
#[expect(clippy::needless_pass_by_value, reason = "callers write the changes in place")]
fn with(mut key: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            key.as_object_mut().unwrap().remove(name);
        } else {
            key[name] = value.clone();
        }
    }
    key
}

fn jwt_key(id: &str, x: &str) -> Value {
    json!({"use": "jwt-svid", "kty": "OKP", "crv": "Ed25519", "kid": id, "x": x})
}

const X1: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const X2: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

fn read_one(text: &str) -> ReadBundle {
    let mut read = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(read.bundles.len(), 1, "{text}");
    read.bundles.remove(0)
}

#[test]
fn what_is_no_bundle_is_refused_with_its_place() {
    let root = authority("td", KeyType::EcdsaP256);
    let other = key(&authority("td", KeyType::EcdsaP256));
    let pem_text = root.pem();
    let next_line = pem_text.lines().count() + 1;
    let (unfinished, broken) = (format!("starts in line {next_line} "), format!("line {}: not an X.509", next_line + 1));
    let keys = |keys: Value| json!({ "keys": keys }).to_string();
    let refused: &[(&str, String, &str)] = &[
        ("nothing", String::new(), "no certificate"),
        ("text", "hello".to_owned(), "no certificate"),
        ("a block of another kind", pem("PUBLIC KEY", &[1]), "no certificate"),
        ("a block that does not end", format!("{pem_text}{}", pem_text.replace("-----END", "-----EN")), &unfinished),
        ("a damaged block first", format!("{}{pem_text}", pem_text.replace("MII", "M!I")), "starts in line 1 "),
        ("an indented block", format!("x\n  {pem_text}"), "starts in line 2"),
        ("a block that holds no certificate", format!("{pem_text}\n{}", pem("CERTIFICATE", b"abc")), &broken),
        ("a byte after the certificate", pem("CERTIFICATE", &[root.der(), &[0]].concat()), "line 1: not an X.509"),
        ("an empty object", "{}".to_owned(), "`keys` is missing"),
        ("keys null", r#"{"keys":null}"#.to_owned(), "`keys` is missing"),
        ("keys no list", r#"{"keys":{}}"#.to_owned(), "`keys` must be a list"),
        ("keys twice", r#"{"keys":[],"keys":[]}"#.to_owned(), "the member `keys` occurs twice at line 1 column"),
        ("kid twice", r#"{"keys":[{"kid":"a","kid":"b"}]}"#.to_owned(), "the member `kid` occurs twice"),
        ("text after it", r#"{"keys":[]} x"#.to_owned(), "trailing characters"),
        ("a key that is no object", keys(json!([1])), "`keys[0]` must be an object"),
        ("a use that is no string", keys(json!([{"use": 1}])), "`keys[0].use` must be a string"),
        ("a negative sequence", r#"{"keys":[],"spiffe_sequence":-1}"#.to_owned(), "`spiffe_sequence` must be a whole number"),
        ("a fraction", r#"{"keys":[],"spiffe_refresh_hint":1.5}"#.to_owned(), "`spiffe_refresh_hint` must be a whole number"),
        ("x5c no list", keys(json!([with(key(&root), json!({"x5c": "x"}))])), "`keys[0].x5c` must be a list"),
        (
            "x5c in base64url",
            keys(json!([with(key(&root), json!({"x5c": ["MI_-"]}))])),
            "`keys[0].x5c[0]` is no base64 as of RFC 4648 section 4",
        ),
        ("x5c no certificate", keys(json!([with(key(&root), json!({"x5c": ["MAA="]}))])), "`keys[0].x5c[0]`: not an X.509"),
        ("the numbers of another key", keys(json!([with(key(&root), json!({"x": other["x"]}))])), "is for another key"),
        ("another curve", keys(json!([with(key(&root), json!({"crv": "P-384"}))])), "is for another key"),
        (
            "a number that is none",
            keys(json!([with(key(&root), json!({"y": "?"}))])),
            "`keys[0].y` is no base64 as of RFC 4648 section 5",
        ),
        ("both forms", r#"{"keys":[],"trust_domains":{}}"#.to_owned(), "both `keys` and `trust_domains`"),
        ("a map of a bad name", r#"{"trust_domains":{"Td":{"keys":[]}}}"#.to_owned(), "`Td` is no trust domain"),
        ("a map of no bundle", r#"{"trust_domains":{"td":{}}}"#.to_owned(), "`keys` is missing"),
        ("a map with a bad key", r#"{"trust_domains":{"td":{"keys":[0]}}}"#.to_owned(), "`trust_domains.td.keys[0]` must be"),
        ("a domain twice", r#"{"trust_domains":{"td":{"keys":[]},"td":{"keys":[]}}}"#.to_owned(), "the member `td` occurs twice"),
    ];
    for (name, text, says) in refused {
        let error = read(text.as_bytes()).map(|_| ()).expect_err(name).to_string();
        assert!(error.contains(says), "{name}: {error}");
    }
}

#[test]
fn what_a_consumer_must_ignore_is_ignored_and_noted() {
    let root = authority("td", KeyType::EcdsaP256);
    let root_key = key(&root);
    let two = json!([root_key["x5c"][0], "ignored, whatever it is"]);
    // A key, whether it gives an authority, whether it gives a JWT key, and the note.
    let cases: &[(&str, Value, usize, usize, &str)] = &[
        ("no use", with(root_key.clone(), json!({"use": null})), 0, 0, "`keys[0]` has no `use`"),
        ("another use", with(root_key.clone(), json!({"use": "sig"})), 0, 0, "has the use `sig`"),
        ("a use in capitals", with(root_key.clone(), json!({"use": "X509-SVID"})), 0, 0, "has the use `X509-SVID`"),
        ("an unknown type", with(root_key.clone(), json!({"kty": "PQ"})), 0, 0, "is of the type `PQ`"),
        ("no type", with(root_key.clone(), json!({"kty": null})), 0, 0, "has no `kty`"),
        ("no certificate", with(root_key.clone(), json!({"x5c": null})), 0, 0, "has no certificate"),
        ("an empty list", with(root_key.clone(), json!({"x5c": []})), 0, 0, "has no certificate"),
        (
            "two certificates",
            with(root_key.clone(), json!({"x5c": two})),
            1,
            0,
            "2 certificates in `x5c`, the first is used; go-spiffe",
        ),
        ("a key identifier", with(root_key.clone(), json!({"kid": "a"})), 1, 0, "must not have"),
        ("no coordinate", with(root_key.clone(), json!({"x": null})), 1, 0, "has no `x`"),
        ("a private number", with(root_key.clone(), json!({"d": "AA"})), 1, 0, "private parts"),
        ("a JWT key without identifier", with(jwt_key("a", X1), json!({"kid": null})), 0, 0, "has no `kid`"),
        ("a secret as JWT key", json!({"use": "jwt-svid", "kid": "a", "kty": "oct", "k": "AAAA"}), 0, 0, "is a shared secret"),
        ("a JWT key with a private number", with(jwt_key("a", X1), json!({"d": "AA"})), 0, 1, "private parts"),
        ("a JWT key off the curve", with(jwt_key("a", X1), json!({"x": "AA"})), 0, 1, "cannot be verified with"),
    ];
    for (name, key, authorities, jwt_keys, note) in cases {
        let text = json!({"keys": [key]}).to_string();
        let ReadBundle { bundle, notes } = read_one(&text);
        assert_eq!((bundle.authorities().len(), bundle.jwt_keys().len()), (*authorities, *jwt_keys), "{name}");
        assert!(notes.iter().any(|found| found.to_string().contains(note)), "{name}: {notes:?}");
        assert!(!bundle.to_jwks().unwrap().contains("\"d\""), "{name}: a private number is written");
        let has_authority = !notes.iter().any(|found| found.to_string().contains("no X.509 authority"));
        assert_eq!(has_authority, *authorities > 0, "{name}: {notes:?}");
    }
    let twice = json!({"keys": [root_key, root_key, jwt_key("a", X1), jwt_key("a", X2)], "more": 1}).to_string();
    let ReadBundle { bundle, notes } = read_one(&twice);
    assert_eq!((bundle.authorities().len(), bundle.jwt_keys().len()), (1, 1));
    assert_eq!(bundle.jwt_keys()[0].members()["x"], X2, "the last one counts");
    let said: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    for says in ["`more` is no member", "`keys[1]`: the same authority again", "`keys[3]` takes the place"] {
        assert!(said.iter().any(|line| line.contains(says)), "{says}: {said:?}");
    }
}

#[test]
fn an_empty_list_trusts_nothing() {
    let ReadBundle { bundle, notes } =
        read_one(r#"{"keys":[],"spiffe_sequence":18446744073709551615,"spiffe_refresh_hint":null}"#);
    assert!(bundle.is_empty());
    assert_eq!((bundle.sequence, bundle.refresh_hint), (Some(u64::MAX), None));
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(bundle.to_jwks().unwrap(), "{\n  \"keys\": [],\n  \"spiffe_sequence\": 18446744073709551615\n}\n");
}

#[test]
fn a_bundle_survives_each_form() {
    for key_type in [KeyType::EcdsaP256, KeyType::EcdsaP384, KeyType::Rsa2048, KeyType::Ed25519] {
        let (first, second) = (authority("td", key_type), authority("td", key_type));
        let mut bundle = of(&[&first, &second]);
        let ReadBundle { bundle: from_pem, notes } = read_one(&format!("before\n{}after\n", bundle.to_pem()));
        assert_eq!((from_pem, notes.len()), (bundle.clone(), 0), "{key_type}");
        bundle.sequence = Some(7);
        bundle.refresh_hint = Some(300);
        let members = jwt_key("a", X1);
        bundle.add_jwt_key(crate::bundle::JwtKey::new("a".to_owned(), members.as_object().unwrap()));
        let text = bundle.to_jwks().unwrap();
        let ReadBundle { bundle: from_jwks, notes } = read_one(&text);
        assert_eq!((&from_jwks, notes.len()), (&bundle, 0), "{key_type}");
        assert_eq!(from_jwks.to_jwks().unwrap(), text, "{key_type}");
        let document: Value = serde_json::from_str(&text).unwrap();
        let x509 = document["keys"][0].as_object().unwrap();
        assert!(!x509.contains_key("kid"), "{key_type}");
        assert_eq!(x509["x5c"].as_array().unwrap().len(), 1, "{key_type}");
        let map = json!({"trust_domains": {"a": document, "b": {"keys": []}}}).to_string();
        let read = read(map.as_bytes()).unwrap();
        assert_eq!(read.form, BundleForm::Map, "{key_type}");
        assert_eq!(read.bundles[0].bundle, bundle.clone().with_trust_domain("a".parse().unwrap()), "{key_type}");
        assert_eq!(read.bundles[1].bundle.trust_domain().map(ToString::to_string).as_deref(), Some("b"), "{key_type}");
    }
    let der = authority("td", KeyType::EcdsaP256);
    let read = read(der.der()).unwrap();
    assert_eq!((read.form, read.bundles[0].bundle.authorities()), (BundleForm::Der, &[der][..]));
}

#[test]
fn blocks_beside_the_certificates_are_noted() {
    let root = authority("td", KeyType::EcdsaP256);
    let text = format!("{}{}{}", pem("PRIVATE KEY", &[1]), root.pem(), root.pem());
    let ReadBundle { bundle, notes } = read_one(&text);
    assert_eq!(bundle.authorities(), [root]);
    let said: Vec<String> = notes.iter().map(ToString::to_string).collect();
    assert!(said[0].starts_with("line 1: a private key"), "{said:?}");
    assert!(said[1].contains(": the same authority again"), "{said:?}");
}

#[test]
fn only_bundles_of_one_trust_domain_are_merged() {
    let (a, b, other) =
        (authority("td", KeyType::EcdsaP256), authority("td", KeyType::EcdsaP256), authority("else", KeyType::EcdsaP256));
    let (first, second, foreign) = (of(&[&a]), of(&[&b, &a]), of(&[&other]));
    let error = merge(&[("a.pem", &first), ("c.pem", &foreign)]).unwrap_err().to_string();
    assert!(error.contains("`td` (in `a.pem`) and `else` (in `c.pem`) are not merged"), "{error}");
    let mixed = of(&[&a, &other]);
    assert!(merge(&[("m.pem", &mixed)]).is_err(), "one file with the authorities of two trust domains");
    let said = of(&[&a]).with_trust_domain("else".parse().unwrap());
    assert!(merge(&[("a", &said), ("b", &second)]).is_err(), "what was said counts");

    let mut numbered = second.clone();
    (numbered.sequence, numbered.refresh_hint) = (Some(41), Some(60));
    let merged = merge(&[("a", &first), ("b", &numbered), ("empty", &TrustBundle::new(None))]).unwrap();
    assert_eq!(merged.bundle.authorities(), [a, b]);
    assert_eq!((merged.repeated, merged.bundle.sequence, merged.bundle.refresh_hint), (1, Some(42), Some(60)));
    numbered.sequence = Some(u64::MAX);
    assert!(merge(&[("a", &first), ("b", &numbered)]).unwrap_err().to_string().contains("`b` has the highest sequence"));
}

#[test]
fn one_key_identifier_means_one_key() {
    let with_key = |x: &str| read_one(&json!({"keys": [jwt_key("a", x)]}).to_string()).bundle;
    let error = merge(&[("one", &with_key(X1)), ("two", &with_key(X2))]).unwrap_err().to_string();
    assert!(error.contains("`two` has another JWT key `a` than `one`"), "{error}");
    let merged = merge(&[("one", &with_key(X1)), ("two", &with_key(X1))]).unwrap();
    assert_eq!((merged.bundle.jwt_keys().len(), merged.repeated), (1, 1));
}

#[test]
fn a_difference_says_what_istiod_makes_of_it() {
    let [a, b, c] = [0; 3].map(|_| authority("td", KeyType::EcdsaP256));
    for (old, new, rule, added, removed) in [
        (vec![&a], vec![&a], MultiRoot::Same, 0, 0),
        (vec![&a, &b], vec![&b, &a, &b], MultiRoot::Same, 0, 0),
        (vec![&a], vec![&a, &b], MultiRoot::Subset, 1, 0),
        (vec![&a, &b], vec![&b], MultiRoot::Subset, 0, 1),
        (vec![&a], vec![&b], MultiRoot::Refused, 1, 1),
        (vec![&a, &b], vec![&b, &c], MultiRoot::Refused, 1, 1),
    ] {
        let (old, new) = (of(&old), of(&new));
        let diff = BundleDiff::between(&old, &new);
        assert_eq!((diff.multi_root(), diff.added.len(), diff.removed.len()), (rule, added, removed), "{old:?} to {new:?}");
        assert_eq!(diff.is_same(), rule == MultiRoot::Same, "{old:?} to {new:?}");
    }
}

#[test]
fn a_certificate_renewed_with_its_key_is_recognised() {
    let key = TestEntropy.private_key(KeyType::EcdsaP256).unwrap();
    let again = crate::pki::PrivateKey::from_pkcs8(key.as_pkcs8()).unwrap();
    let certify = |key| {
        let profile = AuthorityProfile {
            trust_domain: "td".parse().unwrap(),
            common_name: "root".to_owned(),
            serial: TestEntropy.serial().unwrap(),
            lifetime: Lifetime::of(now(), SignedDuration::from_hours(24)),
            path_length: None,
            is_constrained: false,
        };
        of(&[Signer::self_signed(&profile, key).unwrap().certificate()])
    };
    let (old, new) = (certify(key), certify(again));
    let diff = BundleDiff::between(&old, &new);
    assert_eq!(diff.same_key_as(diff.added[0]), Some(diff.removed[0]));
}

#[test]
fn authorities_are_judged_at_a_time() {
    let root = authority("td", KeyType::EcdsaP256);
    let bundle = of(&[&root]);
    let notes = |at: Timestamp| authority_notes(&bundle, &root, at);
    assert_eq!(notes(now()), []);
    assert_eq!(notes(root.not_after()), []);
    let not_after = root.not_after();
    assert_eq!(notes(not_after + SignedDuration::from_secs(1)), [AuthorityNote::Expired { not_after }]);
    let not_before = root.not_before();
    assert_eq!(notes(not_before - SignedDuration::from_secs(1)), [AuthorityNote::NotYetValid { not_before }]);
    let foreign = bundle.clone().with_trust_domain("else".parse().unwrap());
    assert_eq!(authority_notes(&foreign, &root, now()), [AuthorityNote::OtherTrustDomain("td".parse().unwrap())]);
}
