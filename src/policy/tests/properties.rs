use proptest::prelude::*;
use serde_json::Value;

use crate::mesh::Proxy;
use crate::policy::ChainKind;
use crate::policy::CompiledEngine;
use crate::policy::Engine;
use crate::policy::Engines;
use crate::policy::Outcome;
use crate::policy::Scratch;
use crate::policy::Truth;
use crate::policy::lower;
use crate::policy::tests::facts::verdict;
use crate::policy::tests::generate::Tape;
use crate::policy::tests::generate::completed;
use crate::policy::tests::generate::policy;
use crate::policy::tests::generate::request;
use crate::policy::tests::generate::trust_domains;
use crate::policy::tests::notation::mesh;
use crate::policy::tests::notation::workload;
use crate::policy::tests::reference;

/// Cases per property: proptest's own variable `PROPTEST_CASES` when it is set, this many otherwise.
fn config() -> ProptestConfig {
    let mut config = ProptestConfig::default();
    if config.cases == 256 {
        config.cases = 2000;
    }
    config.max_shrink_iters = 20_000;
    config
}

fn tape() -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(any::<u16>(), 0..700)
}

fn lowered(policies: &[Value], trust_domains: &[String], chain: ChainKind) -> Engines {
    lower(&mesh(&Value::Array(policies.to_vec()), trust_domains), &workload(Proxy::Sidecar, None), chain).engines
}

fn policies(tape: &mut Tape<'_>) -> Vec<Value> {
    (0..=tape.below(3))
        .map(|_| {
            let action = ["ALLOW", "DENY"][tape.below(2)];
            policy(tape, action)
        })
        .collect()
}

fn chain(is_http: bool) -> ChainKind {
    if is_http { ChainKind::Http } else { ChainKind::Tcp }
}

fn as_truth(outcome: Outcome) -> (Option<bool>, Option<usize>) {
    match outcome {
        Outcome::Match { rule } => (Some(true), Some(rule)),
        Outcome::NoMatch => (Some(false), None),
        Outcome::Unknown { rule, .. } => (None, Some(rule)),
    }
}

fn check_engine(engine: &Engine, requests: &[super::facts::Request], scratch: &mut Scratch) -> Result<(), TestCaseError> {
    let compiled = CompiledEngine::new(engine);
    for request in requests {
        let facts = request.facts();
        let wanted = reference::evaluate(engine, &facts);
        let found = compiled.evaluate(&facts, scratch);
        prop_assert_eq!(as_truth(found), wanted, "{:#?}\n{:#?}", engine, request);

        for (rule, trace) in engine.rules.iter().zip(compiled.trace(engine, &facts)) {
            let outcome = match trace.outcome {
                Truth::Yes => Some(true),
                Truth::No => Some(false),
                Truth::Unknown(_) => None,
            };
            prop_assert_eq!(outcome, reference::rule(rule, &facts), "{:#?}\n{:#?}", rule, request);
        }

        let miss = compiled.nearest_miss(&facts, scratch);
        let miss = miss.map(|miss| (miss.failed.len(), miss.rule));
        prop_assert_eq!(miss, reference::nearest(engine, &facts), "{:#?}\n{:#?}", engine, request);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_compiled_form_agrees_with_the_literal_reading(tape in tape()) {
        let mut tape = Tape::new(&tape);
        let trust_domains = trust_domains(&mut tape);
        let requests: Vec<_> = (0..6).map(|_| request(&mut tape)).collect();
        let policies = policies(&mut tape);
        let mut scratch = Scratch::default();
        for chain in [ChainKind::Http, ChainKind::Tcp] {
            let engines = lowered(&policies, &trust_domains, chain);
            for engine in [&engines.deny, &engines.allow].into_iter().flatten() {
                check_engine(engine, &requests, &mut scratch)?;
            }
        }
    }

    #[test]
    fn a_deny_policy_added_never_lets_in(tape in tape()) {
        let mut tape = Tape::new(&tape);
        let (trust_domains, request, mut policies) = (trust_domains(&mut tape), request(&mut tape), policies(&mut tape));
        let before = verdict(&lowered(&policies, &trust_domains, chain(request.is_http)), &request);
        policies.push(policy(&mut tape, "DENY"));
        let after = verdict(&lowered(&policies, &trust_domains, chain(request.is_http)), &request);
        prop_assert!(before != "denied" || after == "denied", "{} became {}", before, after);
    }

    #[test]
    fn an_allow_policy_added_to_another_never_keeps_out(tape in tape()) {
        let mut tape = Tape::new(&tape);
        let (trust_domains, request, mut policies) = (trust_domains(&mut tape), request(&mut tape), policies(&mut tape));
        policies.push(policy(&mut tape, "ALLOW"));
        let before = verdict(&lowered(&policies, &trust_domains, chain(request.is_http)), &request);
        policies.push(policy(&mut tape, "ALLOW"));
        let after = verdict(&lowered(&policies, &trust_domains, chain(request.is_http)), &request);
        prop_assert!(before != "allowed" || after == "allowed", "{} became {}", before, after);
    }

    #[test]
    fn the_order_of_policies_does_not_matter(tape in tape()) {
        let mut tape = Tape::new(&tape);
        let (trust_domains, request, mut policies) = (trust_domains(&mut tape), request(&mut tape), policies(&mut tape));
        let before = verdict(&lowered(&policies, &trust_domains, chain(request.is_http)), &request);
        policies.reverse();
        let after = verdict(&lowered(&policies, &trust_domains, chain(request.is_http)), &request);
        prop_assert_eq!(before, after);
    }

    #[test]
    fn a_fact_made_known_never_contradicts_a_settled_verdict(tape in tape()) {
        let mut tape = Tape::new(&tape);
        let (trust_domains, request, policies) = (trust_domains(&mut tape), request(&mut tape), policies(&mut tape));
        let engines = lowered(&policies, &trust_domains, chain(request.is_http));
        let before = verdict(&engines, &request);
        let completed = completed(&mut tape, &request);
        let after = verdict(&engines, &completed);
        prop_assert_ne!(after, "undetermined");
        prop_assert!(before == after || before == "undetermined", "{} became {}", before, after);
    }
}
