//! The filter against the algorithm written out slowly, and against the closed form for at most one token per provider.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::Expected;
use super::KeySource;
use super::Rule;
use super::With;
use super::expired;
use super::forged_a;
use super::get;
use super::run;
use super::seen;
use super::tok_a;
use super::tok_b;
use crate::jose::TokenStatus;
use crate::simulate::request_authentication::AuthenticationOutcome;

/// Good and bad tokens of two issuers; their audience differs where it is named.
static TOKENS: LazyLock<Vec<String>> = LazyLock::new(|| {
    vec![
        tok_a(""),
        tok_a(r#","aud":"x""#),
        tok_a(&expired()),
        forged_a(""),
        tok_b(""),
        tok_b(r#","aud":"x""#),
        tok_b(&expired()),
        "garbage".to_owned(),
        String::new(),
    ]
});

#[derive(Debug, Clone)]
struct Shape {
    /// 0: issuer A, 1: issuer B, 2: A with unreachable keys, 3: any issuer with A's key.
    kind: u8,
    /// Numbers of the headers it looks at.
    headers: Vec<u8>,
    forward: bool,
    wants_audience: bool,
}

impl Shape {
    fn rule(&self) -> Rule {
        let mut rule = match self.kind {
            0 => Rule::a(),
            1 => Rule::b(),
            2 => Rule::a().keys(KeySource::Unreachable),
            _ => Rule::new("", super::k1()),
        };
        for number in &self.headers {
            rule = rule.header(&format!("x-{number}"), "");
        }
        if self.forward {
            rule = rule.forward();
        }
        if self.wants_audience { rule.audiences(&["x"]) } else { rule }
    }

    fn issuer(&self) -> &'static str {
        match self.kind {
            0 | 2 => super::A,
            1 => super::B,
            _ => "",
        }
    }

    /// What this provider alone says to one token.
    fn says(&self, token: &str) -> Result<(), TokenStatus> {
        let alone = Self { headers: vec![0], ..self.clone() };
        match run(&[alone.rule()], &get("/").with("x-0", token)).0 {
            AuthenticationOutcome::Rejected { status, .. } => Err(status),
            AuthenticationOutcome::Passed { .. } => Ok(()),
            AuthenticationOutcome::Undetermined { missing } => panic!("{missing}"),
        }
    }
}

fn shapes(most_headers: usize) -> impl Strategy<Value = Vec<Shape>> {
    let headers = proptest::collection::btree_set(0..4_u8, 1..=most_headers);
    let shape = (0..4_u8, headers, any::<bool>(), any::<bool>()).prop_map(|(kind, headers, forward, wants_audience)| Shape {
        kind,
        headers: headers.into_iter().collect(),
        forward,
        wants_audience,
    });
    proptest::collection::vec(shape, 1..5)
}

fn tokens() -> impl Strategy<Value = Vec<Option<usize>>> {
    proptest::collection::vec(proptest::option::of(0..TOKENS.len()), 4)
}

/// The refusal if there is one, the headers that are left, and the token whose payload is recorded.
type Literal<'t> = (Option<TokenStatus>, Vec<Option<&'t str>>, Option<&'t str>);

/// The algorithm as Envoy has it: the map of headers is changed while it goes along.
fn literal<'t>(shapes: &[Shape], mut headers: Vec<Option<&'t str>>) -> Literal<'t> {
    fn verify<'t>(shape: &Shape, headers: &mut [Option<&'t str>], payload: &mut Option<&'t str>) -> Step {
        let found: Vec<_> = shape.headers.iter().filter_map(|h| headers[usize::from(*h)].map(|token| (*h, token))).collect();
        if found.is_empty() {
            return Step::Missed;
        }
        for (header, token) in found.into_iter().rev() {
            if let Err(status) = shape.says(token) {
                return Step::Failed(status);
            }
            *payload = Some(token);
            if !shape.forward {
                headers[usize::from(header)] = None;
            }
        }
        Step::Ok
    }
    let mut payload = None;
    let mut results = Vec::new();
    for shape in shapes {
        let result = verify(shape, &mut headers, &mut payload);
        if result == Step::Ok {
            return (None, headers, payload);
        }
        results.push(result);
    }
    if let [only] = results[..] {
        let status = if let Step::Failed(status) = only { Some(status) } else { None };
        return (status, headers, payload);
    }
    let mut all = Step::Ok;
    for shape in shapes {
        if let failed @ Step::Failed(_) = verify(shape, &mut headers, &mut payload) {
            all = failed;
            break;
        }
    }
    if all == Step::Ok {
        return (None, headers, payload);
    }
    results.push(all);
    let mut answer = Step::Missed;
    for result in results {
        let is_real = !matches!(result, Step::Missed | Step::Failed(TokenStatus::UnknownIssuer));
        if is_real || answer == Step::Missed {
            answer = result;
        }
    }
    let Step::Failed(status) = answer else { panic!("{answer:?}") };
    (Some(status), headers, payload)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Ok,
    Missed,
    Failed(TokenStatus),
}

fn closed_form(shapes: &[Shape], tokens: &[Option<&str>]) -> Option<TokenStatus> {
    let results: Vec<_> =
        shapes.iter().filter_map(|shape| tokens[usize::from(shape.headers[0])].map(|token| shape.says(token))).collect();
    if results.iter().any(Result::is_ok) {
        return None;
    }
    let statuses: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    let is_real = |status: &&TokenStatus| **status != TokenStatus::UnknownIssuer;
    let first = statuses.first()?;
    if is_real(&first) { Some(*first) } else { Some(*statuses.iter().rfind(is_real).unwrap_or(first)) }
}

fn answer(outcome: &AuthenticationOutcome) -> Option<TokenStatus> {
    if let Expected::Rejected(status) = seen(outcome) { Some(status) } else { None }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_filter_is_the_literal_algorithm(mut shapes in shapes(3), tokens in tokens()) {
        shapes.sort_by_key(Shape::issuer);
        let tokens: Vec<_> = tokens.iter().map(|index| index.map(|index| TOKENS[index].as_str())).collect();
        let mut message = get("/");
        for (number, token) in tokens.iter().enumerate() {
            if let Some(token) = token {
                message.headers.append(&format!("x-{number}"), *token);
            }
        }
        let rules: Vec<_> = shapes.iter().map(Shape::rule).collect();
        let (outcome, after) = run(&rules, &message);
        let (status, headers, payload) = literal(&shapes, tokens);
        prop_assert_eq!(answer(&outcome), status);
        let left: Vec<_> = (0..4).map(|number| after.headers.first(&format!("x-{number}"))).collect();
        prop_assert_eq!(left, headers);
        if let AuthenticationOutcome::Passed { claims, .. } = outcome {
            let expected = payload.map(|token| crate::jose::UnverifiedToken::parse(token).unwrap().payload().clone());
            prop_assert_eq!(claims, expected);
        }
    }

    #[test]
    fn the_filter_is_the_closed_form_for_single_tokens(mut shapes in shapes(1), tokens in tokens()) {
        shapes.sort_by_key(Shape::issuer);
        let tokens: Vec<_> = tokens.iter().map(|index| index.map(|index| TOKENS[index].as_str())).collect();
        let mut message = get("/");
        for (number, token) in tokens.iter().enumerate() {
            if let Some(token) = token {
                message.headers.append(&format!("x-{number}"), *token);
            }
        }
        let rules: Vec<_> = shapes.iter().map(Shape::rule).collect();
        let (outcome, _) = run(&rules, &message);
        prop_assert_eq!(answer(&outcome), closed_form(&shapes, &tokens));
    }
}
