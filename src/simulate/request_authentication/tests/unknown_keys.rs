//! Keys that were not given: nothing passes because of them, and what does not depend on them is answered.

use proptest::prelude::*;

use super::A;
use super::B;
use super::Expected::Anonymous;
use super::Expected::Passed;
use super::Expected::Rejected;
use super::Expected::Undetermined;
use super::KeySource;
use super::Rule;
use super::T;
use super::Table;
use super::With;
use super::authenticator;
use super::bearer;
use super::expired;
use super::forged_a;
use super::get;
use super::run;
use super::seen;
use super::tok_a;
use super::tok_b;
use crate::jose::TokenStatus;
use crate::simulate::request_authentication::AttemptResult;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::TokenCache;

fn unknown(name: &str) -> KeySource {
    KeySource::Unknown(name.to_owned())
}

fn unknown_a() -> Rule {
    Rule::a().keys(unknown("https://a.example/keys"))
}

#[test]
fn one_rule() {
    let rule = [unknown_a().audiences(&["api"])];
    let api = r#","aud":"api""#;
    let mut table = Table::default();
    table.case("good token", &rule, &bearer(&tok_a(api)), Undetermined);
    table.case("forged token", &rule, &bearer(&forged_a(api)), Undetermined);
    table.case("no token", &rule, &get("/"), Anonymous);
    table.case("garbage", &rule, &bearer("garbage"), Rejected(TokenStatus::BadFormat));
    table.case("issuer", &rule, &bearer(&tok_b(api)), Rejected(TokenStatus::UnknownIssuer));
    table.case("expired", &rule, &bearer(&tok_a(&expired())), Rejected(TokenStatus::Expired));
    table.case("audience", &rule, &bearer(&tok_a("")), Rejected(TokenStatus::AudienceNotAllowed));
    let mut two = bearer(&tok_a(api));
    two.path = Some("/?access_token=garbage".to_owned());
    table.case("garbage is tried first", &rule, &two, Rejected(TokenStatus::BadFormat));
    table.finish();
}

#[test]
fn the_missing_keys_are_named_and_the_message_is_left_alone() {
    let message = bearer(&tok_a("")).with("x-sub", "evil");
    let rule = [Rule::b(), unknown_a().claim_to("sub", "x-sub").payload_to("x-p")];
    let (outcome, after) = run(&rule, &message);
    assert_eq!(outcome, AuthenticationOutcome::Undetermined { missing: "https://a.example/keys".to_owned() });
    assert_eq!(after, bearer(&tok_a("")));
}

#[test]
fn both_ways_the_same() {
    let mut table = Table::default();
    // Known keys of the same issuer decide when the unknown ones do not verify, with the same effects when they do.
    for rules in [[unknown_a(), Rule::a()], [Rule::a(), unknown_a()]] {
        table.case("good for known keys", &rules, &bearer(&tok_a("")), Passed(A));
        table.case("bad for known keys", &rules, &bearer(&forged_a("")), Undetermined);
    }
    let other_effects = [unknown_a().payload_to("x-p"), Rule::a()];
    table.case("other effects", &other_effects, &bearer(&tok_a("")), Undetermined);
    let rules = [unknown_a(), Rule::b()];
    table.case("token of known issuer", &rules, &bearer(&tok_b("")), Passed(B));
    let twice = [unknown_a(), unknown_a()];
    table.case("unknown twice", &twice, &bearer(&tok_a("")), Undetermined);
    // Good or bad, the request passes; but with A's payload or B's.
    let both = get("/").with("x-a", &tok_a("")).with("x-b", &tok_b(""));
    let rules = [unknown_a().header("x-a", ""), Rule::b().header("x-b", "")];
    table.case("other claims", &rules, &both, Undetermined);
    table.finish();
}

#[test]
fn the_provider_with_known_keys_is_the_one_named() {
    let (outcome, after) = run(&[unknown_a(), Rule::a()], &bearer(&tok_a("")));
    let AuthenticationOutcome::Passed { provider: Some(1), .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, get("/"));
}

#[test]
fn many_unknown_signatures_are_given_up() {
    let rules: Vec<_> = (0..8).map(|number| Rule::a().keys(unknown(&format!("keys {number}")))).chain([Rule::a()]).collect();
    let (outcome, _) = run(&rules, &bearer(&tok_a("")));
    assert_eq!(seen(&outcome), Undetermined);
    let few: Vec<_> = rules.into_iter().skip(5).collect();
    assert_eq!(seen(&run(&few, &bearer(&tok_a(""))).0), Passed(A));
}

#[test]
fn the_trace_says_which_keys_are_unknown() {
    let explain = |rules: &[Rule]| {
        let mut trace = Vec::new();
        let mut message = bearer(&tok_a(""));
        authenticator(rules).explain(&mut message, T, &mut TokenCache::default(), &mut trace);
        trace
    };
    let trace = explain(&[unknown_a()]);
    assert_eq!(
        trace.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["origins-0: header `authorization`: the keys are not known"]
    );
    assert_eq!(trace[0].result, AttemptResult::KeysUnknown);
    let results: Vec<_> = explain(&[unknown_a(), Rule::a()]).iter().map(|attempt| attempt.result).collect();
    assert_eq!(results, [AttemptResult::KeysUnknown, AttemptResult::Verified]);
}

fn rules() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    proptest::collection::vec((0..4_u8, 0..3_u8, 0..3_u8), 1..4)
}

fn rule(kind: u8, location: u8, options: u8, instead_of_unknown: Option<&KeySource>) -> Rule {
    let mut rule = match kind {
        0 => Rule::a(),
        1 => Rule::b(),
        2 => Rule::a().keys(instead_of_unknown.cloned().unwrap_or_else(|| unknown("a"))),
        _ => Rule::b().keys(instead_of_unknown.cloned().unwrap_or_else(|| unknown("b"))),
    };
    if location > 0 {
        rule = rule.header(&format!("x-{location}"), "");
    }
    match options {
        0 => rule,
        1 => rule.forward(),
        _ => rule.claim_to("sub", "x-sub"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever the unknown keys turn out to be, a settled answer is the answer.
    #[test]
    fn a_settled_answer_never_changes(shape in rules(), tokens in proptest::collection::vec(0..6_usize, 3)) {
        let pool = [String::new(), tok_a(""), tok_b(""), forged_a(""), tok_a(&expired()), "x".to_owned()];
        let mut message = get("/");
        for (name, token) in ["authorization", "x-1", "x-2"].into_iter().zip(&tokens) {
            if *token > 0 {
                let prefix = if name == "authorization" { "Bearer " } else { "" };
                message.headers.append(name, format!("{prefix}{}", pool[*token]));
            }
        }
        let with = |keys: Option<&KeySource>| {
            let rules: Vec<_> = shape.iter().map(|(kind, location, options)| rule(*kind, *location, *options, keys)).collect();
            run(&rules, &message)
        };
        let (outcome, after) = with(None);
        if seen(&outcome) != Undetermined {
            for keys in [KeySource::Unreachable, super::k0(), super::k1(), super::k2(), KeySource::FetchFailed] {
                let (known, known_after) = with(Some(&keys));
                prop_assert_eq!(seen(&known), seen(&outcome));
                prop_assert_eq!(&known_after, &after);
            }
        }
    }
}
