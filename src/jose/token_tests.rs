use proptest::prelude::*;

use super::UnverifiedToken;
use crate::jose::Algorithm;
use crate::jose::TextClaim;
use crate::jose::TimeClaim;
use crate::jose::TokenStatus;
use crate::jose::testing::base64url;

const GOOD_HEADER: &str = r#"{"alg":"RS256"}"#;

fn status(text: &str) -> Option<TokenStatus> {
    UnverifiedToken::parse(text).err()
}

fn with_header(header: &str) -> String {
    format!("{}.{}.AA", base64url(header), base64url("{}"))
}

fn with_payload(payload: &str) -> String {
    format!("{}.{}.AA", base64url(GOOD_HEADER), base64url(payload))
}

#[test]
fn the_first_thing_that_does_not_fit_decides() {
    let header = base64url(GOOD_HEADER);
    let unsigned = base64url(r#"{"alg":"none"}"#);
    for (text, expected) in [
        (String::new(), Some(TokenStatus::BadFormat)),
        ("...".to_owned(), Some(TokenStatus::BadFormat)),
        ("abc".to_owned(), Some(TokenStatus::BadFormat)),
        ("a.b".to_owned(), Some(TokenStatus::BadFormat)),
        ("a.b.c.d".to_owned(), Some(TokenStatus::BadFormat)),
        ("a.b.c.d.e".to_owned(), Some(TokenStatus::BadFormat)),
        (format!("{unsigned}.e30."), Some(TokenStatus::BadFormat)),
        (format!("{unsigned}.e30.x"), Some(TokenStatus::AlgUnsupported)),
        ("a+b.!.!".to_owned(), Some(TokenStatus::HeaderBase64)),
        ("a.!.!".to_owned(), Some(TokenStatus::HeaderBase64)),
        ("e3.!.!".to_owned(), Some(TokenStatus::HeaderJson)),
        ("W10.!.!".to_owned(), Some(TokenStatus::HeaderJson)),
        ("e30.!.!".to_owned(), Some(TokenStatus::HeaderAlg)),
        (format!("{header}.!.!"), Some(TokenStatus::PayloadBase64)),
        (format!("{header}.W10.!"), Some(TokenStatus::PayloadJson)),
        (format!("{header}.{}.!", base64url(r#"{"iss":7}"#)), Some(TokenStatus::ClaimType(TextClaim::Iss))),
        (format!("{header}.e30.!"), Some(TokenStatus::SignatureBase64)),
        (format!("{header}.e30.A"), Some(TokenStatus::SignatureBase64)),
        (format!("{header}.e30.AA"), None),
        (format!(".{header}.e30.AA"), None),
        (format!("{header}..e30.AA"), None),
        (format!("{header}.e30.AA."), None),
        (format!("{header}.e30.A A\n"), None),
        (format!("{header}.e30=.AA=="), None),
    ] {
        assert_eq!(status(&text), expected, "{text}");
    }
}

#[test]
fn headers() {
    for (header, expected) in [
        (r#"{"alg":"RS256","alg":"RS256"}"#, Some(TokenStatus::HeaderJson)),
        (r#"{"alg":null}"#, Some(TokenStatus::HeaderAlg)),
        (r#"{"alg":5}"#, Some(TokenStatus::HeaderAlg)),
        (r#"{"alg":["RS256"]}"#, Some(TokenStatus::HeaderAlg)),
        (r#"{"alg":""}"#, Some(TokenStatus::AlgUnsupported)),
        (r#"{"alg":"none"}"#, Some(TokenStatus::AlgUnsupported)),
        (r#"{"alg":"rs256"}"#, Some(TokenStatus::AlgUnsupported)),
        (r#"{"alg":"ES256K"}"#, Some(TokenStatus::AlgUnsupported)),
        (r#"{"alg":"EDDSA"}"#, Some(TokenStatus::AlgUnsupported)),
        (r#"{"alg":"none","kid":5}"#, Some(TokenStatus::AlgUnsupported)),
        (r#"{"alg":"RS256","kid":5}"#, Some(TokenStatus::HeaderKid)),
        (r#"{"alg":"RS256","kid":null}"#, Some(TokenStatus::HeaderKid)),
        (r#"{"alg":"RS256","kid":"","typ":5,"crit":["x"],"zip":"DEF","b64":false}"#, None),
        ("{'alg':'RS256',}", None),
    ] {
        assert_eq!(status(&with_header(header)), expected, "{header}");
    }
    for algorithm in Algorithm::ALL {
        let token = UnverifiedToken::parse(&with_header(&format!(r#"{{"alg":"{algorithm}","kid":"k"}}"#))).unwrap();
        assert_eq!((token.algorithm(), token.key_id()), (algorithm, "k"));
    }
}

#[test]
fn payloads() {
    for (payload, expected) in [
        (r#"{"sub":"a","sub":"b"}"#, Some(TokenStatus::PayloadJson)),
        (r#"{"x":{"a":1,"a":1}}"#, Some(TokenStatus::PayloadJson)),
        (r#"{"iss":null}"#, Some(TokenStatus::ClaimType(TextClaim::Iss))),
        (r#"{"sub":["a"]}"#, Some(TokenStatus::ClaimType(TextClaim::Sub))),
        (r#"{"jti":1}"#, Some(TokenStatus::ClaimType(TextClaim::Jti))),
        (r#"{"sub":1,"iss":1}"#, Some(TokenStatus::ClaimType(TextClaim::Iss))),
        (r#"{"jti":1,"exp":"1"}"#, Some(TokenStatus::ClaimInt(TimeClaim::Exp))),
        (r#"{"exp":-1,"nbf":true}"#, Some(TokenStatus::ClaimInt(TimeClaim::Nbf))),
        (r#"{"nbf":-1,"iat":null}"#, Some(TokenStatus::ClaimInt(TimeClaim::Iat))),
        (r#"{"exp":"9999999999"}"#, Some(TokenStatus::ClaimInt(TimeClaim::Exp))),
        (r#"{"exp":-1}"#, Some(TokenStatus::ClaimRange(TimeClaim::Exp))),
        (r#"{"exp":-0.1}"#, Some(TokenStatus::ClaimRange(TimeClaim::Exp))),
        (r#"{"exp":18446744073709551615}"#, Some(TokenStatus::ClaimRange(TimeClaim::Exp))),
        (r#"{"nbf":1e30}"#, Some(TokenStatus::ClaimRange(TimeClaim::Nbf))),
        (r#"{"iat":-5}"#, Some(TokenStatus::ClaimRange(TimeClaim::Iat))),
        (r#"{"aud":5}"#, Some(TokenStatus::AudType)),
        (r#"{"aud":null}"#, Some(TokenStatus::AudType)),
        (r#"{"aud":{}}"#, Some(TokenStatus::AudType)),
        (r#"{"aud":["a",5]}"#, Some(TokenStatus::AudType)),
        (r#"{"aud":[]}"#, None),
        (r#"{"exp":18446744073709549568,"nbf":-0,"iat":1.9}"#, None),
        ("{}", None),
    ] {
        assert_eq!(status(&with_payload(payload)), expected, "{payload}");
    }
}

#[test]
fn what_a_token_says() {
    let payload = r#"{"iss":"i","sub":"s","exp":1700000000.9,"nbf":5,"aud":["a","b"]}"#;
    let header = base64url(r#"{ "alg":"RS256"}"#);
    let text = format!(".{header}==..{}.-_8", base64url(payload));
    let token = UnverifiedToken::parse(&text).unwrap();
    assert_eq!(token.issuer(), "i");
    assert_eq!((token.not_before(), token.expires_at()), (5, 1_700_000_000));
    assert_eq!(token.audiences(), ["a", "b"]);
    assert_eq!(token.encoded_payload(), base64url(payload));
    assert_eq!(token.signed_text(), format!("{header}==.{}", base64url(payload)));
    assert_eq!(token.signature(), [0xfb, 0xff]);
    assert_eq!(token.payload()["sub"], "s");
}

#[test]
fn every_status_is_told_apart_by_its_text() {
    assert_eq!(TokenStatus::AudienceNotAllowed.http_status(), 403);
    assert_eq!(TokenStatus::Expired.http_status(), 401);
    assert_eq!(TokenStatus::Expired.response_code_details(), "jwt_authn_access_denied{Jwt_is_expired}");
    assert_eq!(TokenStatus::ClaimRange(TimeClaim::Iat).text(), "Jwt payload [iat] field is not a positive 64 bit integer");
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".*") {
        let _ = UnverifiedToken::parse(&text);
    }

    #[test]
    fn any_pieces_are_read_without_panic(header in ".*", payload in ".*", signature in "[A-Za-z0-9=_ .-]*") {
        let _ = UnverifiedToken::parse(&format!("{}.{}.{signature}", base64url(header), base64url(&payload)));
        let _ = UnverifiedToken::parse(&format!("{}.{}.{signature}", base64url(GOOD_HEADER), base64url(payload)));
    }
}
