use proptest::prelude::*;
use rcgen::CertificateParams;

use super::Jwks;
use super::JwksError;
use super::KeyError;
use crate::jose::Algorithm;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::jose::testing::ED25519;
use crate::jose::testing::OTHER_RSA;
use crate::jose::testing::P256;
use crate::jose::testing::P384;
use crate::jose::testing::P521;
use crate::jose::testing::RSA;
use crate::jose::testing::SECRET;
use crate::jose::testing::SigningKey;
use crate::jose::testing::base64url;
use crate::jose::testing::jwks;
use crate::jose::testing::token;

fn verified(keys: &[&str], token: &str) -> Result<usize, TokenStatus> {
    Jwks::parse(&jwks(keys)).unwrap().verify(&UnverifiedToken::parse(token).unwrap())
}

#[test]
fn unusable_documents() {
    let rsa = RSA.jwk("");
    for (text, expected) in [
        (String::new(), JwksError::Json),
        ("[]".to_owned(), JwksError::Json),
        ("keys".to_owned(), JwksError::Json),
        (format!("{}x", jwks(&[&rsa])), JwksError::Json),
        ("{}".to_owned(), JwksError::NoKeys),
        (rsa.clone(), JwksError::NoKeys),
        (r#"{"a":"b"}"#.to_owned(), JwksError::NoKeys),
        (r#"{"Keys":[]}"#.to_owned(), JwksError::NoKeys),
        (r#"{"keys":{}}"#.to_owned(), JwksError::BadKeys),
        (r#"{"keys":null}"#.to_owned(), JwksError::BadKeys),
        (r#"{"keys":"x"}"#.to_owned(), JwksError::BadKeys),
        (r#"{"keys":[]}"#.to_owned(), JwksError::NoValidKeys),
        (r#"{"keys":[5,"x",[]]}"#.to_owned(), JwksError::NoValidKeys),
        (r#"{"keys":[5,{"kty":"x"},{}]}"#.to_owned(), JwksError::Key(KeyError::UnsupportedKty)),
    ] {
        assert_eq!(Jwks::parse(&text).err(), Some(expected), "{text}");
    }
    assert!(Jwks::parse(&format!("{{'keys':[5,{{}},{rsa},],x:1}}")).is_ok());
}

#[test]
fn unusable_and_usable_keys() {
    let (modulus, _) = RSA.rsa_components();
    let n = base64url(&modulus[1..]);
    let even = base64url(modulus.iter().copied().chain([0]).collect::<Vec<_>>());
    let point = P256.jwk("").split_once("\"x\"").unwrap().1.to_owned();
    let no_point = format!(r#"{{"kty":"EC","crv":"P-256","x":"{0}","y":"{0}"}}"#, base64url([1; 32]));
    let x = base64url([9; 32]);
    for (key, usable) in [
        (format!(r#"{{"n":"{n}","e":"AQAB"}}"#), false),
        (format!(r#"{{"kty":5,"n":"{n}","e":"AQAB"}}"#), false),
        (format!(r#"{{"kty":"rsa","n":"{n}","e":"AQAB"}}"#), false),
        (format!(r#"{{"kty":"XYZ","n":"{n}","e":"AQAB"}}"#), false),
        (format!(r#"{{"kty":"RSA","e":"AQAB","m":"{n}"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":5,"e":"AQAB","x":"{n}"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":65537}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"AQ"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"EQ"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}+","e":"AQAB"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{even}","e":"AQAB"}}"#), false),
        (r#"{"kty":"RSA","n":"","e":"AQAB"}"#.to_owned(), false),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":"ES256"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":"RSA-OAEP"}}"#), true),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":"R"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":5,"kid":5,"use":"enc","key_ops":["encrypt"]}}"#), true),
        (format!(r#"{{"kty":"RSA","n":"AA{n}","e":"AAEAAQ"}}"#), false),
        (format!(r#"{{"kty":"RSA","n":"{}","e":"AAEAAQ"}}"#, base64url(&modulus)), true),
        (format!(r#"{{"kty":"RSA","n":"{n}","e":"Aw"}}"#), true),
        (no_point, false),
        (r#"{"kty":"EC","crv":"P-256","x":"","y":""}"#.to_owned(), false),
        (format!(r#"{{"kty":"EC","x"{point}"#), true),
        (format!(r#"{{"kty":"EC","crv":"P-256","x"{point}"#), true),
        (format!(r#"{{"kty":"EC","alg":"ES256","x"{point}"#), true),
        (format!(r#"{{"kty":"EC","alg":"ES384","x"{point}"#), false),
        (format!(r#"{{"kty":"EC","alg":"ES256","crv":"P-384","x"{point}"#), false),
        (format!(r#"{{"kty":"EC","alg":"ES256K","x"{point}"#), false),
        (format!(r#"{{"kty":"EC","alg":"RS256","x"{point}"#), false),
        (format!(r#"{{"kty":"EC","crv":"P-384","x"{point}"#), false),
        (format!(r#"{{"kty":"EC","crv":"secp256k1","x"{point}"#), false),
        (format!(r#"{{"kty":"EC","crv":5,"x"{point}"#), false),
        (format!(r#"{{"kty":"EC","crv":"P-256","y"{point}"#), false),
        (r#"{"kty":"oct","k":""}"#.to_owned(), false),
        (r#"{"kty":"oct"}"#.to_owned(), false),
        (r#"{"kty":"oct","k":"a+b"}"#.to_owned(), false),
        (r#"{"kty":"oct","k":"YQ","alg":"RS256"}"#.to_owned(), false),
        (r#"{"kty":"oct","k":"YQ","alg":"HS1"}"#.to_owned(), false),
        (r#"{"kty":"oct","k":"YQ"}"#.to_owned(), true),
        (r#"{"kty":"oct","k":"YQ","alg":"HS512"}"#.to_owned(), true),
        (format!(r#"{{"kty":"OKP","x":"{x}"}}"#), false),
        (format!(r#"{{"kty":"OKP","crv":"X25519","x":"{x}"}}"#), false),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","alg":"Ed25519"}}"#), false),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url([9; 31])), false),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#), true),
        (format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}","alg":"EdDSA"}}"#), true),
    ] {
        assert_eq!(Jwks::parse(&jwks(&[&key])).is_ok(), usable, "{key}");
    }
}

#[test]
fn the_message_is_that_of_the_first_unusable_key() {
    for (key, message) in [
        ("{}", "[kty] is missing in [keys]"),
        ("{kty:5}", "[kty] is bad in [keys]"),
        ("{kty:'x'}", "[kty] is not supported in [keys]"),
        ("{kty:'RSA',alg:'ES256'}", "[alg] is not started with [RS] or [PS] for an RSA key"),
        ("{kty:'RSA'}", "[n] field is missing for a RSA key"),
        ("{kty:'RSA',n:''}", "[e] field is missing for a RSA key"),
        ("{kty:'RSA',n:'',e:5}", "[e] field is not string for a RSA key"),
        ("{kty:'RSA',n:'AQ',e:'AQAB'}", "Jwks RSA [n] or [e] field is missing or has a parse error"),
        ("{kty:'EC',alg:'RS256'}", "[alg] is not started with [ES] for an EC key"),
        ("{kty:'EC',crv:null}", "[crv] field is not string for an EC key"),
        ("{kty:'EC',crv:'P-224'}", "[crv] or [alg] field is not supported for an EC key"),
        ("{kty:'EC',crv:'P-384',alg:'ES256'}", "[crv] field specified is not compatible with [alg] for an EC key"),
        ("{kty:'EC',y:''}", "[x] field is missing for an EC key"),
        ("{kty:'EC',x:'+',y:''}", "Jwks EC [x] or [y] field is an invalid Base64."),
        ("{kty:'EC',x:'AQ',y:'AQ'}", "Jwks EC [x] and [y] fields have a parse error."),
        ("{kty:'oct',alg:'HS'}", "[alg] does not start with [HS] for an HMAC key"),
        ("{kty:'oct'}", "[k] field is missing for an HMAC key"),
        ("{kty:'oct',k:[]}", "[k] field is not string for an HMAC key"),
        ("{kty:'oct',k:''}", "Jwks Oct key is an invalid Base64"),
        ("{kty:'OKP',alg:'ES256'}", "[alg] is not [EdDSA] for an OKP key"),
        ("{kty:'OKP'}", "[crv] field is missing for an OKP key"),
        ("{kty:'OKP',crv:'Ed448'}", "[crv] field is not supported for an OKP key"),
        ("{kty:'OKP',crv:'Ed25519',x:5}", "[x] field is not string for an OKP key"),
        ("{kty:'OKP',crv:'Ed25519',x:'+'}", "Jwks OKP [x] field is an invalid Base64."),
        ("{kty:'OKP',crv:'Ed25519',x:'AQ'}", "Jwks OKP [x] field is wrong length."),
    ] {
        let error = Jwks::parse(&jwks(&["7", key, "{kty:'y'}"])).unwrap_err();
        assert_eq!(error.to_string(), message, "{key}");
    }
}

#[test]
fn rsa_moduli_have_512_to_16384_bits() {
    for (bits, usable) in [(504, false), (512, true), (8200, true), (16384, true), (16392, false)] {
        let key = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, base64url(vec![0xff; bits / 8]));
        assert_eq!(Jwks::parse(&jwks(&[&key])).is_ok(), usable, "{bits}");
    }
}

#[test]
fn every_algorithm_verifies_with_its_key_and_with_no_other() {
    let keys: [(&SigningKey, &[&str]); 6] = [
        (&RSA, &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]),
        (&P256, &["ES256"]),
        (&P384, &["ES384"]),
        (&P521, &["ES512"]),
        (&ED25519, &["EdDSA"]),
        (&SECRET, &["HS256", "HS384", "HS512"]),
    ];
    for (signer, names) in keys {
        for name in names {
            let token = signer.mint(name, None, "{}");
            assert_eq!(verified(&[&signer.jwk("")], &token), Ok(0), "{name}");
            assert_eq!(verified(&[&signer.jwk(&format!(r#""alg":"{name}","#))], &token), Ok(0), "{name} with alg");
            let (rest, signature) = token.rsplit_once('.').unwrap();
            let other_payload = rest.replacen(".e30", ".e30K", 1).replace("e30K", &base64url("{ }"));
            let forged = format!("{other_payload}.{signature}");
            assert_eq!(verified(&[&signer.jwk("")], &forged), Err(TokenStatus::VerificationFail), "{name} forged");
            for (other, _) in keys {
                if !std::ptr::eq(signer, other) {
                    assert!(verified(&[&other.jwk("")], &token).is_err(), "{name} with {}", other.jwk(""));
                }
            }
        }
    }
}

#[test]
fn only_rsa_keys_look_at_the_family_of_the_algorithm() {
    for (signer, alg, digest, expected) in [
        // An EC key takes SHA-256 for everything that is not ES384 or ES512, whatever its curve.
        (&*P256, "HS256", "ES256", Ok(0)),
        (&*P256, "RS512", "ES256", Ok(0)),
        (&*P256, "EdDSA", "ES256", Ok(0)),
        (&*P521, "ES256", "ES256", Ok(0)),
        (&*P521, "ES384", "ES384", Ok(0)),
        (&*P521, "RS384", "ES256", Ok(0)),
        (&*P521, "RS384", "ES384", Err(TokenStatus::VerificationFail)),
        (&*SECRET, "ES256", "HS256", Ok(0)),
        (&*SECRET, "RS512", "HS256", Ok(0)),
        (&*SECRET, "RS512", "HS512", Err(TokenStatus::VerificationFail)),
        (&*ED25519, "HS512", "EdDSA", Ok(0)),
        (&*RSA, "HS256", "RS256", Err(TokenStatus::VerificationFail)),
        (&*RSA, "ES256", "RS256", Err(TokenStatus::VerificationFail)),
        (&*RSA, "PS256", "PS256/20", Err(TokenStatus::VerificationFail)),
    ] {
        let token = token(&format!(r#"{{"alg":"{alg}"}}"#), "{}", |text| signer.sign(digest, text));
        assert_eq!(verified(&[&signer.jwk("")], &token), expected, "{alg} signed as {digest}");
    }
}

#[test]
fn selection_by_identifier_and_algorithm() {
    let with = |more: &str| RSA.jwk(more);
    let other = |more: &str| OTHER_RSA.jwk(more);
    let kid = r#""kid":"k1","#;
    let kid_and_alg = r#""kid":"k1","alg":"RS256","#;
    let mismatch = Err(TokenStatus::KidAlgMismatch);
    let failure = Err(TokenStatus::VerificationFail);
    for (keys, token_kid, alg, expected) in [
        (vec![with(kid)], Some("k2"), "RS256", mismatch),
        (vec![with(kid_and_alg)], Some("k1"), "RS512", mismatch),
        (vec![with(kid_and_alg)], None, "PS256", mismatch),
        (vec![other(kid)], Some("k1"), "RS256", failure),
        (vec![other("")], Some("k1"), "RS256", failure),
        (vec![with(kid)], Some("k1"), "RS256", Ok(0)),
        (vec![with(kid)], Some(""), "RS256", Ok(0)),
        (vec![with(kid)], None, "RS512", Ok(0)),
        (vec![with("")], Some("zzz"), "RS256", Ok(0)),
        (vec![other(kid), with(kid)], Some("k1"), "RS256", Ok(1)),
        (vec![other(""), with(kid_and_alg)], Some("k1"), "RS256", Ok(1)),
        (vec![with(r#""kid":"K1","#)], Some("k1"), "RS256", mismatch),
    ] {
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        assert_eq!(verified(&keys, &RSA.mint(alg, token_kid, "{}")), expected, "{token_kid:?} {alg} {keys:?}");
    }
}

#[test]
fn an_ed25519_key_ends_the_search_at_a_signature_of_another_length() {
    let (rsa, ed25519) = (RSA.jwk(""), ED25519.jwk(""));
    let token = RSA.mint("RS256", None, "{}");
    assert_eq!(verified(&[&ed25519, &rsa], &token), Err(TokenStatus::Ed25519Length));
    assert_eq!(verified(&[&rsa, &ed25519], &token), Ok(0));
    assert_eq!(verified(&[&ED25519.jwk(r#""alg":"EdDSA","#), &rsa], &token), Ok(1));
    let ecdsa = P256.mint("ES256", None, "{}");
    assert_eq!(verified(&[&ed25519, &P256.jwk("")], &ecdsa), Ok(1));
}

#[test]
fn an_ecdsa_signature_is_two_numbers_side_by_side() {
    let header = r#"{"alg":"ES256"}"#;
    let verified_as = |change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        verified(&[&P256.jwk("")], &token(header, "{}", |text| change(P256.sign("ES256", text))))
    };
    assert_eq!(verified_as(&|bytes| bytes), Ok(0));
    // An odd byte at the end is lost, and numbers may be written with more zeros in front.
    assert_eq!(verified_as(&|bytes| [bytes, vec![7]].concat()), Ok(0));
    let padded = |bytes: Vec<u8>| [&[0; 9][..], &bytes[..32], &[0; 9], &bytes[32..]].concat();
    assert_eq!(verified_as(&padded), Ok(0));
    let failure = Err(TokenStatus::VerificationFail);
    assert_eq!(verified_as(&|_| vec![0; 64]), failure);
    assert_eq!(verified_as(&|_| vec![0xff; 64]), failure);
    assert_eq!(verified_as(&|_| vec![1; 3000]), failure);
    assert_eq!(verified_as(&|_| vec![1]), failure);
    assert_eq!(verified_as(&|mut bytes| bytes.split_off(1)), failure);
    assert_eq!(verified_as(&|bytes| bytes.iter().rev().copied().collect()), failure);
}

#[test]
fn padding_changes_what_was_signed() {
    let header = base64url(r#"{"alg":"HS256"}"#);
    let signature = base64url(SECRET.sign("HS256", format!("{header}.e30").as_bytes()));
    assert_eq!(verified(&[&SECRET.jwk("")], &format!("{header}.e30.{signature}")), Ok(0));
    assert_eq!(verified(&[&SECRET.jwk("")], &format!("{header}..e30.{signature}=.")), Ok(0));
    let failure = Err(TokenStatus::VerificationFail);
    assert_eq!(verified(&[&SECRET.jwk("")], &format!("{header}.e30=.{signature}")), failure);
    assert_eq!(verified(&[&SECRET.jwk("")], &format!("{header}.e 30.{signature}")), failure);
    let short = signature.split_at(22).0;
    assert_eq!(verified(&[&SECRET.jwk("")], &format!("{header}.e30.{short}")), failure);
}

#[test]
fn a_map_of_certificates_is_a_key_set() {
    let SigningKey::Rsa(pair) = &*RSA else { panic!() };
    let pkcs8 = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(pair).unwrap();
    let issuer_key =
        rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.as_ref().to_vec().into(), &rcgen::PKCS_RSA_SHA256).unwrap();
    let certificate = |key: &rcgen::KeyPair| {
        let pem = CertificateParams::new(vec!["a.example".to_owned()]).unwrap().self_signed(key).unwrap().pem();
        pem.replace("\r\n", "\n")
    };
    let rsa = certificate(&issuer_key);
    let ec = certificate(&rcgen::KeyPair::generate().unwrap());
    let map = |members: &[(&str, &str)]| {
        let members: Vec<_> =
            members.iter().map(|(kid, pem)| format!("{}:{}", serde_json::json!(kid), serde_json::json!(pem))).collect();
        format!("{{{}}}", members.join(","))
    };
    let token = |kid| UnverifiedToken::parse(&RSA.mint("PS384", Some(kid), "{}")).unwrap();
    let keys = Jwks::parse(&map(&[("a", &rsa)])).unwrap();
    assert_eq!(keys.verify(&token("a")), Ok(0));
    assert_eq!(keys.verify(&token("b")), Err(TokenStatus::KidAlgMismatch));

    for (members, expected) in [
        (map(&[("", &rsa)]), JwksError::NoKeys),
        (map(&[("a", rsa.trim_end())]), JwksError::NoKeys),
        (map(&[("a", &format!(" {rsa}"))]), JwksError::NoKeys),
        (map(&[("a", &rsa), ("b", "x")]), JwksError::NoKeys),
        (map(&[("a", &rsa.replace("MII", "AAA"))]), JwksError::Certificate),
        (map(&[("a", &rsa), ("b", "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")]), JwksError::Certificate),
        (map(&[("a", &ec)]), JwksError::CertificateKey),
        (map(&[("a", &rsa), ("b", &ec)]), JwksError::CertificateKey),
    ] {
        assert_eq!(Jwks::parse(&members).err(), Some(expected), "{members}");
    }
}

#[test]
fn debug_output_keeps_secrets() {
    let keys = Jwks::parse(&jwks(&[&SECRET.jwk(r#""kid":"shared","#)])).unwrap();
    assert_eq!(format!("{keys:?}"), r#"[Key { kty: oct, kid: "shared", alg: "" }]"#);
}

/// RFC 8037 A.4, RFC 7515 A.1 and A.3: signatures made by others.
#[test]
fn published_signatures() {
    let keys = jwks(&[
        r#"{"kty":"OKP","alg":"EdDSA","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        r#"{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
        r#"{"kty":"EC","alg":"ES256","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    ]);
    let keys = Jwks::parse(&keys).unwrap();
    let claims = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    for (index, token) in [
        "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4Iiwic3ViIjoieSIsImF1ZCI6InoiLCJleHAiOjQxMDI0NDQ4MDB9.jrX9GhJSlEYElUfwL5tzpV31jqIgJBfaeiSU6u7OFNBfc2Q0Ya5arCVwvmTZwINYSfMg1papClNkwGG-BV4tCg".to_owned(),
        format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{claims}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
        format!("eyJhbGciOiJFUzI1NiJ9.{claims}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(keys.verify(&UnverifiedToken::parse(token).unwrap()), Ok(index), "{token}");
    }
}

/// Made with OpenSSL: a 1024-bit key, for which the library at hand has two of the six algorithms.
#[test]
fn short_rsa_keys_verify_every_algorithm() {
    let key = r#"{"kty":"RSA","e":"AQAB","n":"rGwrE46oLZE55XDW7xiCGZSk6ZRGy9QBEju7n2LASumOmuh2cbm7pWfMiukwy-DE5HBzOEkwv0jnoJhpo8UY5mgjk5_xNwoRjHf94T4BD1kxDsRrnCzqeu-sSKAKvIw4hC0Bs84YzB2iZW9Kbcy90CoHTNUtiP1sV4eEk86kun0"}"#;
    for token in [
        "eyJhbGciOiJSUzI1NiJ9.e30.Ximo1sSObE7zM4rl4LJ7YPzhUQ3ivKpOZhfDG6YwSeZC208SW9YKySZXbAR-9fdSAlmo14mVsDzKeAPgqEFsoxttCkn2sD6iVHTse1D8sMR8e3kJJ56-0q3qbaGQNFye0T5RNLXoI4L3rbNZkFM3s7wg-bQUzwinynIFFz4UgJs",
        "eyJhbGciOiJSUzM4NCJ9.e30.p5EuTwJXxygkPSAexMY3Rz5PyYGC7ymJoqoNyjV541BQjzsVR02WbG_DyaUAGH-3FRCjW6JwGgRu6zQiTunpu3LGAUpmSwn368Wz9-aG-KgJNFWPeaOVlWF1hPIoCSiXbh-bujvxIZnguL_tr-do-dAt2j3zX-7i6mc3NCO0SV4",
        "eyJhbGciOiJSUzUxMiJ9.e30.hoK9sebSxn8-gJxh_DwZ96bYILAGRfkNV7Udbi2N1sBmz2NYYd5aDZ9VBLmkLQKbhsdIJHA4SmePgP7gGZ9Hfxn8sdw9JT64iDI349JeQ7gV7Hahfyoa8vFgtQn0QaHNeTrPy-fRUhmfFrOODp-sUg9V7lAyGaVPVMRCvz2GVXk",
        "eyJhbGciOiJQUzI1NiJ9.e30.YbiUxx--m-sF4_wdb9vxDIb2PzqBR_gz-JoByGHyKvOavihk7IjJt01ownpzSn2EeIS7tdJXTN-WSfIcejZE4SsNvgeJKF_FFV9ykwVV2IgeNPLrM8Ndd0IOVhp7ciOqRCR575oKUHzKmSaBg_sKQtUQexcxw_mCM1NSnuAJlS4",
        "eyJhbGciOiJQUzM4NCJ9.e30.n22CFaeWu_EAM8eBeWIcR61og0hy516hDwkQwQo29uYAlQKJ4tawxYtmSaZv4vPk-e-N6kM3ox3I0cQ6qOkKAX1VUJYCZRDnOevMZpqaXPILSd1YxQ1uwPToma69z4lPIcwd-22T-0_F7zQ7scaypFyC0uBo87TaSFCmvlLOI-4",
    ] {
        assert_eq!(verified(&[key], token), Ok(0), "{token}");
        let forged = token.replace(".e30.", &format!(".{}.", base64url("{ }")));
        assert_eq!(verified(&[key], &forged), Err(TokenStatus::VerificationFail), "{forged}");
        let wrong_length = format!("{token}AAAA");
        assert_eq!(verified(&[key], &wrong_length), Err(TokenStatus::VerificationFail), "{wrong_length}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".*") {
        let _ = Jwks::parse(&text);
    }

    #[test]
    fn any_members_and_signatures_are_handled_without_panic(
        kty in "RSA|EC|oct|OKP",
        crv in "|P-256|P-384|P-521|Ed25519",
        member in "[A-Za-z0-9_-]{0,90}",
        exponent in "AQAB|Aw|[A-Za-z]{0,4}",
        alg in 0..Algorithm::ALL.len(),
        signature in "[A-Za-z0-9_-]{1,90}",
    ) {
        let key = format!(r#"{{"kty":"{kty}","crv":"{crv}","n":"{member}","e":"{exponent}","x":"{member}","y":"{member}","k":"{member}"}}"#);
        let header = base64url(format!(r#"{{"alg":"{}"}}"#, Algorithm::ALL[alg]));
        if let (Ok(keys), Ok(token)) = (Jwks::parse(&jwks(&[&key])), UnverifiedToken::parse(&format!("{header}.e30.{signature}"))) {
            prop_assert!(keys.verify(&token).is_err());
        }
    }
}
