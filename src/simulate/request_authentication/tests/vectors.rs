//! The vectors of the specification that concern this filter, by their numbers.

use super::A;
use super::B;
use super::C;
use super::Expected::Anonymous;
use super::Expected::Passed;
use super::Expected::Rejected;
use super::KeySource;
use super::Rule;
use super::T;
use super::Table;
use super::With;
use super::authenticator;
use super::bearer;
use super::claims;
use super::claims_a;
use super::expired;
use super::forged_a;
use super::get;
use super::k0;
use super::k1;
use super::key_set;
use super::mint_a;
use super::run;
use super::tok_a;
use super::tok_b;
use crate::jose::JwksError;
use crate::jose::TextClaim;
use crate::jose::TimeClaim;
use crate::jose::TokenStatus;
use crate::jose::testing;
use crate::jose::testing::ED25519;
use crate::jose::testing::OTHER_RSA;
use crate::jose::testing::P256;
use crate::jose::testing::RSA;
use crate::jose::testing::SECRET;
use crate::jose::testing::base64url;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::Authenticator;
use crate::simulate::request_authentication::Origin;
use crate::simulate::request_authentication::Provider;

fn tok_c() -> String {
    RSA.mint("RS256", Some("k1"), &format!(r#"{{"iss":"{C}","sub":"alice"}}"#))
}

fn ra2() -> [Rule; 2] {
    [Rule::a(), Rule::b()]
}

fn ra2h() -> [Rule; 2] {
    [Rule::a().header("x-a", ""), Rule::b().header("x-b", "")]
}

#[test]
fn vectors_1_to_33_one_rule_and_the_bearer_header() {
    let ra1 = [Rule::a()];
    let mut table = Table::default();
    table.case("1", &ra1, &get("/"), Anonymous);
    let after = table.case("2", &ra1, &bearer(&tok_a("")), Passed(A));
    table.check("2 stripped", &after, &get("/"));
    let after = table.case("3", &[Rule::a().forward()], &bearer(&tok_a("")), Passed(A));
    table.check("3 kept", &after.headers.first("authorization").is_some(), &true);
    for (number, more, expected) in [
        ("4", format!(r#","exp":{}"#, T - 61), Rejected(TokenStatus::Expired)),
        ("5", format!(r#","exp":{}"#, T - 60), Passed(A)),
        ("6", String::new(), Passed(A)),
        ("7", r#","exp":0"#.to_owned(), Passed(A)),
        ("8", r#","exp":"9999999999""#.to_owned(), Rejected(TokenStatus::ClaimInt(TimeClaim::Exp))),
        ("9", r#","exp":-1"#.to_owned(), Rejected(TokenStatus::ClaimRange(TimeClaim::Exp))),
        ("10", format!(r#","nbf":{}"#, T + 61), Rejected(TokenStatus::NotYetValid)),
        ("11", format!(r#","nbf":{}"#, T + 60), Passed(A)),
        ("12", format!(r#","iat":{}"#, T + 86_400), Passed(A)),
    ] {
        table.case(number, &ra1, &bearer(&tok_a(&more)), expected);
    }
    for (number, payload, expected) in [
        ("13", format!(r#"{{"iss":"{C}","sub":"alice"}}"#), Rejected(TokenStatus::UnknownIssuer)),
        ("14", r#"{"sub":"alice"}"#.to_owned(), Rejected(TokenStatus::UnknownIssuer)),
        ("15", r#"{"iss":7}"#.to_owned(), Rejected(TokenStatus::ClaimType(TextClaim::Iss))),
        ("16", r#"{"iss":"https://a.example/"}"#.to_owned(), Rejected(TokenStatus::UnknownIssuer)),
    ] {
        table.case(number, &ra1, &bearer(&mint_a(&payload)), expected);
    }
    let payload = claims_a("");
    let by_k1 = |header: &str, alg: &str| testing::token(header, &payload, |text| RSA.sign(alg, text));
    let with_k0 = [Rule::a().keys(k0())];
    table.case("17", &ra1, &bearer(&forged_a("")), Rejected(TokenStatus::VerificationFail));
    table.case("18", &ra1, &bearer(&RSA.mint("RS256", Some("zzz"), &payload)), Rejected(TokenStatus::KidAlgMismatch));
    table.case("19", &ra1, &bearer(&RSA.mint("RS256", None, &payload)), Passed(A));
    table.case("20", &ra1, &bearer(&RSA.mint("RS256", Some(""), &payload)), Passed(A));
    let numeric_kid = by_k1(r#"{"alg":"RS256","kid":5}"#, "RS256");
    table.case("21", &ra1, &bearer(&numeric_kid), Rejected(TokenStatus::HeaderKid));
    table.case("22", &ra1, &bearer(&RSA.mint("RS512", Some("k1"), &payload)), Rejected(TokenStatus::KidAlgMismatch));
    table.case("23", &with_k0, &bearer(&OTHER_RSA.mint("RS512", Some("any"), &payload)), Passed(A));
    let (modulus, _) = OTHER_RSA.rsa_components();
    let confused = testing::token(r#"{"alg":"HS256"}"#, &payload, |text| testing::SigningKey::Oct(modulus).sign("HS256", text));
    table.case("24", &with_k0, &bearer(&confused), Rejected(TokenStatus::VerificationFail));
    table.case("25", &ra1, &bearer(&SECRET.mint("HS256", None, &payload)), Rejected(TokenStatus::KidAlgMismatch));
    let unsigned = format!("{}.{}.", base64url(r#"{"alg":"none"}"#), base64url(&payload));
    table.case("26", &ra1, &bearer(&unsigned), Rejected(TokenStatus::BadFormat));
    table.case("27", &ra1, &bearer(&format!("{unsigned}x")), Rejected(TokenStatus::AlgUnsupported));
    table.case("28", &ra1, &bearer(&by_k1("{}", "RS256")), Rejected(TokenStatus::HeaderAlg));
    table.case("29", &ra1, &bearer("abc"), Rejected(TokenStatus::BadFormat));
    table.case("30", &ra1, &get("/").with("authorization", "Basic dXNlcg=="), Anonymous);
    table.case("31", &ra1, &get("/").with("authorization", &format!("bearer {}", tok_a(""))), Anonymous);
    table.case("32", &ra1, &get("/").with("authorization", "Bearer"), Anonymous);
    table.case("33", &ra1, &get("/").with("authorization", &format!("X Bearer {}", tok_a(""))), Passed(A));
    table.finish();
}

#[test]
fn vectors_34_to_39_several_tokens() {
    let ra1 = [Rule::a()];
    let token = tok_a("");
    let in_query = |token: &str| get(&format!("/?access_token={token}"));
    let both = |header: &str, query: &str| in_query(query).with("authorization", &format!("Bearer {header}"));
    let mut table = Table::default();
    let after = table.case("34", &ra1, &in_query(&token), Passed(A));
    table.check("34 removed", &after.path.as_deref(), &Some("/"));
    let after = table.case("35", &ra1, &get(&format!("/?access_token={token}&z=1&b=%2F")), Passed(A));
    table.check("35 rewritten", &after.path.as_deref(), &Some("/?b=/&z=1"));
    let after = table.case("36", &ra1, &both(&token, &token), Passed(A));
    table.check("36 stripped", &after, &get("/"));
    table.case("37", &ra1, &both(&token, "garbage"), Rejected(TokenStatus::BadFormat));
    table.case("38", &ra1, &both("garbage", &token), Rejected(TokenStatus::BadFormat));
    let twice = bearer(&token).with("authorization", &format!("Bearer {token}"));
    table.case("39", &ra1, &twice, Rejected(TokenStatus::BadFormat));
    table.finish();
}

#[test]
fn vectors_40_to_47_audiences() {
    let mut table = Table::default();
    for (number, audience, more, expected) in [
        ("40", "api", "", Rejected(TokenStatus::AudienceNotAllowed)),
        ("41", "api", r#","aud":["x","api"]"#, Passed(A)),
        ("42", "https://api/", r#","aud":"http://api""#, Passed(A)),
        ("43", "api", r#","aud":"api//""#, Rejected(TokenStatus::AudienceNotAllowed)),
        ("44", "api", r#","aud":"HTTPS://api""#, Rejected(TokenStatus::AudienceNotAllowed)),
        ("45", "api", r#","aud":5"#, Rejected(TokenStatus::AudType)),
    ] {
        table.case(number, &[Rule::a().audiences(&[audience])], &bearer(&tok_a(more)), expected);
    }
    let api = [Rule::a().audiences(&["api"])];
    let expired_web = format!(r#","aud":"web"{}"#, expired());
    table.case("46", &api, &bearer(&tok_a(&expired_web)), Rejected(TokenStatus::Expired));
    table.case("47", &api, &bearer(&forged_a(r#","aud":"web""#)), Rejected(TokenStatus::AudienceNotAllowed));
    table.finish();
}

#[test]
fn vectors_48_to_58_locations() {
    let token = tok_a("");
    let in_header = |value: &str| get("/").with("x-jwt", value);
    let mut table = Table::default();
    let rule = [Rule::a().header("X-JWT", "")];
    let after = table.case("48", &rule, &in_header(&token), Passed(A));
    table.check("48 stripped", &after, &get("/"));
    let after = table.case("49", &rule, &bearer(&token), Anonymous);
    table.check("49 kept", &after, &bearer(&token));
    for (padding, expected) in [("", TokenStatus::HeaderJson), (" ", TokenStatus::HeaderJson), ("  ", TokenStatus::HeaderJson)] {
        let header = format!(r#"{{"alg":"RS256"}}{padding}"#);
        let piece = base64url(&header).len();
        let expected = if (6 + piece) % 4 == 1 { TokenStatus::HeaderBase64 } else { expected };
        let token = testing::token(&header, &claims_a(""), |text| RSA.sign("RS256", text));
        table.case("50", &rule, &in_header(&format!("Bearer {token}")), Rejected(expected));
    }
    table.case("51", &rule, &in_header(""), Rejected(TokenStatus::BadFormat));
    table.case("52", &rule, &in_header(&token).with("x-jwt", "garbage"), Rejected(TokenStatus::BadFormat));
    let rule = [Rule::a().header("x-jwt", "Value ")];
    table.case("53", &rule, &in_header(&format!("Value {token}")), Passed(A));
    table.case("54", &rule, &in_header(&token), Anonymous);
    let rule = [Rule::a().param("token")];
    table.case("55", &rule, &get(&format!("/?token={token}")), Passed(A));
    table.case("56", &rule, &get("/?access_token=garbage"), Anonymous);
    let rule = [Rule::a().param("t1").param("t2")];
    let late = tok_a(&expired());
    table.case("57", &rule, &get(&format!("/?t1={token}&t2={late}")), Rejected(TokenStatus::Expired));
    let cookie = get("/").with("cookie", &format!("a=1; s={token}"));
    let after = table.case("58", &[Rule::a().cookie("s")], &cookie, Passed(A));
    table.check("58 kept", &after, &cookie);
    table.finish();
}

#[test]
fn a_glued_bearer_is_bad_base64_when_its_length_is_impossible() {
    // `Bearer` and 15 more characters: 21 is 1 modulo 4, which only a hand-made piece can have.
    let rule = [Rule::a().header("x-jwt", "")];
    let (outcome, _) = run(&rule, &get("/").with("x-jwt", "Bearer eyJhbGciOiJSUzI.e30.AA"));
    assert_eq!(super::seen(&outcome), Rejected(TokenStatus::HeaderBase64));
}

#[test]
fn vectors_59_to_74_several_rules() {
    let (a, b, c) = (tok_a(""), tok_b(""), tok_c());
    let (late_a, late_b) = (tok_a(&expired()), tok_b(&expired()));
    let both =
        |header: &str, query: &str| get(&format!("/?access_token={query}")).with("authorization", &format!("Bearer {header}"));
    let x = |a: Option<&str>, b: Option<&str>| {
        let message = a.into_iter().fold(get("/"), |message, token| message.with("x-a", token));
        b.into_iter().fold(message, |message, token| message.with("x-b", token))
    };
    let mut table = Table::default();
    table.case("59", &ra2(), &bearer(&b), Passed(B));
    table.case("60", &ra2(), &bearer(&c), Rejected(TokenStatus::UnknownIssuer));
    table.case("61", &ra2(), &bearer(&late_a), Rejected(TokenStatus::Expired));
    table.case("62", &ra2(), &bearer(&late_b), Rejected(TokenStatus::Expired));
    table.case("63", &ra2(), &bearer("garbage"), Rejected(TokenStatus::BadFormat));
    let after = table.case("64", &ra2(), &both(&a, &b), Passed(A));
    table.check("64 both removed", &after, &get("/"));
    let forward = [Rule::a().forward(), Rule::b().forward()];
    table.case("65", &forward, &both(&a, &b), Rejected(TokenStatus::UnknownIssuer));
    table.case("66", &ra2(), &both(&b, &a), Passed(B));
    let after = table.case("67", &ra2h(), &x(Some(&a), Some(&b)), Passed(A));
    table.check("67 x-b forwarded", &after, &x(None, Some(&b)));
    let after = table.case("68", &ra2h(), &x(Some("garbage"), Some(&b)), Passed(B));
    table.check("68 x-a forwarded", &after, &x(Some("garbage"), None));
    table.case("69", &ra2h(), &x(Some("garbage"), None), Rejected(TokenStatus::BadFormat));
    table.case("70", &ra2h(), &x(None, Some(&late_b)), Rejected(TokenStatus::Expired));
    table.case("71", &ra2h(), &x(Some(&b), None), Rejected(TokenStatus::UnknownIssuer));
    let web = r#","aud":"web""#;
    let [for_a, for_b] = ra2h();
    let rules = [for_a.audiences(&["api"]), for_b];
    table.case("72", &rules, &x(Some(&tok_a(web)), Some(&late_b)), Rejected(TokenStatus::AudienceNotAllowed));
    let [for_a, for_b] = ra2h();
    let rules = [for_a, for_b.audiences(&["api"])];
    table.case("73", &rules, &x(Some(&late_a), Some(&tok_b(web))), Rejected(TokenStatus::Expired));
    let rules = [Rule::a().audiences(&["x"]), Rule::a().audiences(&["y"])];
    table.case("74", &rules, &bearer(&tok_a(r#","aud":"y""#)), Passed(A));
    table.finish();
}

#[test]
fn vectors_75_to_86_keys() {
    let mut table = Table::default();
    let unreachable = [Rule::a().keys(KeySource::Unreachable)];
    table.case("75", &unreachable, &get("/"), Anonymous);
    for (key, alg) in [(&*RSA, "RS256"), (&*P256, "ES256"), (&*SECRET, "HS256")] {
        let token = key.mint(alg, Some("k1"), &claims_a(""));
        table.case("76", &unreachable, &bearer(&token), Rejected(TokenStatus::VerificationFail));
    }
    table.case("77", &unreachable, &bearer(&tok_c()), Rejected(TokenStatus::UnknownIssuer));
    let fetch_failed = [Rule::a().keys(KeySource::FetchFailed)];
    table.case("78", &fetch_failed, &bearer(&tok_a("")), Rejected(TokenStatus::FetchFail));

    let k1_jwk = RSA.jwk(r#""kid":"k1","alg":"RS256","#);
    let k0_jwk = OTHER_RSA.jwk("");
    let ed25519 = ED25519.jwk("");
    let by_k0 = bearer(&OTHER_RSA.mint("RS256", None, &claims_a("")));
    for (number, keys, message, expected) in [
        ("80", vec![r#"{"kty":"XYZ"}"#, &k1_jwk], &bearer(&tok_a("")), Passed(A)),
        ("81", vec![&OTHER_RSA.jwk(r#""kid":"k1","#), &k1_jwk], &bearer(&tok_a("")), Passed(A)),
        ("82", vec![&ed25519, &k0_jwk], &by_k0, Rejected(TokenStatus::Ed25519Length)),
        ("83", vec![&k0_jwk, &ed25519], &by_k0, Passed(A)),
    ] {
        table.case(number, &[Rule::a().keys(key_set(&keys))], message, expected);
    }
    let twice = format!(r#"{{"iss":"{A}","sub":"a","sub":"b"}}"#);
    table.case("84", &[Rule::a()], &bearer(&mint_a(&twice)), Rejected(TokenStatus::PayloadJson));
    table.case("85", &[Rule::a()], &bearer("a+b.c.d"), Rejected(TokenStatus::HeaderBase64));
    let anything = mint_a(r#"{"iss":"anything"}"#);
    table.case("86", &[Rule::new("", k1())], &bearer(&anything), Passed("anything"));
    table.finish();
}

#[test]
fn vector_79_an_unusable_inline_key_set_is_a_configuration_error() {
    let provider = |issuer, text, policy| {
        let rule = Rule::new(issuer, KeySource::from_text(text));
        Provider::new(&rule.rule, rule.keys, Origin { policy, rule: 3 })
    };
    let good = Rule::a();
    let good = Provider::new(&good.rule, good.keys, Origin { policy: 1, rule: 0 });
    let error = Authenticator::new(vec![provider(B, r#"{"keys":[]}"#, 0), good]).unwrap_err();
    assert_eq!((error.provider, error.origin, error.error), (1, Origin { policy: 0, rule: 3 }, JwksError::NoValidKeys));
    assert_eq!(
        error.to_string(),
        "Provider 'origins-1' in jwt_authn config has invalid local jwks: Jwks doesn't have any valid public key"
    );
    for (text, message) in [
        ("", "Jwks is an invalid JSON"),
        (r#"{"kty":"RSA"}"#, "Jwks does not have [keys] field"),
        (r#"{"keys":{}}"#, "[keys] in Jwks is not an array"),
    ] {
        let error = Authenticator::new(vec![provider(A, text, 0)]).unwrap_err();
        assert_eq!(error.error.to_string(), message);
    }
}

#[test]
fn vectors_87_to_89_and_103_claims() {
    let mut table = Table::default();
    let to_header = [Rule::a().claim_to("sub", "x-sub")];
    let after = table.case("87", &to_header, &get("/").with("x-sub", "evil"), Anonymous);
    table.check("87 absent", &after, &get("/"));
    for (n, expected) in
        [("1.5", Some("1.500000")), ("7", Some("7")), ("-5", Some("-5.000000")), ("[1]", Some("WzFd")), ("null", None)]
    {
        let rule = [Rule::a().claim_to("n", "x-n")];
        let after = table.case("88", &rule, &bearer(&tok_a(&format!(r#","n":{n}"#))), Passed(A));
        table.check(&format!("88 {n}"), &after.headers.first("x-n"), &expected);
    }
    let (outcome, _) = run(&[Rule::a()], &bearer(&tok_a(r#","scope":"read write""#)));
    table.check("89", &claims(&outcome)["scope"], &serde_json::json!(["read", "write"]));
    let preflight = |message: crate::simulate::message::Message| crate::simulate::message::Message {
        method: "OPTIONS".to_owned(),
        ..message.with("origin", "https://o").with("access-control-request-method", "PUT")
    };
    let after = table.case("103", &to_header, &preflight(get("/").with("x-sub", "evil")), Anonymous);
    table.check("103 absent", &after.headers.first("x-sub"), &None);
    table.finish();
}

#[test]
fn vectors_90_to_101_the_rest() {
    let mut table = Table::default();
    let late = tok_a(&expired());
    let mut options = bearer(&late).with("access-control-request-method", "PUT");
    options.method = "OPTIONS".to_owned();
    let preflight = options.clone().with("origin", "https://o");
    let after = table.case("90", &[Rule::a()], &preflight, Anonymous);
    table.check("90 token forwarded", &after, &preflight);
    table.case("91", &[Rule::a()], &options, Rejected(TokenStatus::Expired));

    let (outcome, _) = run(&[Rule::a()], &bearer(&tok_a("")));
    let AuthenticationOutcome::Passed { issuer, principal, provider, .. } = outcome else { panic!("94: {outcome:?}") };
    table.check("94", &(issuer.as_deref(), provider), &(Some(A), Some(0)));
    table.check("94 principal", &principal.as_deref(), &Some("https://a.example/alice"));
    let (outcome, _) = run(&[Rule::a()], &bearer(&mint_a(&format!(r#"{{"iss":"{A}"}}"#))));
    let AuthenticationOutcome::Passed { claims: Some(_), principal, .. } = outcome else { panic!("97: {outcome:?}") };
    table.check("97 principal", &principal, &None);

    let mut message = bearer(&late);
    message.path = Some("/p?x=1".to_owned());
    let (outcome, _) = run(&[Rule::a()], &message);
    let AuthenticationOutcome::Rejected { www_authenticate, .. } = outcome else { panic!("99: {outcome:?}") };
    table.check("99", &www_authenticate.as_str(), &r#"Bearer realm="http://h/p?x=1", error="invalid_token""#);
    table.case("100", &[Rule::a()], &bearer(&mint_a("{'iss':'https://a.example',}")), Passed(A));
    let short_salt = testing::token(r#"{"alg":"PS256"}"#, &claims_a(""), |text| OTHER_RSA.sign("PS256/20", text));
    let with_k0 = [Rule::a().keys(k0())];
    table.case("101", &with_k0, &bearer(&short_salt), Rejected(TokenStatus::VerificationFail));
    table.case("101 salt 32", &with_k0, &bearer(&OTHER_RSA.mint("PS256", None, &claims_a(""))), Passed(A));
    table.finish();
}

#[test]
fn providers_are_sorted_by_issuer_and_keep_their_origin() {
    let filter = authenticator(&[Rule::b(), Rule::a(), Rule::new("", k1()), Rule::a().forward()]);
    let order: Vec<_> = filter.providers().iter().map(|provider| (provider.issuer(), provider.origin().policy)).collect();
    assert_eq!(order, [("", 2), (A, 1), (A, 3), (B, 0)]);
}
