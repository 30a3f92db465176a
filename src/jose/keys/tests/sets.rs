//! Key sets: what is skipped, what is refused, and that nothing private leaves.

use crate::jose::Jwk;
use crate::jose::KeySet;
use crate::jose::Strictness;
use crate::jose::keys::tests::facts::RFC7515_OCT;
use crate::jose::keys::tests::facts::RFC7515_P256;
use crate::jose::keys::tests::facts::RFC7638_RSA;

fn parse(text: &str) -> Result<KeySet, String> {
    KeySet::parse(text.as_bytes(), Strictness::Strict).and_then(KeySet::require_usable).map_err(|error| error.to_string())
}

#[test]
fn texts_that_are_no_usable_set() {
    for (text, wanted) in [
        ("[]", "not a JSON object"),
        ("{}", "no key set: `keys` is missing"),
        (r#"{"keys":{}}"#, "no key set: `keys` is an object, not a list"),
        (r#"{"keys":null}"#, "no key set: `keys` is null, not a list"),
        (r#"{"keys":[],"keys":[]}"#, "the member `keys` stands there twice"),
        (r#"{"keys":[]}"#, "the key set is empty"),
        (r#"{"keys":[1]}"#, "no key of the set can be used; the first: `keys` is a number, not a list of objects"),
        (r#"{"keys":[{"kty":"RSA-HSM"}]}"#, "no key of the set can be used; the first: unknown key type `RSA-HSM`"),
        (RFC7638_RSA, "no key set but a single key; Envoy does not read it as a set"),
    ] {
        assert_eq!(parse(text).err().as_deref(), Some(wanted), "{text}");
    }
    assert!(KeySet::parse(br#"{"keys":[]}"#, Strictness::Strict).unwrap().elements().is_empty());
}

#[test]
fn a_bad_key_does_not_spoil_the_set() {
    let set = parse(&format!(r#"{{"keys":[{{"kty":"RSA-HSM","kid":"a"}},{RFC7638_RSA}],"more":1}}"#)).unwrap();
    let skipped: Vec<_> = set.elements().iter().map(|element| (element.key_id(), element.key.is_ok())).collect();
    assert_eq!(skipped, [(Some("a"), false), (Some("2011-04-29"), true)]);
    let again: serde_json::Value = serde_json::from_str(&set.public_text()).unwrap();
    assert_eq!((&again["keys"][0]["kty"], &again["more"]), (&"RSA-HSM".into(), &1.into()));
}

#[test]
fn nothing_private_is_in_the_public_text() {
    let broken = r#"{"kty":"EC","crv":"P-999","d":"c2VjcmV0"}"#;
    let set = parse(&format!(r#"{{"keys":[{RFC7515_P256},{RFC7515_OCT},{broken}]}}"#)).unwrap();
    assert!(set.has_private_members());
    let text = set.public_text();
    for secret in ["jpsQnnGQ", "AyM1Sys", "c2VjcmV0", "\"d\"", "\"k\""] {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(!parse(&text).unwrap().has_private_members());
    let private = parse(&set.private_text()).unwrap();
    assert_eq!(private.keys().filter(|key| key.is_private()).count(), 2);
}

#[test]
fn keys_are_added_and_removed() {
    let key = Jwk::parse(RFC7515_P256.as_bytes()).unwrap().with_key_id(Some("b".to_owned()));
    let secret = Jwk::parse(RFC7515_OCT.as_bytes()).unwrap();
    let mut set = parse(&format!(r#"{{"keys":[{RFC7638_RSA}]}}"#)).unwrap();
    assert_eq!((set.add(&key), set.add(&secret)), (true, false));
    assert!(!set.has_private_members());
    assert_eq!(set.retain(|element| element.key_id() != Some("2011-04-29")), 1);
    assert_eq!(set.keys().map(Jwk::key_id).collect::<Vec<_>>(), [Some("b")]);
}
