//! What a single JWK must not be, and what is noted about the rest.
#![expect(clippy::string_slice, reason = "test data is ASCII")]

use crate::jose::Algorithm;
use crate::jose::Jwk;
use crate::jose::JwkNote;
use crate::jose::Strictness;
use crate::jose::keys::tests::facts::RFC7515_OCT;
use crate::jose::keys::tests::facts::RFC7515_P256;
use crate::jose::keys::tests::facts::RFC7515_P521;
use crate::jose::keys::tests::facts::RFC7515_RSA;
use crate::jose::keys::tests::facts::RFC7517_P256;
use crate::jose::keys::tests::facts::RFC7638_RSA;
use crate::jose::keys::tests::facts::RFC8037_ED25519;
use crate::jose::keys::tests::facts::ZERO_IN_FRONT;

/// The key with members put in front.
fn with(key: &str, members: &str) -> String {
    key.replacen('{', &format!("{{{members},"), 1)
}

/// The key without one member.
fn without(key: &str, name: &str) -> String {
    let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_str(key).unwrap();
    members.shift_remove(name).unwrap();
    serde_json::to_string(&members).unwrap()
}

#[test]
fn what_is_refused() {
    let d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
    let swap = |key: &str, from: &str, to: &str| {
        assert!(key.contains(from), "{from}");
        key.replacen(from, to, 1)
    };
    let order = "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE";
    let cases: Vec<(&str, String, &str)> = vec![
        ("no JSON", "MII".to_owned(), "not JSON: unexpected character at byte 0"),
        ("a list", "[]".to_owned(), "not a JSON object"),
        ("no type", "{}".to_owned(), "`kty` is missing"),
        ("a set", r#"{"keys":[]}"#.to_owned(), "a key set, where one key is wanted"),
        ("an encrypted JWK", r#"{"protected":"x","ciphertext":"y"}"#.to_owned(), "an encrypted JWK (JWE), which is not opened here"),
        ("a type in small letters", swap(RFC7638_RSA, "\"RSA\"", "\"rsa\""), "unknown key type `rsa`"),
        ("a type that is no string", r#"{"kty":1}"#.to_owned(), "`kty` is a number, not a string"),
        ("a type that is null", r#"{"kty":null}"#.to_owned(), "`kty` is null, not a string"),
        ("a member twice", with(RFC7515_P256, r#""x":"AA""#), "the member `x` stands there twice"),
        ("EC without y", without(RFC7515_P256, "y"), "`y` is missing"),
        ("EC without crv", without(RFC7515_P256, "crv"), "`crv` is missing"),
        ("EC on a Koblitz curve", swap(RFC7515_P256, "P-256", "secp256k1"), "curve `secp256k1` is not supported for `EC`"),
        ("EC on a curve in small letters", swap(RFC7515_P256, "P-256", "p-256"), "curve `p-256` is not supported for `EC`"),
        ("EC with the curve of another size", swap(RFC7515_P256, "P-256", "P-384"), "`x` has 32 bytes, P-384 needs 48"),
        ("EC with coordinates exchanged", swap(RFC7515_P256, "\"x\":", "\"z\":").replace("\"y\":", "\"x\":").replace("\"z\":", "\"y\":"), "the point does not lie on P-256"),
        ("EC at the origin", r#"{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#.to_owned(), "the point does not lie on P-256"),
        ("EC called RSA", swap(RFC7515_P256, "\"EC\"", "\"RSA\""), "`n` is missing"),
        ("EC with a lost zero", swap(ZERO_IN_FRONT, "AFVDiUrz0A7X10Cr29dclrBod7eH219w7qeLkKjXwAo", "VUOJSvPQDtfXQKvb11yWsGh3t4fbX3Dup4uQqNfACg"), "`x` has 31 bytes, P-256 needs 32"),
        ("EC with a short d", with(ZERO_IN_FRONT, r#""d":"AXs""#), "`d` has 2 bytes, P-256 needs 32"),
        ("EC with the d of another key", swap(RFC7515_P256, d, "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE"), "the private part does not belong to the public part"),
        ("EC with d zero", swap(RFC7515_P256, d, &"A".repeat(43)), "the private number is outside the range of P-256"),
        ("EC with d as great as the order", swap(RFC7515_P256, d, order), "the private number is outside the range of P-256"),
        ("padding", swap(RFC7515_P256, "VEU\"", "VEU=\""), "`x` is no base64url: padding (`=`) is not allowed"),
        ("a line break", swap(RFC7515_P256, "VEU\"", "VEU\\n\""), "`x` is no base64url: white space is not allowed"),
        ("the other alphabet", swap(RFC7515_P256, "x_FE", "x/FE"), "`y` is no base64url: `-` and `_` stand for `+` and `/`"),
        ("stray bits", swap(RFC7515_P256, "VEU\"", "VEV\""), "`x` is no base64url: the unused bits of the last character are not zero"),
        ("an impossible length", swap(RFC7515_P256, "VEU\"", "VEUAA\""), "`x` is no base64url: its length is impossible"),
        ("a foreign character", swap(RFC7515_P256, "VEU\"", "V.U\""), "`x` is no base64url: it holds a character outside the alphabet"),
        ("OKP with a point of EC", swap(RFC8037_ED25519, "Ed25519", "P-256"), "curve `P-256` is not supported for `OKP`"),
        ("OKP on an unknown curve", swap(RFC8037_ED25519, "Ed25519", "ed25519"), "curve `ed25519` is not supported for `OKP`"),
        ("OKP with seed and public key in d", swap(RFC8037_ED25519, "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", &"A".repeat(86)), "`d` has 64 bytes, Ed25519 needs 32"),
        ("OKP with another d", swap(RFC8037_ED25519, "nWGx", "nWGy"), "the private part does not belong to the public part"),
        ("OKP called Ed448", swap(RFC8037_ED25519, "Ed25519", "Ed448"), "`x` has 32 bytes, Ed448 needs 57"),
        ("a secret that is empty", r#"{"kty":"oct","k":""}"#.to_owned(), "`k` is empty"),
        ("a secret without k", r#"{"kty":"oct"}"#.to_owned(), "`k` is missing"),
        ("an exponent that is a number", swap(RFC7638_RSA, "\"AQAB\"", "65537"), "`e` is a number, not a string"),
        ("an exponent of one", swap(RFC7638_RSA, "\"AQAB\"", "\"AQ\""), "the RSA exponent `e` must be odd, at least 3 and at most 33 bits long"),
        ("an even exponent", swap(RFC7638_RSA, "\"AQAB\"", "\"AQAA\""), "the RSA exponent `e` must be odd, at least 3 and at most 33 bits long"),
        ("an exponent of nothing", swap(RFC7638_RSA, "\"AQAB\"", "\"AA\""), "the RSA exponent `e` must be odd, at least 3 and at most 33 bits long"),
        ("an even modulus", swap(RFC7638_RSA, "DKgw\"", "DKgg\""), "an RSA modulus of 2048 bits is not taken: it is even"),
        ("a modulus of one", r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#.to_owned(), "an RSA modulus of 1 bits is not taken: 512 at least"),
        ("a modulus beyond bounds", format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, "_".repeat(2732)), "an RSA modulus of 16392 bits is not taken: 16384 at most"),
        ("RSA without d but with p", without(RFC7515_RSA, "d"), "`d` is missing"),
        ("RSA without dq", without(RFC7515_RSA, "dq"), "`dq` is missing: of `p`, `q`, `dp`, `dq` and `qi` all or none must be there"),
        ("RSA of three primes", with(RFC7515_RSA, r#""oth":[]"#), "`oth`: RSA keys of more than two primes are not supported"),
        ("RSA with another d", swap(RFC7515_RSA, "\"d\":\"Eq5x", "\"d\":\"Eq5y"), "`d` does not belong to the other numbers of the RSA key"),
        ("RSA with another p", swap(RFC7515_RSA, "\"p\":\"4BzE", "\"p\":\"4BzF"), "`p` does not belong to the other numbers of the RSA key"),
        ("RSA with another dp", swap(RFC7515_RSA, "\"dp\":\"BwKf", "\"dp\":\"BwKg"), "`dp` does not belong to the other numbers of the RSA key"),
        ("RSA with another qi", swap(RFC7515_RSA, "\"qi\":\"IYd7", "\"qi\":\"IYd8"), "`qi` does not belong to the other numbers of the RSA key"),
        ("RSA whose d alone is wrong", swap(&RFC7515_RSA[..RFC7515_RSA.find(",\"p\"").unwrap()], "Eq5x", "Eq5z") + "}", "`d` does not belong to the other numbers of the RSA key"),
        ("an algorithm of another type", with(RFC7515_P256, r#""alg":"RS256""#), "`alg` is `RS256`, which EC P-256 cannot do"),
        ("an algorithm of another curve", with(RFC7515_P521, r#""alg":"ES256""#), "`alg` is `ES256`, which EC P-521 cannot do"),
        ("an algorithm for secrets on a public key", swap(RFC7638_RSA, "RS256", "HS256"), "`alg` is `HS256`, which RSA 2048 cannot do"),
        ("no algorithm", swap(RFC7638_RSA, "RS256", "none"), "`alg` is `none`, which RSA 2048 cannot do"),
        ("an algorithm that is no string", swap(RFC7638_RSA, "\"RS256\"", "256"), "`alg` is a number, not a string"),
        ("the name of the other Edwards curve", with(RFC8037_ED25519, r#""alg":"Ed448""#), "`alg` is `Ed448`, which Ed25519 cannot do"),
        ("an identifier that is a number", swap(RFC7638_RSA, "\"2011-04-29\"", "7"), "`kid` is a number, not a string"),
        ("operations that are no list", with(RFC7638_RSA, r#""key_ops":"verify""#), "`key_ops` is a string, not a list of strings"),
        ("an operation that is no string", with(RFC7638_RSA, r#""key_ops":[1]"#), "`key_ops` is a number, not a list of strings"),
        ("an operation twice", with(RFC7638_RSA, r#""key_ops":["verify","verify"]"#), "`key_ops` holds `verify` twice"),
        ("use and operations at odds", with(RFC7638_RSA, r#""use":"sig","key_ops":["encrypt"]"#), "`use` is `sig` and `key_ops` holds `encrypt`"),
        ("use and operations at odds, the other way", with(RFC7517_P256, r#""key_ops":["verify"]"#), "`use` is `enc` and `key_ops` holds `verify`"),
        ("certificates that are no list", with(RFC7638_RSA, r#""x5c":"MII""#), "`x5c` is a string, not a list of strings"),
        ("no certificate", with(RFC7638_RSA, r#""x5c":[]"#), "`x5c` is empty"),
        ("a certificate in base64url", with(RFC7638_RSA, r#""x5c":["MI_I"]"#), "`x5c`: certificate 1 is no standard base64 (RFC 4648 section 4), which `x5c` uses"),
        ("a certificate with line breaks", with(RFC7638_RSA, r#""x5c":["MII\nC"]"#), "`x5c`: certificate 1 is no standard base64 (RFC 4648 section 4), which `x5c` uses"),
        ("something else than a certificate", with(RFC7638_RSA, r#""x5c":["MIIC"]"#), "`x5c`: certificate 1 cannot be read"),
    ];
    let mut wrong = Vec::new();
    for (name, text, wanted) in cases {
        let found = match Jwk::parse(text.as_bytes()) {
            Ok(jwk) => format!("{jwk:?}"),
            Err(error) => error.to_string(),
        };
        if found != wanted {
            wrong.push(format!("{name}: {found}\n    wanted: {wanted}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_noted() {
    let weak = r#"{"kty":"oct","k":"c2VjcmV0"}"#;
    let public = without(RFC7515_P256, "d");
    let cases: Vec<(&str, String, Vec<JwkNote>)> = vec![
        ("nothing", RFC7515_P256.to_owned(), vec![]),
        ("a long exponent", RFC7638_RSA.replace("AQAB", "AAEAAQ"), vec![JwkNote::LeadingZeros("e")]),
        ("an exponent of 17", RFC7638_RSA.replace("AQAB", "EQ"), vec![JwkNote::UnusualExponent]),
        ("a weak secret", weak.to_owned(), vec![JwkNote::Weak { bits: 48, minimum: 256 }]),
        (
            "RSA of exponents only",
            RFC7515_RSA[..RFC7515_RSA.find(",\"p\"").unwrap()].to_owned() + "}",
            vec![JwkNote::FactorsComputed],
        ),
        ("an unknown use", with(&public, r#""use":"signature""#), vec![JwkNote::UnknownUse("signature".to_owned())]),
        (
            "an algorithm that does not exist",
            with(&public, r#""alg":"ES521""#),
            vec![JwkNote::UnknownAlgorithm("ES521".to_owned())],
        ),
        (
            "an algorithm for encryption",
            with(RFC7515_OCT, r#""alg":"A256GCM""#),
            vec![JwkNote::UnknownAlgorithm("A256GCM".to_owned())],
        ),
        ("use and operations", with(&public, r#""use":"sig","key_ops":["verify"]"#), vec![JwkNote::UseAndOperations]),
        ("a private member of another type", with(&public, r#""k":"AA""#), vec![JwkNote::ForeignPrivateMember("k")]),
    ];
    for (name, text, wanted) in cases {
        let jwk = Jwk::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(jwk.notes(), wanted, "{name}");
        assert!(!jwk.private_text().contains("\"k\": \"AA\""), "{name}");
    }
}

#[test]
fn spelling_is_repaired_when_asked_to() {
    for (from, to, member, oddity) in [
        ("VEU\"", "VEU=\"", "x", "padding"),
        ("VEU\"", "VE\\nU\"", "x", "white space"),
        ("x_FE", "x/FE", "y", "the characters `+` and `/`"),
        ("VEU\"", "VEV\"", "x", "unused bits that are not zero"),
    ] {
        let jwk = Jwk::parse_with(RFC7515_P256.replacen(from, to, 1).as_bytes(), Strictness::Repair).unwrap();
        assert_eq!(jwk.notes(), [JwkNote::Respelled { member, oddity }], "{to}");
        let public = serde_json::to_string(&jwk.public_members().unwrap()).unwrap();
        assert!(public.contains("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), "{public}");
    }
    let key = with(ZERO_IN_FRONT, r#""d":"AXs""#);
    let jwk = Jwk::parse_with(key.as_bytes(), Strictness::Repair).unwrap();
    assert_eq!(jwk.notes(), [JwkNote::Padded("d")]);
    assert!(jwk.private_text().contains(r#""d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXs""#));
}

#[test]
fn algorithms_follow_numbers_and_members() {
    use Algorithm as A;
    let rsa = without(&without(RFC7638_RSA, "alg"), "kid");
    for (name, text, wanted) in [
        ("RSA", rsa.clone(), vec![A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512]),
        ("RSA for one algorithm", RFC7638_RSA.to_owned(), vec![A::Rs256]),
        ("RSA to verify", with(&rsa, r#""use":"sig","alg":"PS384""#), vec![A::Ps384]),
        ("RSA to encrypt", with(&rsa, r#""use":"enc""#), vec![]),
        ("RSA with an unknown use", with(&rsa, r#""use":"sign""#), vec![]),
        ("RSA to wrap keys", with(&rsa, r#""key_ops":["wrapKey"]"#), vec![]),
        ("RSA for RSA-OAEP", with(&rsa, r#""alg":"RSA-OAEP""#), vec![]),
        ("P-256", RFC7515_P256.to_owned(), vec![A::Es256]),
        ("P-256 to encrypt", RFC7517_P256.to_owned(), vec![]),
        ("P-521", RFC7515_P521.to_owned(), vec![A::Es512]),
        ("P-521 with an algorithm that does not exist", with(RFC7515_P521, r#""alg":"ES521""#), vec![]),
        ("Ed25519", RFC8037_ED25519.to_owned(), vec![A::EdDsa]),
        ("Ed25519 by its newer name", with(RFC8037_ED25519, r#""alg":"Ed25519""#), vec![A::EdDsa]),
        ("a secret of 64 bytes", RFC7515_OCT.to_owned(), vec![A::Hs256, A::Hs384, A::Hs512]),
        ("a secret of 31 bytes", r#"{"kty":"oct","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg"}"#.to_owned(), vec![]),
    ] {
        assert_eq!(Jwk::parse(text.as_bytes()).unwrap().algorithms(), wanted, "{name}");
    }
}

#[test]
fn the_public_half_holds_nothing_private() {
    let more = r#""kid":"k","use":"sig","alg":"ES256","x5u":"https://a/b""#;
    let jwk = Jwk::parse(with(RFC7515_P256, more).as_bytes()).unwrap();
    let members = jwk.public_members().unwrap();
    let names: Vec<&str> = members.keys().map(String::as_str).collect();
    assert_eq!(names, ["kty", "use", "alg", "kid", "crv", "x", "y", "x5u"]);
    for key in [RFC7515_RSA, RFC7515_P521, RFC8037_ED25519] {
        let jwk = Jwk::parse(with(key, r#""key_ops":["sign"]"#).as_bytes()).unwrap();
        let public = jwk.public().unwrap();
        assert_eq!((jwk.is_private(), public.is_private()), (true, false));
        assert_eq!(public.operations(), Some(&["verify".to_owned()][..]));
        let text = public.private_text();
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!text.contains(&format!("\"{name}\"")), "{}", *text);
        }
    }
    assert!(Jwk::parse(RFC7515_OCT.as_bytes()).unwrap().public().is_none());
}

#[test]
fn what_is_written_is_read_again() {
    for key in [RFC7515_RSA, RFC7638_RSA, RFC7515_P256, RFC7515_P521, RFC8037_ED25519, RFC7515_OCT] {
        let text = with(key, r#""more":{"a":[1,2]}"#);
        let jwk = Jwk::parse(text.as_bytes()).unwrap();
        let again = Jwk::parse(jwk.private_text().as_bytes()).unwrap();
        assert_eq!(*again.private_text(), *jwk.private_text());
        let [before, after]: [serde_json::Map<String, serde_json::Value>; 2] =
            [&text, &*again.private_text()].map(|text| serde_json::from_str(text).unwrap());
        assert_eq!(before, after);
    }
}
