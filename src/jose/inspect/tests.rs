use super::*;
use crate::jose::testing::base64url;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn compact(header: &str, payload: &str) -> String {
    format!("{}.{}.{}", base64url(header), base64url(payload), base64url([7; 64]))
}

fn inspected(token: &str) -> Inspection {
    Inspection::of(token, at("2026-11-26T12:00:00Z")).unwrap_or_else(|error| panic!("{token}: {error}"))
}

fn codes(token: &Inspection) -> Vec<&'static str> {
    let mut codes: Vec<_> = token.warnings.iter().map(|warning| warning.code).collect();
    codes.dedup();
    codes
}

#[test]
fn texts_that_are_no_token() {
    let header = base64url(r#"{"alg":"RS256"}"#);
    for (text, expected) in [
        ("abc".to_owned(), "1 piece between dots: a signed token has three, an encrypted one five"),
        ("....".to_owned(), "5 pieces between dots: a signed token has three, an encrypted one five"),
        (format!("{header}.a.b.c"), "4 pieces between dots: a signed token has three, an encrypted one five"),
        ("a!.b.c".to_owned(), "the header cannot be decoded: character 2 is not base64url"),
        ("a.b.c".to_owned(), "the header cannot be decoded: 1 characters are one too many or too few for base64url"),
        ("W10.e30.AA".to_owned(), "the header is no JSON object: it begins with a list"),
        (
            format!("{}.e30.AA", base64url("hello\u{1b}[2J world, and more of it")),
            "the header is no JSON object: it begins with `hello\\u{1b}[2J world, and mor`",
        ),
        (format!("{}.e30.AA", base64url([0xff, 0xfe, 1])), "the header is no JSON object: it begins with bytes ff fe 01"),
        ("{\"a\":1}".to_owned(), "the JSON object is no token: it has neither `payload` nor `ciphertext`"),
        ("{".to_owned(), "the JSON object is no token: it has neither `payload` nor `ciphertext`"),
        (".".repeat(1 << 20), "1048577 pieces between dots: a signed token has three, an encrypted one five"),
    ] {
        let found = Inspection::of(&text, Timestamp::UNIX_EPOCH).map_err(|error| error.to_string());
        assert_eq!(found.err().as_deref(), Some(expected), "{}", text.chars().take(60).collect::<String>());
    }
}

#[test]
fn warnings_by_case() {
    const GOOD: &str = r#""iss":"https://a.example","sub":"alice","aud":"api","iat":1795694400,"exp":1795698000"#;
    let with = |more: &str| format!("{{{GOOD}{more}}}");
    let header = r#"{"alg":"ES256","kid":"k1"}"#;
    for (name, token, expected) in [
        ("nothing", compact(header, &with("")), vec![]),
        ("none", compact(r#"{"alg":"none","kid":"k"}"#, &with("")), vec!["W01", "W11"]),
        ("NONE", compact(r#"{"alg":"NONE","kid":"k"}"#, &with("")), vec!["W01"]),
        ("HMAC", compact(r#"{"alg":"HS512","kid":"k"}"#, &with("")), vec!["W01"]),
        ("unknown to Envoy", compact(r#"{"alg":"ES256K","kid":"k"}"#, &with("")), vec!["W01"]),
        ("no alg", compact(r#"{"kid":"k"}"#, &with("")), vec!["W01"]),
        ("alg is a number", compact(r#"{"alg":1,"kid":"k"}"#, &with("")), vec!["W01"]),
        ("no kid", compact(r#"{"alg":"ES256"}"#, &with("")), vec!["W08"]),
        ("kid is a number", compact(r#"{"alg":"ES256","kid":5}"#, &with("")), vec!["W08"]),
        ("kid is a path", compact(r#"{"alg":"ES256","kid":"../../etc/passwd"}"#, &with("")), vec!["W09"]),
        ("own key", compact(r#"{"alg":"ES256","kid":"k","jwk":{}}"#, &with("")), vec!["W09"]),
        ("fetch", compact(r#"{"alg":"ES256","kid":"k","jku":"https://evil"}"#, &with("")), vec!["W09"]),
        ("crit", compact(r#"{"alg":"ES256","kid":"k","crit":["x"]}"#, &with("")), vec!["W09"]),
        ("nested", compact(r#"{"alg":"ES256","kid":"k","cty":"JWT"}"#, "a.b.c"), vec!["W15"]),
        ("expired", compact(header, &with("").replace("1795698000", "1795694399")), vec!["W02", "W04"]),
        ("soon", compact(header, &with("").replace("1795698000", "1795694460")), vec!["W02"]),
        ("not yet", compact(header, &with(",\"nbf\":1795695000")), vec!["W02"]),
        ("no exp", compact(header, r#"{"iss":"a","sub":"b","aud":"c"}"#), vec!["W03"]),
        ("exp 0", compact(header, r#"{"iss":"a","sub":"b","aud":"c","exp":0}"#), vec!["W03"]),
        ("exp is text", compact(header, r#"{"iss":"a","sub":"b","aud":"c","exp":"1795698000"}"#), vec!["W05"]),
        ("milliseconds", compact(header, r#"{"iss":"a","sub":"b","aud":"c","exp":1795698000000}"#), vec!["W05"]),
        ("negative", compact(header, r#"{"iss":"a","sub":"b","aud":"c","exp":-5}"#), vec!["W05"]),
        ("no aud", compact(header, r#"{"iss":"a","sub":"b","exp":1795698000}"#), vec!["W06"]),
        ("empty aud", compact(header, r#"{"iss":"a","sub":"b","aud":[],"exp":1795698000}"#), vec!["W06"]),
        ("aud of numbers", compact(header, r#"{"iss":"a","sub":"b","aud":[1],"exp":1795698000}"#), vec!["W06"]),
        ("no iss", compact(header, r#"{"sub":"b","aud":"c","exp":1795698000}"#), vec!["W07"]),
        ("slash", compact(header, r#"{"iss":"https://t.auth0.com/","sub":"b","aud":"c","exp":1795698000}"#), vec!["W07"]),
        ("google", compact(header, r#"{"iss":"accounts.google.com","sub":"b","aud":"c","exp":1795698000}"#), vec!["W07"]),
        ("secret", compact(header, &with(",\"db_password\":\"x\"")), vec!["W12"]),
        ("twice", compact(header, &with(",\"sub\":\"x\"")), vec!["W10"]),
        ("single quotes", compact(header, &with("").replace('"', "'")), vec!["W10"]),
        ("empty piece", compact(header, &with("")).replacen('.', "..", 1), vec!["W10"]),
        ("line break", compact(header, &with("")).replacen("eyJ", "eyJ\n", 1), vec!["W10"]),
        ("legacy", compact(header, r#"{"iss":"kubernetes/serviceaccount","sub":"b","aud":"c","exp":1795698000}"#), vec!["W14"]),
        ("svid", compact(header, &with("").replace("alice", "spiffe://td/a")), vec![]),
        ("svid with EdDSA", compact(r#"{"alg":"EdDSA","kid":"k"}"#, &with("").replace("alice", "spiffe://td/a")), vec!["W13"]),
    ] {
        assert_eq!(codes(&inspected(&token)), expected, "{name}");
    }
}

#[test]
fn kinds_by_their_looks() {
    for (header, payload, expected) in [
        (r#"{"typ":"application/AT+jwt"}"#, r#"{"iss":"a"}"#, TokenKind::AccessToken),
        (r#"{"typ":"wit+jwt"}"#, "{}", TokenKind::WitSvid),
        ("{}", r#"{"sub":"spiffe://td/a"}"#, TokenKind::JwtSvid),
        ("{}", r#"{"kubernetes.io":{"namespace":"a"}}"#, TokenKind::KubernetesBound),
        ("{}", r#"{"iss":"kubernetes/serviceaccount"}"#, TokenKind::KubernetesLegacy),
        ("{}", r#"{"iss":"https://securetoken.google.com/p"}"#, TokenKind::Firebase),
        ("{}", r#"{"iss":"https://accounts.google.com"}"#, TokenKind::Google),
        ("{}", r#"{"typ":"Refresh"}"#, TokenKind::KeycloakRefresh),
        ("{}", r#"{"nonce":"x"}"#, TokenKind::IdToken),
        ("{}", r#"{"scope":"x"}"#, TokenKind::AccessToken),
        ("{}", r#"{"sub":"x"}"#, TokenKind::Jwt),
        ("{}", r#"["x"]"#, TokenKind::Jws),
        ("{}", "Example of Ed25519 signing", TokenKind::Jws),
        (r#"{"cty":"jwt"}"#, "a.b.c", TokenKind::Nested),
    ] {
        assert_eq!(inspected(&compact(header, payload)).kind, expected, "{header} {payload}");
    }
}

#[test]
fn encrypted_and_json_forms_are_told_apart() {
    // RFC 7516 appendix A.1 has this header.
    let jwe = inspected("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d");
    assert_eq!((jwe.form, jwe.kind, jwe.payload), (Form::Encrypted, TokenKind::Jwe, Part::Encrypted));
    let direct = inspected("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..b.c.d");
    assert_eq!(direct.form, Form::Encrypted);
    let protected = base64url(r#"{"alg":"ES256","kid":"k"}"#);
    let payload = base64url(r#"{"iss":"a"}"#);
    for (name, text, form) in [
        (
            "general",
            format!(r#"{{"payload":"{payload}","signatures":[{{"protected":"{protected}","signature":"AA"}}]}}"#),
            Form::Json,
        ),
        ("flattened", format!(r#"{{"payload":"{payload}","protected":"{protected}","signature":"AA"}}"#), Form::Json),
        ("encrypted", format!(r#"{{"protected":"{protected}","ciphertext":"AA","iv":"AA","tag":"AA"}}"#), Form::EncryptedJson),
    ] {
        let found = inspected(&text);
        assert_eq!((found.form, found.header.member("kid").and_then(ExactJson::as_str)), (form, Some("k")), "{name}");
    }
}

#[test]
fn numbers_and_order_survive() {
    let token = inspected(&compact(r#"{"alg":"ES256"}"#, r#"{"z":9007199254740993,"n":1e400,"a":12345678901234567890123}"#));
    let members = token.payload.object().unwrap().as_object().unwrap();
    let written: Vec<_> = members.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let number = |text: &str| ExactJson::Number(text.to_owned());
    assert_eq!(written, [("z", number("9007199254740993")), ("n", number("1e400")), ("a", number("12345678901234567890123"))]);
}

#[test]
fn deep_json_is_shown_as_text() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    let token = inspected(&compact(r#"{"alg":"ES256"}"#, &deep));
    assert_eq!((token.kind, token.payload), (TokenKind::Jws, Part::Text(deep)));
}

proptest::proptest! {
    #[test]
    fn any_text_is_inspected_without_panic(text in ".{0,200}") {
        let _ = Inspection::of(&text, Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn any_header_and_payload_are_inspected_without_panic(header in r#"\{"(alg|kid|typ|crit)":("ES256"|"none"|[0-9]{1,3}|\[\])\}"#, payload: Vec<u8>) {
        let _ = Inspection::of(&format!("{}.{}.AA", base64url(header), base64url(payload)), Timestamp::UNIX_EPOCH);
    }
}
