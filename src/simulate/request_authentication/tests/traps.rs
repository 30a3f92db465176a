//! The traps of the specification that concern this filter and that no vector already is, by their numbers.

use super::A;
use super::Expected::Anonymous;
use super::Expected::Passed;
use super::Expected::Rejected;
use super::Rule;
use super::T;
use super::Table;
use super::With;
use super::bearer;
use super::expired;
use super::get;
use super::k0;
use super::key_set;
use super::mint_a;
use super::run;
use super::tok_a;
use super::tok_b;
use crate::jose::TokenStatus;
use crate::jose::testing::OTHER_RSA;
use crate::jose::testing::RSA;
use crate::simulate::request_authentication::AuthenticationOutcome;

#[test]
fn one_rule() {
    let ra1 = [Rule::a()];
    let token = tok_a("");
    let mut table = Table::default();
    table.case("1", &ra1, &get("/"), Anonymous);
    let late = tok_a(&format!(r#","exp":{}"#, T - 60));
    table.case("5 exp", &ra1, &bearer(&late), Passed(A));
    table.case("6", &ra1, &get("/").with("authorization", &format!("bearer {token}")), Anonymous);
    table.case("7", &ra1, &get("/").with("authorization", &format!("Foo Bearer {token}")), Passed(A));
    let after = table.case("8", &[Rule::a().header("x-jwt", "")], &bearer(&token), Anonymous);
    table.check("8 header forwarded", &after, &bearer(&token));
    table.case("9", &ra1, &get("/?access_token="), Rejected(TokenStatus::BadFormat));
    table.case("9 without sign", &ra1, &get("/?access_token"), Rejected(TokenStatus::BadFormat));
    let mut both = bearer(&token);
    both.path = Some(format!("/?access_token={}", tok_a(&expired())));
    table.case("10", &ra1, &both, Rejected(TokenStatus::Expired));
    table.case("32", &[Rule::new("https://a.example/", super::k1())], &bearer(&token), Rejected(TokenStatus::UnknownIssuer));
    let api = [Rule::a().audiences(&["https://api/"])];
    for (audience, expected) in [
        ("api", Passed(A)),
        ("http://api", Passed(A)),
        ("https://api/", Passed(A)),
        ("api//", Rejected(TokenStatus::AudienceNotAllowed)),
        ("HTTPS://api", Rejected(TokenStatus::AudienceNotAllowed)),
        ("http://https://api", Rejected(TokenStatus::AudienceNotAllowed)),
    ] {
        table.case("33", &api, &bearer(&tok_a(&format!(r#","aud":"{audience}""#))), expected);
    }
    let empty_piece = token.replacen('.', "..", 1);
    table.case("34", &ra1, &bearer(&empty_piece), Passed(A));
    table.case("35", &ra1, &bearer(&token).with("authorization", &format!("Bearer {token}")), Rejected(TokenStatus::BadFormat));
    let path = format!("/p?z=%26&access_token={token}&a=1&access_token=other&c");
    let after = table.case("36", &ra1, &get(&path), Passed(A));
    table.check("36 rewritten", &after.path.as_deref(), &Some("/p?a=1&c=&z=&"));
    let cookie = get("/").with("cookie", &format!("s=\"{token}\""));
    let after = table.case("37", &[Rule::a().cookie("s")], &cookie, Passed(A));
    table.check("37 kept", &after, &cookie);
    for (scope, expected) in [("a b", serde_json::json!(["a", "b"])), ("", serde_json::json!(""))] {
        let (outcome, _) = run(&ra1, &bearer(&tok_a(&format!(r#","scope":"{scope}""#))));
        table.check("39", &super::claims(&outcome)["scope"], &expected);
    }
    table.finish();
}

#[test]
fn keys() {
    let mut table = Table::default();
    let encryption = [Rule::a().keys(key_set(&[&RSA.jwk(r#""use":"enc","kid":"k1","#)]))];
    table.case("17", &encryption, &bearer(&tok_a("")), Passed(A));
    let by_stranger = RSA.mint("RS256", Some("unknown"), &super::claims_a(""));
    table.case("18", &[Rule::a().keys(k0())], &bearer(&by_stranger), Rejected(TokenStatus::VerificationFail));
    let any_kid = OTHER_RSA.mint("RS256", Some("unknown"), &super::claims_a(""));
    table.case("18 right key", &[Rule::a().keys(k0())], &bearer(&any_kid), Passed(A));
    let (outcome, _) = run(&[Rule::a()], &bearer(&mint_a(&format!(r#"{{"iss":"{A}","sub":""}}"#))));
    let AuthenticationOutcome::Passed { principal, .. } = outcome else { panic!("{outcome:?}") };
    table.check("22 empty sub", &principal.as_deref(), &Some("https://a.example/"));
    table.finish();
}

#[test]
fn output_headers() {
    let mut table = Table::default();
    let with_headers = [Rule::a().payload_to("X-PA"), Rule::b().payload_to("x-pb")];
    let token = tok_a("");
    let after = table.case("24", &with_headers, &bearer(&token).with("x-pb", "evil").with("x-pa", "evil"), Passed(A));
    table.check("24 x-pb removed", &after.headers.first("x-pb"), &None);
    let payload = token.split('.').nth(1);
    table.check("24 x-pa", &after.headers.values("x-pa").collect::<Vec<_>>(), &payload.into_iter().collect());
    let after = table.case("24 with B", &with_headers, &bearer(&tok_b("")), Passed(super::B));
    table.check("24 with B x-pa", &after.headers.first("x-pa"), &None);
    table.finish();
}
