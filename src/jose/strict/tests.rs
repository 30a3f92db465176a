use super::*;
use crate::jose::Cause;
use crate::jose::KeyRefusal;
use crate::jose::Refusal;
use crate::jose::testing::ED25519;
use crate::jose::testing::OTHER_RSA;
use crate::jose::testing::P256;
use crate::jose::testing::P384;
use crate::jose::testing::P521;
use crate::jose::testing::RSA;
use crate::jose::testing::SigningKey;
use crate::jose::testing::base64url;
use crate::jose::testing::jwks;
use crate::jose::testing::token;

const NOW: &str = "2026-11-26T12:00:00Z";
const SECONDS: i64 = 1_795_694_400;
const GOOD: &str = r#"{"iss":"https://a.example","sub":"alice","aud":"api","exp":1795698000}"#;

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn keys(members: &[&str]) -> VerificationKeys {
    VerificationKeys::from_jwks(jwks(members).as_bytes()).unwrap()
}

fn rules() -> Rules {
    Rules { audiences: vec!["api".to_owned()], ..Rules::default() }
}

/// The causes of the refusals; nothing when verified.
fn causes(keys: &VerificationKeys, text: &str, rules: &Rules) -> Vec<Cause> {
    let verification = keys.verify(text, rules, now());
    verification.refusals.iter().map(|refusal| refusal.diagnosis().cause).collect()
}

fn minted(key: &SigningKey, header: &str, payload: &str) -> String {
    let alg = serde_json::from_str::<serde_json::Value>(header).unwrap()["alg"].as_str().unwrap_or("RS256").to_owned();
    token(header, payload, |text| key.sign(&alg, text))
}

