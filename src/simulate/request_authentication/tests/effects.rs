//! What the filter does to the message, how it answers, and what it remembers.

use serde_json::json;

use super::A;
use super::B;
use super::Expected::Anonymous;
use super::Expected::Passed;
use super::Expected::Rejected;
use super::Rule;
use super::T;
use super::Table;
use super::With;
use super::authenticator;
use super::bearer;
use super::claims;
use super::expired;
use super::forged_a;
use super::get;
use super::k1;
use super::mint_a;
use super::run;
use super::seen;
use super::tok_a;
use super::tok_b;
use crate::jose::TokenStatus;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::TokenCache;

#[test]
fn claims_go_to_headers_through_nested_objects_only() {
    let rule = Rule::a()
        .payload_to("x-out")
        .claim_to("sub", "x-out")
        .claim_to("in.deep", "X-Deep")
        .claim_to("a.b", "x-literal")
        .claim_to("https://x.example/y", "x-url")
        .claim_to("sub.x", "x-through-text")
        .claim_to("empty", "x-empty")
        .claim_to("spaces", "x-spaces")
        .claim_to("yes", "x-yes")
        .claim_to("scope", "x-scope")
        .claim_to("in", "x-object");
    let more = r#","in":{"deep":"d"},"a.b":"x","https://x.example/y":"x","empty":"","spaces":"  ","yes":true,"scope":"r w""#;
    let token = tok_a(more);
    let (_, after) = run(&[rule], &bearer(&token));
    let headers: Vec<_> = after.headers.iter().collect();
    let expected = [
        ("x-out", token.split('.').nth(1).unwrap()),
        ("x-out", "alice"),
        ("x-deep", "d"),
        ("x-spaces", "  "),
        ("x-yes", "true"),
        ("x-scope", "r w"),
        ("x-object", "eyJkZWVwIjoiZCJ9"),
    ];
    assert_eq!(headers, expected);
}

