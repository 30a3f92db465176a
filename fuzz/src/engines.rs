//! What must hold of one engine and one request, whatever they are.

use meshsec::policy::CompiledEngine;
use meshsec::policy::Engine;
use meshsec::policy::Outcome;
use meshsec::policy::Scratch;
use meshsec::policy::Truth;

use crate::naive;
use crate::request::Request;

/// Evaluation, trace, nearest miss and the naive reading must say the same.
pub fn check(engine: &Engine, requests: &[Request], scratch: &mut Scratch) {
    let compiled = CompiledEngine::new(engine);
    for request in requests {
        let facts = request.facts();
        let outcome = match compiled.evaluate(&facts, scratch) {
            Outcome::Match { rule } => (Some(true), Some(rule)),
            Outcome::NoMatch => (Some(false), None),
            Outcome::Unknown { rule, fact } => {
                assert_ne!(fact, "a fact", "the missing fact has no name: {engine:#?}\n{request:#?}");
                (None, Some(rule))
            }
        };

        let again = compiled.nearest_miss_again(&facts, scratch).map(|miss| (miss.failed.len(), miss.rule));

        let trace: Vec<naive::Truth> = compiled
            .trace(engine, &facts)
            .iter()
            .map(|rule| match rule.outcome {
                Truth::Yes => Some(true),
                Truth::No => Some(false),
                Truth::Unknown(_) => None,
            })
            .collect();
        assert_eq!(trace.len(), engine.rules.len());
        let first = |wanted| trace.iter().position(|truth| *truth == wanted).map(|rule| (wanted, Some(rule)));
        let traced = first(Some(true)).or_else(|| first(None)).unwrap_or((Some(false), None));
        assert_eq!(outcome, traced, "the trace says otherwise: {engine:#?}\n{request:#?}");

        assert_eq!(outcome, naive::evaluate(engine, &facts), "the naive reading says otherwise: {engine:#?}\n{request:#?}");
        for (rule, truth) in engine.rules.iter().zip(trace) {
            assert_eq!(truth, naive::rule(rule, &facts), "the naive reading of one rule says otherwise: {rule:#?}\n{request:#?}");
        }

        let miss = compiled.nearest_miss(&facts, scratch);
        for failed in miss.iter().flat_map(|miss| &miss.failed) {
            assert!(!failed.to_string().is_empty());
        }
        let miss = miss.map(|miss| (miss.failed.len(), miss.rule));
        assert_eq!(again, miss, "right after evaluation another rule is nearer: {engine:#?}\n{request:#?}");
        assert_eq!(miss, naive::nearest(engine, &facts), "another rule is nearer: {engine:#?}\n{request:#?}");
    }
}
