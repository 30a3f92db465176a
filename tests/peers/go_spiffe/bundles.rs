//! Bundles, ours there and theirs here, and who refuses what.

use meshsec::bundle;
use meshsec::bundle::JwtKey;
use meshsec::bundle::ReadBundle;
use meshsec::bundle::TrustBundle;
use meshsec::pki::Certificate;
use meshsec::pki::KeyType;
use serde_json::Value;
use serde_json::json;

use crate::go_spiffe::ask;
use crate::go_spiffe::list;
use crate::go_spiffe::material::KEY_TYPES;
use crate::go_spiffe::material::root;

fn document(form: &str, text: &str) -> Value {
    json!({"form": form, "text": text})
}

fn read(text: &str) -> ReadBundle {
    let mut read = bundle::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    read.bundles.remove(0)
}

fn fingerprints(bundle: &TrustBundle) -> Vec<String> {
    bundle.authorities().iter().map(|authority| authority.fingerprint().to_string()).collect()
}

fn ids(bundle: &TrustBundle) -> Vec<&str> {
    let mut ids: Vec<&str> = bundle.jwt_keys().iter().map(JwtKey::id).collect();
    ids.sort_unstable();
    ids
}

fn authority(key_type: KeyType) -> Certificate {
    root("td", key_type, false).certificate().clone()
}

