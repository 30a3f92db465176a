use serde_json::Value;

use crate::jwk::P256;
use crate::jwk::P256_THUMBPRINT;
use crate::jwk::SECRET;
use crate::run::Folder;

const PUBLIC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","kid":"a","alg":"ES256","use":"sig"}"#;
const ED25519: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fn folder() -> Folder {
    Folder::with(&[
        ("key.json", P256),
        ("ed.json", ED25519),
        ("secret.json", SECRET),
        ("set.json", &format!(r#"{{"keys":[{PUBLIC}],"more":1}}"#)),
        ("private.json", &format!(r#"{{"keys":[{P256}]}}"#)),
    ])
}

fn kids(folder: &Folder, file: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
    let set: Value = serde_json::from_str(&text).unwrap();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap_or("-").to_owned()).collect()
}

#[test]
fn what_is_refused_changes_nothing() {
    let folder = folder();
    let before = std::fs::read_to_string(folder.path().join("set.json")).unwrap();
    for (arguments, code, wanted) in [
        (&["add", "set.json", "secret.json"][..], 2, "`secret.json` holds a shared secret, and a set is for publication"),
        (&["add", "set.json", "key.json", "--kid", "a"], 2, "`set.json` has a key `a` already"),
        (&["add", "set.json", "key.json", "--alg", "ES384"], 2, "`alg` is `ES384`, which EC P-256 cannot do"),
        (&["add", "set.json", "nowhere"], 2, "cannot read `nowhere`"),
        (&["add", "private.json", "ed.json"], 2, "`private.json` holds private members"),
        (&["add", "key.json", "ed.json"], 2, "`key.json`: no key set but a single key"),
        (&["add", "-", "ed.json"], 2, "a set that is changed must be a file"),
        (&["remove", "set.json", "b"], 1, "`set.json` has no key `b`; its keys: a; nothing was changed"),
        (&["remove", "set.json", "a", "b"], 1, "`set.json` has no key `b`"),
        (&["remove", "absent.json", "a"], 2, "cannot read `absent.json`"),
    ] {
        let ran = folder.run(&[&["jwk", "set"], arguments].concat());
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{arguments:?}: {ran:?}");
        assert!(ran.err.contains(wanted), "{arguments:?}: {}", ran.err);
        assert_eq!(std::fs::read_to_string(folder.path().join("set.json")).unwrap(), before, "{arguments:?}");
    }
}

#[test]
fn keys_come_and_go() {
    let folder = folder();
    let ran = folder.run(&["jwk", "set", "add", "new.json", "key.json", "ed.json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(kids(&folder, "new.json"), [P256_THUMBPRINT, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"]);
    let text = std::fs::read_to_string(folder.path().join("new.json")).unwrap();
    assert!(!text.contains("\"d\"") && text.contains("\"alg\": \"EdDSA\""), "{text}");
    assert_eq!(folder.run(&["jwk", "set", "check", "new.json"]).code, 0);
    assert_eq!(folder.run(&["jwk", "set", "add", "set.json", "ed.json", "--kid", "a", "--replace"]).code, 0);
    assert_eq!(kids(&folder, "set.json"), ["a"]);
    assert!(std::fs::read_to_string(folder.path().join("set.json")).unwrap().contains("\"more\": 1"));
    let ran = folder.run(&["jwk", "set", "remove", "new.json", P256_THUMBPRINT]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(kids(&folder, "new.json").len(), 1);
    let ran = folder.run(&["jwk", "set", "remove", "set.json", "a"]);
    assert!(ran.err.contains("the set is empty now: every token is refused"), "{}", ran.err);
}

#[test]
fn a_list_shows_every_key_also_those_that_cannot_be_used() {
    let folder = Folder::with(&[("set.json", &format!(r#"{{"keys":[{PUBLIC},{{"kty":"RSA-HSM","kid":"b"}}]}}"#))]);
    let ran = folder.run(&["jwk", "set", "list", "set.json"]);
    assert_eq!(ran.code, 2);
    let lines: Vec<Vec<&str>> = ran.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["KID", "KEY", "ALG", "USE", "THUMBPRINT"]);
    assert_eq!(lines[1], ["a", "EC", "P-256", "ES256", "sig", P256_THUMBPRINT]);
    assert_eq!(lines[2].join(" "), "b skipped: unknown key type `RSA-HSM`");
    let json = folder.run(&["jwk", "set", "list", "set.json", "-o", "json"]).json();
    assert_eq!(json["keys"][1]["skipped"], "unknown key type `RSA-HSM`");
    let ran = folder.run(&["jwk", "set", "list", "-"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn a_check_finds_what_hurts() {
    let rsa_enc = r#"{"kty":"RSA","kid":"r","use":"enc","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"}"#;
    let rsa_17 = rsa_enc.replace("AQAB", "EQ").replace(r#""use":"enc""#, r#""alg":"RS256""#);
    for (name, keys, wanted) in [
        ("nothing", String::new(), &["empty"][..]),
        ("a good key", PUBLIC.to_owned(), &[]),
        ("a private key", P256.to_owned(), &["private-members", "no-kid", "no-alg"]),
        ("a secret among public keys", format!("{PUBLIC},{SECRET}"), &["shared-secret", "no-kid", "no-alg", "mixed"]),
        ("an unusable key", format!(r#"{PUBLIC},{{"kty":"rsa"}}"#), &["unusable"]),
        ("a broken private key", r#"{"kty":"EC","crv":"P-256","d":"AA"}"#.to_owned(), &["unusable", "private-members"]),
        ("the same key twice", format!("{PUBLIC},{PUBLIC}"), &["duplicate-key", "duplicate-kid"]),
        ("an Ed25519 key in front", format!("{ED25519},{PUBLIC}"), &["no-kid", "no-alg", "ends-search"]),
        ("an Ed25519 key at the end", format!("{PUBLIC},{ED25519}"), &["no-kid", "no-alg"]),
        ("a key to encrypt", rsa_enc.to_owned(), &["not-for-signatures", "envoy-ignores-use", "no-alg"]),
        ("an exponent of 17", rsa_17, &["envoy-skips", "note"]),
        ("a curve that Envoy does not know", r#"{"kty":"OKP","crv":"Ed448","kid":"e","alg":"EdDSA","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#.to_owned(), &["not-for-signatures"]),
    ] {
        let folder = Folder::with(&[("set.json", &format!(r#"{{"keys":[{keys}]}}"#))]);
        let ran = folder.run(&["jwk", "set", "check", "set.json", "-o", "json"]);
        let codes: Vec<String> =
            ran.json()["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
        assert_eq!(codes, wanted, "{name}");
        assert_eq!(ran.code, i32::from(!wanted.is_empty()), "{name}");
        assert!(!ran.out.contains("jpsQnn"), "{name}");
    }
    let folder = Folder::with(&[("set.json", &format!(r#"{{"keys":[{PUBLIC},{ED25519}]}}"#))]);
    assert_eq!(folder.run(&["jwk", "set", "check", "set.json", "--allow-warnings"]).code, 0);
    let ran = folder.run(&["jwk", "set", "check", "set.json"]);
    assert!(ran.out.ends_with("2 keys: 0 errors, 2 warnings\n"), "{}", ran.out);
    assert!(ran.out.contains("warning: key 2: it has no `kid`"), "{}", ran.out);
}