#[test]
fn headers_and_forms_that_are_refused() {
    let keys = keys(&[&RSA.jwk(r#""kid":"k1","#)]);
    let good = minted(&RSA, r#"{"alg":"RS256","kid":"k1"}"#, GOOD);
    assert_eq!(causes(&keys, &good, &rules()), []);
    let pieces: Vec<&str> = good.split('.').collect();
    let with_header = |header: &str| minted(&RSA, header, GOOD);
    for (name, text, cause) in [
        ("line break at the end", format!("{good}\n"), Cause::Malformed),
        ("prefix", format!("Bearer {good}"), Cause::Malformed),
        ("padding", format!("{good}="), Cause::Malformed),
        ("dot at the end", format!("{good}."), Cause::Malformed),
        ("dot in front", format!(".{good}"), Cause::Malformed),
        ("empty piece", good.replacen('.', "..", 1), Cause::Malformed),
        ("line break inside", good.replacen("eyJ", "eyJ\n", 1), Cause::Malformed),
        ("no signature piece", format!("{}.{}", pieces[0], pieces[1]), Cause::Malformed),
        ("empty signature", format!("{}.{}.", pieces[0], pieces[1]), Cause::Signature),
        ("five pieces", format!("{}.{}.{}.a.b", pieces[0], pieces[1], pieces[2]), Cause::Encrypted),
        ("JSON serialization", format!(r#"{{"payload":"{}"}}"#, pieces[1]), Cause::Malformed),
        (
            "plus sign",
            format!("{}.{}.{}", pieces[0], pieces[1], pieces[2].replacen(|c: char| c.is_ascii_digit(), "+", 1)),
            Cause::Malformed,
        ),
        ("too long", "a".repeat(70_000), Cause::TooLong),
        ("header is a list", format!("W10.{}.{}", pieces[1], pieces[2]), Cause::Malformed),
        ("alg none", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned(), Cause::Algorithm),
        ("alg NONE", with_header(r#"{"alg":"NONE","kid":"k1"}"#), Cause::Algorithm),
        ("alg nOnE", with_header(r#"{"alg":"nOnE","kid":"k1"}"#), Cause::Algorithm),
        ("lower case", with_header(r#"{"alg":"rs256","kid":"k1"}"#), Cause::Algorithm),
        ("ES521", with_header(r#"{"alg":"ES521","kid":"k1"}"#), Cause::Algorithm),
        ("no alg", with_header(r#"{"kid":"k1"}"#), Cause::Algorithm),
        ("alg twice", with_header(r#"{"alg":"RS256","alg":"none","kid":"k1"}"#), Cause::Malformed),
        ("alg is a number", with_header(r#"{"alg":5,"kid":"k1"}"#), Cause::Malformed),
        ("kid is a number", with_header(r#"{"alg":"RS256","kid":5}"#), Cause::Malformed),
        ("crit registered", with_header(r#"{"alg":"RS256","kid":"k1","crit":["kid"]}"#), Cause::CriticalHeader),
        ("crit empty", with_header(r#"{"alg":"RS256","kid":"k1","crit":[]}"#), Cause::CriticalHeader),
        ("crit unknown", with_header(r#"{"alg":"RS256","kid":"k1","crit":["x"],"x":1}"#), Cause::CriticalHeader),
        ("b64", with_header(r#"{"alg":"RS256","kid":"k1","b64":false}"#), Cause::CriticalHeader),
        ("zip", with_header(r#"{"alg":"RS256","kid":"k1","zip":"DEF"}"#), Cause::CriticalHeader),
        ("kid is a path", with_header(r#"{"alg":"RS256","kid":"../../etc/passwd"}"#), Cause::KeyId),
        ("kid is a query", with_header(r#"{"alg":"RS256","kid":"a' OR 1=1"}"#), Cause::KeyId),
        ("kid of another case", with_header(r#"{"alg":"RS256","kid":"K1"}"#), Cause::KeyId),
        ("empty kid", with_header(r#"{"alg":"RS256","kid":""}"#), Cause::KeyId),
        ("signature cut", good.chars().take(good.len() - 6).collect(), Cause::Signature),
        ("other key", minted(&OTHER_RSA, r#"{"alg":"RS256","kid":"k1"}"#, GOOD), Cause::Signature),
        (
            "jku is not followed",
            minted(&OTHER_RSA, r#"{"alg":"RS256","kid":"k1","jku":"https://evil/jwks"}"#, GOOD),
            Cause::Signature,
        ),
        (
            "own key is not believed",
            minted(&OTHER_RSA, &format!(r#"{{"alg":"RS256","kid":"k1","jwk":{}}}"#, OTHER_RSA.jwk("")), GOOD),
            Cause::Signature,
        ),
    ] {
        assert_eq!(causes(&keys, &text, &rules()), [cause], "{name}");
    }
}

#[test]
fn a_signature_has_one_spelling() {
    const TEXT: &str =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4IiwiZXhwIjo0MTAyNDQ0ODAwfQ.gtvg2cqQdIs9kc-1ZGxHaLdugRjYftV0mn3zMjFv8as";
    let keys = keys(&[RFC_7515_A1]);
    let rules = Rules::default();
    assert_eq!(causes(&keys, TEXT, &rules), []);
    for (last, cause) in [
        ("t", Cause::Malformed),
        ("u", Cause::Malformed),
        ("v", Cause::Malformed),
        ("r", Cause::Malformed),
        ("o", Cause::Signature),
    ] {
        let text = format!("{}{last}", TEXT.strip_suffix('s').unwrap());
        assert_eq!(causes(&keys, &text, &rules), [cause], "{last}");
    }
}

#[test]
fn keys_are_for_one_family_and_one_purpose() {
    let rsa = |more: &str| RSA.jwk(more);
    let secret = r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
    let es256 = minted(&P256, r#"{"alg":"ES256"}"#, GOOD);
    let rs256 = minted(&RSA, r#"{"alg":"RS256"}"#, GOOD);
    let hs256_with_public_key =
        token(r#"{"alg":"HS256"}"#, GOOD, |text| SigningKey::Oct(P256.jwk("").into_bytes()).sign("HS256", text));
    for (name, set, text, expected) in [
        ("two keys", vec![rsa(""), P256.jwk("")], &es256, None),
        ("RSA first", vec![OTHER_RSA.jwk(""), rsa("")], &rs256, None),
        ("Ed25519 in front", vec![ED25519.jwk(""), rsa("")], &rs256, None),
        ("public key as secret", vec![P256.jwk("")], &hs256_with_public_key, Some(Cause::KeyType)),
        ("secret as public key", vec![secret.to_owned()], &es256, Some(Cause::KeyType)),
        ("other curve", vec![P384.jwk("")], &es256, Some(Cause::KeyType)),
        ("other type", vec![P256.jwk("")], &rs256, Some(Cause::KeyType)),
        ("encryption", vec![rsa(r#""use":"enc","#)], &rs256, Some(Cause::KeyType)),
        ("other operations", vec![rsa(r#""key_ops":["encrypt"],"#)], &rs256, Some(Cause::KeyType)),
        ("other algorithm", vec![rsa(r#""alg":"PS256","#)], &rs256, Some(Cause::KeyType)),
        ("none fits", vec![P256.jwk(""), P384.jwk("")], &rs256, Some(Cause::KeyType)),
        ("no keys", vec![], &rs256, Some(Cause::Keys)),
        ("unusable keys", vec![r#"{"kty":"RSA"}"#.to_owned()], &rs256, Some(Cause::Keys)),
        ("too many keys", vec![rsa(""); 17], &rs256, Some(Cause::KeyId)),
        ("sixteen keys", vec![rsa(""); 16], &rs256, None),
    ] {
        let set: Vec<&str> = set.iter().map(String::as_str).collect();
        let found = causes(&keys(&set), text, &rules());
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn keys_that_are_too_weak() {
    let short = r#"{"kty":"RSA","e":"AQAB","n":"rGwrE46oLZE55XDW7xiCGZSk6ZRGy9QBEju7n2LASumOmuh2cbm7pWfMiukwy-DE5HBzOEkwv0jnoJhpo8UY5mgjk5_xNwoRjHf94T4BD1kxDsRrnCzqeu-sSKAKvIw4hC0Bs84YzB2iZW9Kbcy90CoHTNUtiP1sV4eEk86kun0"}"#;
    let text = "eyJhbGciOiJSUzI1NiJ9.e30.Ximo1sSObE7zM4rl4LJ7YPzhUQ3ivKpOZhfDG6YwSeZC208SW9YKySZXbAR-9fdSAlmo14mVsDzKeAPgqEFsoxttCkn2sD6iVHTse1D8sMR8e3kJJ56-0q3qbaGQNFye0T5RNLXoI4L3rbNZkFM3s7wg-bQUzwinynIFFz4UgJs";
    let found = keys(&[short]).verify(text, &rules(), now());
    assert!(
        matches!(found.refusals.as_slice(), [Refusal::Key(KeyRefusal::KeyUnfit { reason: UnfitKey::Weak, .. })]),
        "{found:?}"
    );
    let secret = SigningKey::Oct(vec![7; 31]);
    let found = keys(&[&secret.jwk("")]).verify(&minted(&secret, r#"{"alg":"HS256"}"#, GOOD), &rules(), now());
    assert!(
        matches!(found.refusals.as_slice(), [Refusal::Key(KeyRefusal::KeyUnfit { reason: UnfitKey::Weak, .. })]),
        "{found:?}"
    );
}

#[test]
fn what_istiod_puts_in_is_recognised() {
    let keys = VerificationKeys::from_jwks(crate::jose::UNREACHABLE_KEYS.as_bytes()).unwrap();
    for text in [minted(&RSA, r#"{"alg":"RS256","kid":"k1"}"#, GOOD), minted(&P256, r#"{"alg":"ES256"}"#, GOOD)] {
        assert_eq!(causes(&keys, &text, &rules()), [Cause::KeysUnreachable]);
    }
}

#[test]
fn every_algorithm_with_its_key() {
    for (key, algs) in [
        (&*RSA, &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"][..]),
        (&*P256, &["ES256"]),
        (&*P384, &["ES384"]),
        (&*P521, &["ES512"]),
        (&*ED25519, &["EdDSA"]),
        (&SigningKey::Oct(vec![7; 64]), &["HS256", "HS384", "HS512"]),
    ] {
        let keys = keys(&[&key.jwk(r#""kid":"k","#)]);
        for alg in algs {
            let text = minted(key, &format!(r#"{{"alg":"{alg}","kid":"k"}}"#), GOOD);
            assert_eq!(causes(&keys, &text, &rules()), [], "{alg}");
            let payload = base64url(GOOD.replace("alice", "mallory"));
            let pieces: Vec<&str> = text.split('.').collect();
            let forged = format!("{}.{payload}.{}", pieces[0], pieces[2]);
            assert_eq!(causes(&keys, &forged, &rules()), [Cause::Signature], "{alg}");
        }
    }
    // A salt of another length than the digest is no PS256 signature.
    let text = token(r#"{"alg":"PS256"}"#, GOOD, |text| RSA.sign("PS256/20", text));
    assert_eq!(causes(&keys(&[&RSA.jwk("")]), &text, &rules()), [Cause::Signature]);
    // RFC 9864 calls EdDSA on this curve Ed25519.
    let text = minted(&ED25519, r#"{"alg":"Ed25519"}"#, GOOD);
    assert_eq!(causes(&keys(&[&ED25519.jwk("")]), &text, &rules()), []);
}

#[test]
fn claims_that_are_refused() {
    let keys = keys(&[&P256.jwk("")]);
    let at = |offset: i64| SECONDS + offset;
    let with = |exp: String, more: &str| format!(r#"{{"iss":"https://a.example","sub":"alice","aud":"api","exp":{exp}{more}}}"#);
    let later = at(60).to_string();
    let loose = Rules { leeway: jiff::SignedDuration::from_secs(60), ..rules() };
    let named = Rules { issuers: vec!["https://a.example".to_owned()], ..rules() };
    let typed = Rules { token_type: Some("at+jwt".to_owned()), ..rules() };
    let of_bob = Rules { subject: Some("bob".to_owned()), ..rules() };
    let only_rs = Rules { algorithms: vec![Algorithm::Rs256], ..rules() };
    let nobody = Rules::default();
    let anybody = Rules { accepts_any_audience: true, ..Rules::default() };
    let without_expiry = Rules { accepts_without_expiry: true, ..rules() };
    for (name, payload, rules, expected) in [
        ("good", with(later.clone(), ""), &rules(), vec![]),
        ("exp is now", with(at(0).to_string(), ""), &rules(), vec![Cause::Expired]),
        ("a second later", with(at(1).to_string(), ""), &rules(), vec![]),
        ("a fraction later", with(format!("{}.5", at(0)), ""), &rules(), vec![]),
        ("within the leeway", with(at(-59).to_string(), ""), &loose, vec![]),
        ("at the end of the leeway", with(at(-60).to_string(), ""), &loose, vec![Cause::Expired]),
        ("exp 0", with("0".to_owned(), ""), &rules(), vec![Cause::Expired]),
        ("exp in exponent form", with("1.795698e9".to_owned(), ""), &rules(), vec![]),
        ("exp is text", with(format!("\"{later}\""), ""), &rules(), vec![Cause::ClaimType]),
        ("exp is negative", with("-1".to_owned(), ""), &rules(), vec![Cause::ClaimType]),
        ("exp in milliseconds", with("1795698000000".to_owned(), ""), &rules(), vec![Cause::ClaimType]),
        ("exp beyond doubles", with("1e999".to_owned(), ""), &rules(), vec![Cause::ClaimType]),
        ("no exp", r#"{"aud":"api"}"#.to_owned(), &rules(), vec![Cause::MissingClaim]),
        ("no exp, accepted", r#"{"aud":"api"}"#.to_owned(), &without_expiry, vec![]),
        ("nbf soon", with(later.clone(), &format!(",\"nbf\":{}", at(30))), &rules(), vec![Cause::ClockSkew]),
        ("nbf within the leeway", with(later.clone(), &format!(",\"nbf\":{}", at(30))), &loose, vec![]),
        ("nbf far", with(at(9999).to_string(), &format!(",\"nbf\":{}", at(3600))), &rules(), vec![Cause::NotYetValid]),
        ("nbf is null", with(later.clone(), ",\"nbf\":null"), &rules(), vec![Cause::ClaimType]),
        ("iat ahead and expired", with(at(-5).to_string(), &format!(",\"iat\":{}", at(600))), &rules(), vec![Cause::ClockSkew]),
        ("other issuer", with(later.clone(), "").replace("a.example", "b.example"), &named, vec![Cause::Issuer]),
        ("slash", with(later.clone(), "").replace("a.example", "a.example/"), &named, vec![Cause::Issuer]),
        ("no issuer", format!(r#"{{"aud":"api","exp":{later}}}"#), &named, vec![Cause::MissingClaim]),
        ("issuer is a number", format!(r#"{{"aud":"api","exp":{later},"iss":7}}"#), &named, vec![Cause::ClaimType]),
        ("other audience", with(later.clone(), "").replace("\"api\"", "\"web\""), &rules(), vec![Cause::Audience]),
        ("audience as a URL", with(later.clone(), "").replace("\"api\"", "\"https://api/\""), &rules(), vec![Cause::Audience]),
        ("several audiences", with(later.clone(), "").replace("\"api\"", "[\"web\",\"api\"]"), &rules(), vec![]),
        ("no audience in the list", with(later.clone(), "").replace("\"api\"", "[]"), &rules(), vec![Cause::Audience]),
        ("numbers in the list", with(later.clone(), "").replace("\"api\"", "[1]"), &rules(), vec![Cause::ClaimType]),
        ("no audience", format!(r#"{{"exp":{later}}}"#), &rules(), vec![Cause::MissingClaim]),
        ("nobody asked", with(later.clone(), ""), &nobody, vec![Cause::Audience]),
        ("for anybody", with(later.clone(), ""), &anybody, vec![]),
        ("no audience and nobody asked", format!(r#"{{"exp":{later}}}"#), &nobody, vec![]),
        ("other kind", with(later.clone(), ""), &typed, vec![Cause::Kind]),
        ("other subject", with(later.clone(), ""), &of_bob, vec![Cause::Subject]),
        ("algorithm not allowed", with(later.clone(), ""), &only_rs, vec![Cause::Algorithm]),
        ("sub twice", with(later.clone(), ",\"sub\":\"bob\""), &rules(), vec![Cause::Malformed]),
        ("not JSON", "{'aud':'api'}".to_owned(), &rules(), vec![Cause::Malformed]),
        ("a list", "[]".to_owned(), &rules(), vec![Cause::Malformed]),
        ("text", "\"x\"".to_owned(), &rules(), vec![Cause::Malformed]),
        ("nothing", String::new(), &rules(), vec![Cause::Malformed]),
        (
            "all at once",
            format!(r#"{{"iss":"x","aud":"web","exp":1,"nbf":{}}}"#, at(9999)),
            &named,
            vec![Cause::Issuer, Cause::Expired, Cause::NotYetValid, Cause::Audience],
        ),
    ] {
        assert_eq!(causes(&keys, &minted(&P256, r#"{"alg":"ES256"}"#, &payload), rules), expected, "{name}");
    }
}

#[test]
fn a_wrong_signature_hides_the_claims() {
    let text = minted(&OTHER_RSA, r#"{"alg":"RS256"}"#, r#"{"exp":1,"aud":"web"}"#);
    assert_eq!(causes(&keys(&[&RSA.jwk("")]), &text, &rules()), [Cause::Signature]);
}

const RFC_7515_A1: &str =
    r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const RFC_7515_A3: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const RFC_8037_A1: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// Tokens made by others: RFC 7515 appendix A, RFC 8037 appendix A, and further ones signed with the keys published there.
#[test]
fn published_tokens() {
    let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let all = keys(&[RFC_7515_A1, RFC_7515_A3, RFC_8037_A1]);
    for (name, text, key, expected) in [
        ("RFC 7515 A.1", format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{claims}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), Some(0), vec![Cause::Expired]),
        ("RFC 7515 A.3", format!("eyJhbGciOiJFUzI1NiJ9.{claims}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"), Some(1), vec![Cause::Expired]),
        ("RFC 7515 A.3 in DER", format!("eyJhbGciOiJFUzI1NiJ9.{claims}.MEUCIA7RIVN5Y2xIPC9_FVgH1AKjsigDOvl8fheBmsMWnqZlAiEAxQoH04w8cOXY8S2vCEpUgKZlkMXyk1Cajz9_ioOjVNU"), None, vec![Cause::Signature]),
        ("RFC 8037 A.4", "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg".to_owned(), Some(2), vec![Cause::Malformed]),
        ("EdDSA until 2100", "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4Iiwic3ViIjoieSIsImF1ZCI6InoiLCJleHAiOjQxMDI0NDQ4MDB9.jrX9GhJSlEYElUfwL5tzpV31jqIgJBfaeiSU6u7OFNBfc2Q0Ya5arCVwvmTZwINYSfMg1papClNkwGG-BV4tCg".to_owned(), Some(2), vec![]),
        ("exp 0", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4IiwiZXhwIjowfQ.W0NnDHoVP8xStMhPKRz2yUK6gAp7VGznX6nT3JbaDrI".to_owned(), Some(0), vec![Cause::Expired]),
        ("fractional exp", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ4IiwiYXVkIjpbImEiLCJiIl0sImV4cCI6NDEwMjQ0NDgwMC41LCJuYmYiOjF9.SfO-LaKQy8EYEnimKdjen4HIiaL_pUhjv8WVIAyhGec".to_owned(), Some(0), vec![]),
        ("crit b64", "eyJhbGciOiJIUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.eyJzdWIiOiJ4In0.9CJuryeW_Ngy9jCS7Zrwxde8sBx3hNwyfYHkg-SiTAk".to_owned(), None, vec![Cause::CriticalHeader]),
    ] {
        let anybody = Rules { audiences: vec!["a".to_owned(), "z".to_owned()], ..Rules::default() };
        // The tokens without `aud` would be refused for it.
        let rules = if name.contains("2100") || name.contains("fractional") { anybody } else { Rules::default() };
        let found = all.verify(&text, &rules, now());
        let causes: Vec<Cause> = found.refusals.iter().map(|refusal| refusal.diagnosis().cause).collect();
        assert_eq!((found.key, causes), (key, expected), "{name}");
    }
}

#[test]
fn every_refusal_says_what_was_wanted_and_seen_and_what_to_do() {
    let keys = keys(&[&RSA.jwk(r#""kid":"k1","#)]);
    for text in [
        "a".to_owned(),
        "a.b.c.d.e".to_owned(),
        minted(&RSA, r#"{"alg":"RS256","kid":"k2"}"#, GOOD),
        minted(&RSA, r#"{"alg":"PS256","kid":"k1","crit":["x"]}"#, GOOD),
        minted(&RSA, r#"{"alg":"RS256","kid":"k1"}"#, r#"{"exp":1,"aud":"web","nbf":1e999}"#),
        minted(&OTHER_RSA, r#"{"alg":"RS256","kid":"k1"}"#, GOOD),
    ] {
        let refusals = keys.verify(&text, &rules(), now()).refusals;
        assert!(!refusals.is_empty(), "{text}");
        for refusal in refusals {
            let diagnosis = refusal.diagnosis();
            let texts = [&diagnosis.field, &diagnosis.wanted, &diagnosis.seen, &diagnosis.message, &diagnosis.fix];
            assert!(texts.iter().all(|text| !text.is_empty()), "{diagnosis:?}");
        }
    }
}

#[test]
fn key_sets_that_are_none() {
    for (text, expected) in [
        ("[]", "not a JSON object"),
        ("{}", "no key set: `keys` is missing"),
        ("{\"keys\":{}}", "no key set: `keys` is an object, not a list"),
        ("{\"keys\":[],\"keys\":[]}", "the member `keys` stands there twice"),
        (r#"{"kty":"RSA"}"#, "no key set but a single key; Envoy does not read it as a set"),
        (r#"{"a":"-----BEGIN CERTIFICATE-----\nx"}"#, "no key set: `keys` is missing"),
    ] {
        let found = VerificationKeys::from_jwks(text.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(found.err().as_deref(), Some(expected), "{text}");
    }
    let set = keys(&[r#"{"kty":"RSA-HSM","kid":"h"}"#, "5", &P256.jwk("")]);
    let skipped: Vec<_> = set.skipped().iter().map(|skipped| (skipped.index, skipped.key_id.as_deref())).collect();
    assert_eq!((set.keys().len(), skipped), (1, vec![(0, Some("h")), (1, None)]));
}

proptest::proptest! {
    #[test]
    fn any_text_is_refused_without_panic(text in "[A-Za-z0-9_.=+-]{0,120}") {
        let set = keys(&[RFC_7515_A1, RFC_7515_A3]);
        proptest::prop_assert!(!set.verify(&text, &Rules::default(), now()).is_verified());
    }
}

/// Signatures of RFC 7515 appendix A and RFC 7520 section 4 by their section; the payloads are no JWT.
#[test]
fn published_signatures_of_the_cookbook() {
    let published: serde_json::Value = serde_json::from_str(include_str!("testdata/published.json")).unwrap();
    let mut names = Vec::new();
    for case in published.as_array().unwrap() {
        let (name, text) = (case["name"].as_str().unwrap(), case["token"].as_str().unwrap());
        let set = keys(&[&case["key"].to_string()]);
        let found = set.verify(text, &Rules::default(), now());
        let causes: Vec<Cause> = found.refusals.iter().map(|refusal| refusal.diagnosis().cause).collect();
        let expected = if name == "RFC 7515 A.2" { Cause::Expired } else { Cause::Malformed };
        assert_eq!((found.key, causes), (Some(0), vec![expected]), "{name}");
        let (signed, signature) = text.rsplit_once('.').unwrap();
        let forged = format!("{}.{signature}", signed.replacen('.', ".eA", 1));
        let found = set.verify(&forged, &Rules::default(), now());
        assert_eq!(found.key, None, "{name} forged");
        names.push(name.to_owned());
    }
    assert_eq!(names, ["RFC 7515 A.2", "RFC 7515 A.4", "RFC 7520 4.1", "RFC 7520 4.2", "RFC 7520 4.3", "RFC 7520 4.4"]);
}
