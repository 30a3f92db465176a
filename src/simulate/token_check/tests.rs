use jiff::Timestamp;

use super::*;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::jose::Cause;
use crate::jose::TokenStatus;
use crate::jose::testing::ED25519;
use crate::jose::testing::OTHER_RSA;
use crate::jose::testing::P256;
use crate::jose::testing::RSA;
use crate::jose::testing::SigningKey;
use crate::jose::testing::jwks;
use crate::manifest::kinds::HeaderLocation;

const NOW: i64 = 1_795_694_400;

fn text(value: &str) -> Spanned<String> {
    Spanned::new(value.to_owned(), Span::default())
}

fn rule(audiences: &[&str]) -> JwtRule {
    JwtRule {
        issuer: text("https://a.example"),
        audiences: audiences.iter().map(|name| text(name)).collect(),
        ..JwtRule::default()
    }
}

fn rsa_set() -> String {
    jwks(&[&RSA.jwk(r#""kid":"k1","alg":"RS256","#)])
}

fn answer(rule: &JwtRule, set: &str, message: &Message) -> TokenAnswer {
    let keys = if set == "unreachable" { KeySource::Unreachable } else { KeySource::from_text(set) };
    TokenCheck::of_rule(rule, keys).unwrap().answer(message, Timestamp::from_second(NOW).unwrap())
}

fn placed(rule: &JwtRule, set: &str, token: &str) -> Message {
    let mut message = Message { method: "GET".to_owned(), path: Some("/".to_owned()), ..Message::default() };
    let keys = if set == "unreachable" { KeySource::Unreachable } else { KeySource::from_text(set) };
    TokenCheck::of_rule(rule, keys).unwrap().place(token, &mut message);
    message
}

fn minted(key: &SigningKey, alg: &str, more: &str) -> String {
    key.mint(alg, Some("k1"), &format!(r#"{{"iss":"https://a.example","sub":"alice"{more}}}"#))
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn one_cause_for_every_refusal() {
    let good = minted(&RSA, "RS256", "");
    let at = |name: &str, offset: i64| format!(",\"{name}\":{}", NOW + offset);
    let own_header = JwtRule { from_headers: vec![HeaderLocation { name: text("x-jwt"), prefix: String::new() }], ..rule(&[]) };
    for (name, rule, set, token, status, cause, wanted, seen) in [
        (
            "expired",
            rule(&[]),
            rsa_set(),
            minted(&RSA, "RS256", &at("exp", -100)),
            TokenStatus::Expired,
            Cause::Expired,
            "60 s forgiven",
            "2026-11-26",
        ),
        (
            "issued in the future",
            rule(&[]),
            rsa_set(),
            minted(&RSA, "RS256", &format!("{}{}", at("exp", -100), at("iat", 5000))),
            TokenStatus::Expired,
            Cause::ClockSkew,
            "60 s forgiven",
            "2026-11-26",
        ),
        (
            "begins soon",
            rule(&[]),
            rsa_set(),
            minted(&RSA, "RS256", &at("nbf", 100)),
            TokenStatus::NotYetValid,
            Cause::ClockSkew,
            "60 s forgiven",
            "2026-11-26",
        ),
        (
            "begins later",
            rule(&[]),
            rsa_set(),
            minted(&RSA, "RS256", &at("nbf", 9000)),
            TokenStatus::NotYetValid,
            Cause::NotYetValid,
            "60 s forgiven",
            "2026-11-26",
        ),
        (
            "audience",
            rule(&["api"]),
            rsa_set(),
            minted(&RSA, "RS256", ",\"aud\":\"web\""),
            TokenStatus::AudienceNotAllowed,
            Cause::Audience,
            "`api`",
            "`web`",
        ),
        (
            "no audience",
            rule(&["api"]),
            rsa_set(),
            good.clone(),
            TokenStatus::AudienceNotAllowed,
            Cause::MissingClaim,
            "`api`",
            "absent",
        ),
        (
            "issuer with a slash",
            rule(&[]),
            rsa_set(),
            RSA.mint("RS256", Some("k1"), r#"{"iss":"https://a.example/"}"#),
            TokenStatus::UnknownIssuer,
            Cause::Issuer,
            "`https://a.example`",
            "`https://a.example/`",
        ),
        (
            "no issuer",
            rule(&[]),
            rsa_set(),
            RSA.mint("RS256", Some("k1"), "{}"),
            TokenStatus::UnknownIssuer,
            Cause::MissingClaim,
            "`https://a.example`",
            "absent",
        ),
        (
            "kid",
            rule(&[]),
            rsa_set(),
            RSA.mint("RS256", Some("k9"), r#"{"iss":"https://a.example"}"#),
            TokenStatus::KidAlgMismatch,
            Cause::KeyId,
            "`k1` (RSA, RS256)",
            "`k9`",
        ),
        (
            "alg",
            rule(&[]),
            rsa_set(),
            minted(&RSA, "RS512", ""),
            TokenStatus::KidAlgMismatch,
            Cause::Algorithm,
            "`RS256`",
            "`RS512`",
        ),
        (
            "key type",
            rule(&[]),
            jwks(&[&RSA.jwk("")]),
            minted(&P256, "ES256", ""),
            TokenStatus::VerificationFail,
            Cause::KeyType,
            "RSA",
            "`ES256`",
        ),
        (
            "other key",
            rule(&[]),
            rsa_set(),
            minted(&OTHER_RSA, "RS256", ""),
            TokenStatus::VerificationFail,
            Cause::Signature,
            "`k1`",
            "another",
        ),
        (
            "unreachable",
            rule(&[]),
            "unreachable".to_owned(),
            good.clone(),
            TokenStatus::VerificationFail,
            Cause::KeysUnreachable,
            "issuer's keys",
            "istiod",
        ),
        (
            "what istiod puts in",
            rule(&[]),
            crate::jose::UNREACHABLE_KEYS.to_owned(),
            good.clone(),
            TokenStatus::VerificationFail,
            Cause::KeysUnreachable,
            "issuer's keys",
            "istiod",
        ),
        (
            "Ed25519 in front",
            rule(&[]),
            jwks(&[&ED25519.jwk(""), &RSA.jwk("")]),
            good.clone(),
            TokenStatus::Ed25519Length,
            Cause::KeyType,
            "on every key",
            "OKP",
        ),
        ("opaque", rule(&[]), rsa_set(), "abc".to_owned(), TokenStatus::BadFormat, Cause::Malformed, "three pieces", "1 piece"),
        (
            "encrypted",
            rule(&[]),
            rsa_set(),
            "a.b.c.d.e".to_owned(),
            TokenStatus::BadFormat,
            Cause::Encrypted,
            "three pieces",
            "JWE",
        ),
        ("cut", rule(&[]), rsa_set(), "a.b".to_owned(), TokenStatus::BadFormat, Cause::Malformed, "three pieces", "two pieces"),
        (
            "two tokens",
            rule(&[]),
            rsa_set(),
            format!("{good},{good}"),
            TokenStatus::BadFormat,
            Cause::Malformed,
            "one token",
            "comma",
        ),
        (
            "none",
            rule(&[]),
            rsa_set(),
            "eyJhbGciOiJub25lIn0.e30.AA".to_owned(),
            TokenStatus::AlgUnsupported,
            Cause::Algorithm,
            "RS, PS",
            "`none`",
        ),
        (
            "exp is text",
            rule(&[]),
            rsa_set(),
            minted(&RSA, "RS256", ",\"exp\":\"1\""),
            TokenStatus::ClaimInt(crate::jose::TimeClaim::Exp),
            Cause::ClaimType,
            "number of seconds",
            "else",
        ),
        (
            "Bearer in an own header",
            own_header,
            rsa_set(),
            format!("Bearer {good}"),
            TokenStatus::HeaderJson,
            Cause::Prefix,
            "the token alone",
            "`Bearer `",
        ),
    ] {
        let message = placed(&rule, &set, &token);
        let answer = answer(&rule, &set, &message);
        let AuthenticationOutcome::Rejected { status: found, .. } = answer.outcome else { panic!("{name}: {answer:?}") };
        // The length of the glued piece decides which of two complaints it is.
        let found =
            if found == TokenStatus::HeaderBase64 && name.starts_with("Bearer") { TokenStatus::HeaderJson } else { found };
        let diagnosis = answer.diagnosis.unwrap_or_else(|| panic!("{name}: no diagnosis"));
        assert_eq!((found, diagnosis.cause), (status, cause), "{name}: {diagnosis:?}");
        assert!(diagnosis.wanted.contains(wanted) && diagnosis.seen.contains(seen), "{name}: {diagnosis:?}");
        assert!(
            !diagnosis.message.is_empty() && !diagnosis.fix.is_empty() && !diagnosis.field.is_empty(),
            "{name}: {diagnosis:?}"
        );
    }
}

#[test]
fn a_token_that_is_not_seen() {
    let good = minted(&RSA, "RS256", "");
    for (name, header, value, cause, seen) in [
        ("lower case", "authorization", format!("bearer {good}"), Cause::Prefix, "`bearer eyJ"),
        ("no prefix", "authorization", good.clone(), Cause::Prefix, "`eyJ"),
        ("other header", "x-token", good.clone(), Cause::Location, "header `x-token`"),
        ("none", "accept", "*/*".to_owned(), Cause::NoToken, "no token"),
    ] {
        let mut message = Message { path: Some("/".to_owned()), ..Message::default() };
        message.headers.append(header, value);
        let answer = answer(&rule(&[]), &rsa_set(), &message);
        assert!(matches!(answer.outcome, AuthenticationOutcome::Passed { claims: None, .. }), "{name}: {answer:?}");
        let diagnosis = answer.diagnosis.unwrap();
        assert_eq!(diagnosis.cause, cause, "{name}: {diagnosis:?}");
        assert!(diagnosis.seen.contains(seen), "{name}: {diagnosis:?}");
        assert!(!diagnosis.seen.contains(&good), "{name}: the whole token is shown");
    }
}

#[test]
fn a_bare_token_is_put_where_its_rule_looks() {
    let other = JwtRule { issuer: text("https://b.example"), from_params: vec![text("t k")], ..JwtRule::default() };
    for (name, rules, issuer, path, header) in [
        ("default place", vec![rule(&[])], "https://a.example", "/", Some("authorization")),
        ("parameter of its own", vec![rule(&[]), other.clone()], "https://b.example", "/?t%20k=", None),
        ("close enough", vec![other.clone(), rule(&[])], "https://a.example/", "/", Some("authorization")),
        ("nobody's", vec![other], "https://c.example", "/?t%20k=", None),
    ] {
        let providers: Vec<Provider> = rules
            .iter()
            .enumerate()
            .map(|(index, rule)| Provider::new(rule, KeySource::Unreachable, Origin { policy: 0, rule: index }))
            .collect();
        let check = TokenCheck { authenticator: Authenticator::new(providers).unwrap() };
        let token = RSA.mint("RS256", None, &format!(r#"{{"iss":"{issuer}"}}"#));
        let mut message = Message { path: Some("/".to_owned()), ..Message::default() };
        check.place(&token, &mut message);
        assert!(message.path.as_deref().is_some_and(|found| found.starts_with(path)), "{name}: {message:?}");
        assert_eq!(header.is_some_and(|header| message.headers.first(header).is_some()), header.is_some(), "{name}: {message:?}");
        assert_eq!(check.first_token(&message), Some(token), "{name}");
    }
}