fn jwt_key(id: &str) -> JwtKey {
    let members = json!({"use": "jwt-svid", "kid": id, "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    JwtKey::new(id.to_owned(), members.as_object().unwrap())
}

#[test]
fn our_bundles_are_read_there_and_what_is_written_there_is_read_here() {
    let mut bundles = vec![TrustBundle::new(None)];
    for key_type in KEY_TYPES {
        let mut one = TrustBundle::of(None, [authority(key_type)]);
        one.sequence = Some(u64::MAX);
        bundles.push(one);
        let mut three = TrustBundle::of(None, [key_type, KeyType::EcdsaP256, KeyType::Rsa2048].map(authority));
        three.refresh_hint = Some(300);
        three.add_jwt_key(jwt_key("b"));
        three.add_jwt_key(jwt_key("a"));
        bundles.push(three);
    }
    let mut questions: Vec<Value> = bundles.iter().map(|bundle| document("spiffe", &bundle.to_jwks().unwrap())).collect();
    questions.extend(bundles.iter().skip(1).map(|bundle| document("pem", &bundle.to_pem())));
    let test = "our_bundles_are_read_there_and_what_is_written_there_is_read_here";
    let Some(answers) = ask(test, "bundle", &questions) else { return };
    for (index, bundle) in bundles.iter().enumerate() {
        let answer = &answers[index];
        let context = format!("bundle {index}: {answer}");
        assert_eq!(answer["error"], "", "{context}");
        assert_eq!(list(&answer["authorities"]), fingerprints(bundle), "{context}");
        assert_eq!(list(&answer["jwt"]), ids(bundle), "{context}");
        assert_eq!(answer["sequence"].as_u64(), bundle.sequence, "{context}");
        assert_eq!(answer["refreshHint"].as_u64(), bundle.refresh_hint, "{context}");
        if bundle.authorities().is_empty() {
            assert!(answer["istiodError"].as_str().unwrap().contains("does not provide a X509 SVID"), "{context}");
            // go-spiffe writes an empty bundle as `null`, which neither it nor we read.
            assert!(bundle::read(answer["written"].as_str().unwrap().as_bytes()).is_err(), "{context}");
            continue;
        }
        assert_eq!(list(&answer["istiod"]), fingerprints(bundle), "{context}");
        let ReadBundle { bundle: back, notes } = read(answer["written"].as_str().unwrap());
        assert_eq!((fingerprints(&back), ids(&back)), (fingerprints(bundle), ids(bundle)), "{context}");
        assert_eq!((back.sequence, back.refresh_hint, notes.len()), (bundle.sequence, bundle.refresh_hint, 0), "{context}");
    }
    for (bundle, answer) in bundles.iter().skip(1).zip(&answers[bundles.len()..]) {
        assert_eq!(answer["error"], "", "{answer}");
        assert_eq!(list(&answer["authorities"]), fingerprints(bundle), "{answer}");
    }
}

#[test]
fn bundles_made_there_are_read_here_and_there_again() {
    let test = "bundles_made_there_are_read_here_and_there_again";
    let Some(made) = ask(test, "make", &[]) else { return };
    assert_eq!(made.len(), 10);
    let mut questions = Vec::new();
    for made in &made {
        let name = made["name"].as_str().unwrap();
        let ReadBundle { bundle, notes } = read(made["written"].as_str().unwrap());
        assert!(notes.is_empty(), "{name}: {notes:?}");
        assert_eq!(fingerprints(&bundle), list(&made["authorities"]), "{name}");
        assert_eq!(ids(&bundle), list(&made["jwt"]), "{name}");
        assert_eq!((bundle.sequence, bundle.refresh_hint), (made["sequence"].as_u64(), made["refreshHint"].as_u64()), "{name}");
        let named: Vec<String> = bundle.named_trust_domains().iter().map(ToString::to_string).collect();
        assert_eq!(named, ["td"], "{name}");
        let pem = read(made["pem"].as_str().unwrap());
        assert_eq!((fingerprints(&pem.bundle), pem.notes.len()), (fingerprints(&bundle), 0), "{name}");
        assert_eq!(pem.bundle.to_pem(), made["pem"].as_str().unwrap(), "{name}: PEM is written as Go does");
        questions.push(document("spiffe", &bundle.to_jwks().unwrap()));
    }
    let answers = ask(test, "bundle", &questions).unwrap();
    for (made, answer) in made.iter().zip(&answers) {
        for member in ["authorities", "jwt", "sequence", "refreshHint", "error"] {
            assert_eq!(answer[member], made[member], "{}: {member}", made["name"]);
        }
    }
}

/// How a reader takes a document: the number of authorities, or that it refuses.
type Taken = Option<usize>;

#[test]
fn what_our_notes_say_about_others_is_so() {
    let key = |key_type: KeyType| -> Value {
        let text = TrustBundle::of(None, [authority(key_type)]).to_jwks().unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["keys"][0].clone()
    };
    let with = |changes: Value| {
        let mut key = key(KeyType::EcdsaP256);
        for (name, value) in changes.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    };
    let without = |name: &str| {
        let mut key = key(KeyType::EcdsaP256);
        key.as_object_mut().unwrap().remove(name);
        key
    };
    let good = key(KeyType::EcdsaP256);
    let other = key(KeyType::EcdsaP256);
    let jwt = Value::Object(jwt_key("a").members().clone());
    let jwt_without = {
        let mut key = jwt.clone();
        key.as_object_mut().unwrap().remove("kid");
        key
    };
    let keys = |keys: Value| json!({ "keys": keys }).to_string();
    // Name, document, and how we, go-spiffe and istiod take it.
    let cases: Vec<(&str, String, Taken, Taken, Taken)> = vec![
        ("a good one", keys(json!([good])), Some(1), Some(1), Some(1)),
        ("an empty list", keys(json!([])), Some(0), Some(0), None),
        ("keys null", r#"{"keys":null}"#.to_owned(), None, None, None),
        ("an empty object", "{}".to_owned(), None, None, None),
        ("keys twice", format!(r#"{{"keys":[],"keys":[{good}]}}"#), None, Some(1), Some(1)),
        ("text after the document", format!("{} x", keys(json!([good]))), None, None, Some(1)),
        ("no use", keys(json!([good, without("use")])), Some(1), Some(1), Some(1)),
        ("another use", keys(json!([good, with(json!({"use": "sig"}))])), Some(1), Some(1), Some(1)),
        ("an unknown type", keys(json!([good, with(json!({"kty": "PQ"}))])), Some(1), None, None),
        ("an unknown type and use", keys(json!([good, with(json!({"kty": "PQ", "use": "x"}))])), Some(1), None, None),
        ("no type", keys(json!([good, without("kty")])), Some(1), None, None),
        ("no certificate", keys(json!([good, without("x5c")])), Some(1), None, None),
        ("no certificates", keys(json!([good, with(json!({"x5c": []}))])), Some(1), None, None),
        (
            "two certificates",
            keys(json!([with(json!({"x5c": [good["x5c"][0], other["x5c"][0]], "x": good["x"], "y": good["y"]}))])),
            Some(1),
            None,
            None,
        ),
        ("a key identifier", keys(json!([with(json!({"kid": "a"}))])), Some(1), Some(1), Some(1)),
        ("no coordinate", keys(json!([without("x")])), Some(1), None, None),
        ("the numbers of another key", keys(json!([with(json!({"x": other["x"], "y": other["y"]}))])), None, None, None),
        (
            "x5c in base64url",
            keys(json!([with(json!({"x5c": [good["x5c"][0].as_str().unwrap().replace('+', "-").replace('/', "_")]}))])),
            None,
            None,
            None,
        ),
        ("the same authority twice", keys(json!([good, good])), Some(1), Some(1), Some(2)),
        ("a JWT key without identifier", keys(json!([good, jwt_without])), Some(1), None, Some(1)),
        ("two JWT keys of one identifier", keys(json!([good, jwt, jwt])), Some(1), Some(1), Some(1)),
        ("a negative sequence", format!(r#"{{"keys":[{good}],"spiffe_sequence":-1}}"#), None, None, None),
        ("a fraction as sequence", format!(r#"{{"keys":[{good}],"spiffe_sequence":1.5}}"#), None, None, None),
        ("null as sequence", format!(r#"{{"keys":[{good}],"spiffe_sequence":null}}"#), Some(1), Some(1), Some(1)),
        ("an unknown member", format!(r#"{{"keys":[{good}],"more":[1]}}"#), Some(1), Some(1), Some(1)),
        (
            "a secret as JWT key",
            keys(json!([good, {"use": "jwt-svid", "kid": "a", "kty": "oct", "k": "AAAA"}])),
            Some(1),
            Some(1),
            Some(1),
        ),
    ];
    let questions: Vec<Value> = cases.iter().map(|(_, text, ..)| document("spiffe", text)).collect();
    let Some(answers) = ask("what_our_notes_say_about_others_is_so", "bundle", &questions) else { return };
    let mut wrong = Vec::new();
    for ((name, text, ours, go, istiod), answer) in cases.iter().zip(&answers) {
        let read = bundle::read(text.as_bytes()).map(|mut read| read.bundles.remove(0));
        let own = read.as_ref().ok().map(|read| read.bundle.authorities().len());
        let theirs = |error: &str, found: &str| (answer[error] == "").then(|| list(&answer[found]).len());
        let found = (own, theirs("error", "authorities"), theirs("istiodError", "istiod"));
        if found != (*ours, *go, *istiod) {
            wrong.push(format!(
                "{name}: {found:?}, expected {:?}: {} / {}",
                (ours, go, istiod),
                answer["error"],
                answer["istiodError"]
            ));
        }
        let said: Vec<String> = read.iter().flat_map(|read| &read.notes).map(ToString::to_string).collect();
        for (peer, refuses) in [("go-spiffe", own.is_some() && go.is_none()), ("istiod", own.is_some() && istiod.is_none())] {
            let is_said = said.iter().any(|note| note.contains(peer) && note.contains("refuse"));
            if is_said != refuses {
                wrong.push(format!("{name}: {peer} refuses: {refuses}, our notes: {said:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
