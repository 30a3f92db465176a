//! Any request is answered without panic.

use proptest::prelude::*;

use super::Rule;
use super::T;
use super::authenticator;
use super::get;
use crate::simulate::message::Message;
use crate::simulate::request_authentication::AuthenticationOutcome;
use crate::simulate::request_authentication::TokenCache;

fn header() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        Just("authorization".to_owned()),
        Just("cookie".to_owned()),
        Just("x-jwt".to_owned()),
        Just("origin".to_owned()),
        "[a-z-]{1,8}",
    ];
    let value =
        prop_oneof![".*", "Bearer .*", "[=; \"a-c.]*", Just(super::tok_a("")), Just(format!("Bearer {}", super::tok_a("")))];
    (name, value)
}

proptest! {
    #[test]
    fn any_request_is_answered(
        method in "GET|OPTIONS|CONNECT|.*",
        path in proptest::option::of(prop_oneof!["/.*", ".*", "/\\?([a-c%=&0-9é]|access_token)*"]),
        headers in proptest::collection::vec(header(), 0..6),
        prefix in ".{0,3}",
        claim in ".*",
        now in any::<u64>(),
    ) {
        let rules = [
            Rule::a().claim_to(&claim, "x-claim"),
            Rule::b().header("x-jwt", &prefix).header("cookie", "").param("a").cookie("b").forward(),
            Rule::new("", super::k1()).param("c").cookie(&prefix).payload_to("x-jwt"),
        ];
        let mut message = Message { method, path, ..get("/") };
        for (name, value) in headers {
            message.headers.append(&name, value);
        }
        let filter = authenticator(&rules);
        let mut cache = TokenCache::default();
        let mut again = message.clone();
        let mut trace = Vec::new();
        let outcome = filter.authenticate(&mut message, now, &mut cache);
        // The same again from the cache, and with a trace.
        let explained = filter.explain(&mut again, now, &mut cache, &mut trace);
        prop_assert_eq!(&explained, &outcome);
        prop_assert_eq!(&again, &message);
        if let AuthenticationOutcome::Rejected { .. } = outcome {
            prop_assert!(!trace.is_empty());
        }
    }

    #[test]
    fn a_request_without_token_is_not_touched(value in "[a-z ]*", path in "/[a-z/]{0,9}(\\?[b-z]=[a-z]*)?", now in T..T + 9) {
        let mut message = get(&path);
        message.headers.append("x-other", value);
        let before = message.clone();
        let outcome = authenticator(&[Rule::a(), Rule::b()]).authenticate(&mut message, now, &mut TokenCache::default());
        prop_assert_eq!(outcome, AuthenticationOutcome::ANONYMOUS);
        prop_assert_eq!(message, before);
    }
}