#[test]
fn two_good_tokens_give_two_header_values_and_the_header_token_is_recorded() {
    let rule = Rule::a().claim_to("n", "x-n");
    let mut message = bearer(&tok_a(r#","n":1"#));
    message.path = Some(format!("/?access_token={}", tok_a(r#","n":2"#)));
    let (outcome, after) = run(&[rule], &message);
    assert_eq!(after.headers.values("x-n").collect::<Vec<_>>(), ["2", "1"]);
    assert_eq!(claims(&outcome)["n"], json!(1.0));
}

#[test]
fn effects_of_a_provider_that_fails_later_stay() {
    // The parameter's token is good, then the header's is not: the parameter is gone all the same, and the realm shows it.
    let token = tok_a("");
    let mut message = bearer("garbage");
    message.path = Some(format!("/?access_token={token}"));
    let (outcome, after) = run(&[Rule::a()], &message);
    assert_eq!(after.path.as_deref(), Some("/"));
    let AuthenticationOutcome::Rejected { status: TokenStatus::BadFormat, www_authenticate, .. } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(www_authenticate.starts_with("Bearer realm=\"http://h/?access_token=ey"), "{www_authenticate}");
}

#[test]
fn what_earlier_providers_removed_later_ones_do_not_see() {
    let mut table = Table::default();
    let (a, b) = (tok_a(""), tok_b(""));
    // A takes the parameter with its good token away, and fails on the header that holds B's.
    let rules = [Rule::a().header("x", "").param("t"), Rule::b().header("x", "").param("t")];
    let after = table.case("B passes", &rules, &get(&format!("/?t={a}")).with("x", &b), Passed(B));
    table.check("all stripped", &after, &get("/"));
    // The other way round nobody gets past the issuer of the first token tried.
    let rules = [Rule::a().header("x", "").param("t").forward(), Rule::b().header("x", "").param("t")];
    table.case("kept", &rules, &get(&format!("/?t={a}")).with("x", &b), Rejected(TokenStatus::UnknownIssuer));
    table.finish();
}

#[test]
fn all_may_pass_in_the_second_round() {
    // A fails at `y` before it reaches `m`; B strips `y` and fails at `m`; A, run again, finds only `m`, and B nothing.
    let rules = [Rule::a().header("m", "").header("y", ""), Rule::b().header("m", "").header("y", "")];
    let message = get("/").with("m", &tok_a("")).with("y", &tok_b(""));
    let mut table = Table::default();
    let after = table.case("passes", &rules, &message, Passed(A));
    table.check("both stripped", &after, &get("/"));
    // A cookie is never stripped, so it fails again.
    let rules = [Rule::a().header("y", "").param("t"), Rule::b().header("y", "").cookie("c")];
    let message = get(&format!("/?t={}", tok_a(""))).with("y", &tok_b("")).with("cookie", "c=garbage");
    table.case("a bad cookie", &rules, &message, Rejected(TokenStatus::BadFormat));
    table.finish();
}

#[test]
fn output_headers_are_removed_before_tokens_are_looked_for() {
    let mut table = Table::default();
    let token = tok_a("");
    let rule = [Rule::a().payload_to("Authorization")];
    let after = table.case("the token itself", &rule, &bearer(&token), Anonymous);
    table.check("removed", &after, &get("/"));
    let rules = [Rule::a(), Rule::b().claim_to("sub", "authorization")];
    table.case("of another provider", &rules, &bearer(&token), Anonymous);
    let mut preflight = get("/").with("origin", "o").with("access-control-request-method", "GET").with("x-sub", "evil");
    preflight.method = "OPTIONS".to_owned();
    let after = table.case("preflight", &[Rule::a().claim_to("sub", "x-sub")], &preflight, Anonymous);
    table.check("preflight removed", &after.headers.first("x-sub"), &None);
    table.finish();
}

#[test]
fn preflights_need_all_three_signs() {
    let mut table = Table::default();
    let bad = bearer("garbage");
    for (method, origin, requested, skipped) in [
        ("OPTIONS", Some("o"), Some("PUT"), true),
        ("options", Some("o"), Some("PUT"), false),
        ("GET", Some("o"), Some("PUT"), false),
        ("OPTIONS", None, Some("PUT"), false),
        ("OPTIONS", Some(""), Some("PUT"), false),
        ("OPTIONS", Some("o"), None, false),
        ("OPTIONS", Some("o"), Some(""), false),
    ] {
        let mut message = Message { method: method.to_owned(), ..bad.clone() };
        for (name, value) in [("origin", origin), ("access-control-request-method", requested)] {
            if let Some(value) = value {
                message.headers.append(name, value);
            }
        }
        let expected = if skipped { Anonymous } else { Rejected(TokenStatus::BadFormat) };
        table.case(&format!("{method} {origin:?} {requested:?}"), &[Rule::a()], &message, expected);
    }
    table.finish();
}

#[test]
fn only_paths_below_the_root_are_looked_at() {
    let mut table = Table::default();
    for (path, expected) in [(None, Anonymous), (Some("*"), Anonymous), (Some("/"), Rejected(TokenStatus::BadFormat))] {
        let message = Message { path: path.map(str::to_owned), ..bearer("garbage") };
        table.case(&format!("{path:?}"), &[Rule::a()], &message, expected);
    }
    table.finish();
}

#[test]
fn the_realm_shows_at_most_256_bytes_of_the_path() {
    let realm = |message: &Message| {
        let AuthenticationOutcome::Rejected { www_authenticate, .. } = run(&[Rule::a()], message).0 else {
            panic!("{message:?}")
        };
        www_authenticate
    };
    let path = format!("/{}", "p".repeat(300));
    let long = Message { path: Some(path.clone()), ..bearer("garbage") };
    assert_eq!(realm(&long), format!("Bearer realm=\"http://h{}\", error=\"invalid_token\"", path.get(..256).unwrap()));
    let exact = Message { path: Some(path.get(..256).unwrap().to_owned()), ..bearer("garbage") };
    assert_eq!(realm(&exact), realm(&long));
    let wide = Message { path: Some(format!("/{}", "é".repeat(200))), ..bearer("garbage") };
    assert_eq!(realm(&wide), format!("Bearer realm=\"http://h/{}\", error=\"invalid_token\"", "é".repeat(127)));
    let rewritten = bearer("garbage").with("x-envoy-original-path", "/before");
    assert_eq!(realm(&rewritten), "Bearer realm=\"http://h/before\", error=\"invalid_token\"");
}

#[test]
fn the_provider_whose_error_counts_is_named() {
    let rules = [Rule::a().header("x-a", ""), Rule::b().header("x-b", "")];
    let provider = |message: &Message| {
        let AuthenticationOutcome::Rejected { provider, .. } = run(&rules, message).0 else { panic!("{message:?}") };
        provider
    };
    assert_eq!(provider(&get("/").with("x-a", "garbage")), 0);
    assert_eq!(provider(&get("/").with("x-b", "garbage")), 1);
    assert_eq!(provider(&get("/").with("x-a", "garbage").with("x-b", &tok_b(&expired()))), 0);
    assert_eq!(provider(&get("/").with("x-a", &tok_b("")).with("x-b", &tok_b(&expired()))), 1);
}

#[test]
fn more_claims_may_be_space_delimited() {
    let rule = Rule::a().space_delimited("roles").space_delimited("scope");
    let (outcome, _) = run(&[rule], &bearer(&tok_a(r#","roles":"a b","scope":"c d","permission":"e","other":"f g""#)));
    let claims = claims(&outcome);
    assert_eq!(claims["roles"], json!(["a", "b"]));
    assert_eq!(claims["scope"], json!(["c", "d"]));
    assert_eq!(claims["permission"], json!(["e"]));
    assert_eq!(claims["other"], json!("f g"));
}

#[test]
fn without_rules_there_is_no_filter() {
    assert_eq!(seen(&run(&[], &bearer("garbage")).0), Anonymous);
}

#[test]
fn an_issuer_that_is_no_member_has_no_principal() {
    let (outcome, _) = run(&[Rule::new("", k1())], &bearer(&mint_a(r#"{"sub":"alice"}"#)));
    let AuthenticationOutcome::Passed { claims: Some(_), issuer: None, principal: None, .. } = outcome else {
        panic!("{outcome:?}")
    };
}

#[test]
fn the_trace_tells_what_each_provider_did() {
    let explained = |rules: &[Rule], message: &Message| {
        let mut trace = vec![];
        authenticator(rules).explain(&mut message.clone(), T, &mut TokenCache::default(), &mut trace);
        trace.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let rules = [Rule::a(), Rule::b().cookie("s")];
    assert_eq!(explained(&rules, &get("/")), ["origins-0: no token", "origins-1: no token"]);
    assert_eq!(explained(&rules, &bearer(&tok_a(""))), ["origins-0: header `authorization`: verified"]);
    let mut message = bearer(&forged_a(""));
    message.path = Some(format!("/?access_token={}", tok_a("")));
    assert_eq!(
        explained(&rules, &message),
        [
            "origins-0: query parameter `access_token`: verified, header `authorization`: Jwt verification fails",
            "origins-1: no token",
            "origins-0 again: header `authorization`: Jwt verification fails",
        ]
    );
    let late = get("/").with("cookie", &format!("s={}", tok_b(&expired())));
    assert_eq!(
        explained(&rules, &late),
        [
            "origins-0: no token",
            "origins-1: cookie `s`: Jwt is expired",
            "origins-0 again: no token",
            "origins-1 again: cookie `s`: Jwt is expired",
        ]
    );
}

#[test]
fn a_remembered_token_still_expires() {
    let filter = authenticator(&[Rule::a()]);
    let mut cache = TokenCache::default();
    let message = bearer(&tok_a(&format!(r#","exp":{T}"#)));
    for (now, expected) in [(T, Passed(A)), (T + 60, Passed(A)), (T + 61, Rejected(TokenStatus::Expired)), (T + 60, Passed(A))] {
        let outcome = filter.authenticate(&mut message.clone(), now, &mut cache);
        assert_eq!(seen(&outcome), expected, "{now}");
    }
    assert_eq!(cache.len(), 1);
}

#[test]
fn a_remembered_signature_counts_for_its_key_set_only() {
    let token = tok_a("");
    let mut cache = TokenCache::default();
    let with_other_keys = authenticator(&[Rule::a().keys(super::k0())]);
    for _ in 0..3 {
        let trusted = authenticator(&[Rule::a()]);
        assert_eq!(seen(&trusted.authenticate(&mut bearer(&token), T, &mut cache)), Passed(A));
        let outcome = with_other_keys.authenticate(&mut bearer(&token), T, &mut cache);
        assert_eq!(seen(&outcome), Rejected(TokenStatus::VerificationFail));
    }
    let split = authenticator(&[Rule::a().space_delimited("n")]);
    let token = tok_a(r#","n":"x y""#);
    assert_eq!(claims(&authenticator(&[Rule::a()]).authenticate(&mut bearer(&token), T, &mut cache))["n"], json!("x y"));
    assert_eq!(claims(&split.authenticate(&mut bearer(&token), T, &mut cache))["n"], json!(["x", "y"]));
}

#[test]
fn the_cache_is_bounded() {
    let filter = authenticator(&[Rule::a()]);
    let mut cache = TokenCache::default();
    let mut most = 0;
    for number in 0..20_000 {
        filter.authenticate(&mut bearer(&format!("t{number}")), T, &mut cache);
        most = most.max(cache.len());
    }
    assert!((10_000..17_000).contains(&most), "{most}");
    let before = cache.len();
    filter.authenticate(&mut bearer(&"x".repeat(100_000)), T, &mut cache);
    assert_eq!(cache.len(), before);
    assert!(!cache.is_empty());
}
