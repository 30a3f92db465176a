//! Requests put through the filter, with tokens that are really signed.

mod closed_form;
mod effects;
mod properties;
mod traps;
mod unknown_keys;
mod vectors;

use std::sync::Arc;

use serde_json::Value;

use super::AuthenticationOutcome;
use super::Authenticator;
use super::KeySource;
use super::Origin;
use super::Provider;
use super::TokenCache;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::jose::TokenStatus;
use crate::jose::testing::OTHER_RSA;
use crate::jose::testing::P256;
use crate::jose::testing::RSA;
use crate::jose::testing::jwks;
use crate::manifest::kinds::ClaimToHeader;
use crate::manifest::kinds::HeaderLocation;
use crate::manifest::kinds::JwtRule;
use crate::simulate::message::Message;

const A: &str = "https://a.example";
const B: &str = "https://b.example";
const C: &str = "https://c.example";
/// The evaluation time.
const T: u64 = 1_700_000_000;

fn text(value: &str) -> Spanned<String> {
    Spanned::new(value.to_owned(), Span::default())
}

/// A rule and its keys.
#[derive(Debug, Clone)]
struct Rule {
    rule: JwtRule,
    keys: KeySource,
}

impl Rule {
    fn new(issuer: &str, keys: KeySource) -> Self {
        Self { rule: JwtRule { issuer: text(issuer), ..JwtRule::default() }, keys }
    }

    fn a() -> Self {
        Self::new(A, k1())
    }

    fn b() -> Self {
        Self::new(B, k2())
    }

    fn keys(mut self, keys: KeySource) -> Self {
        self.keys = keys;
        self
    }

    fn forward(mut self) -> Self {
        self.rule.forward_original_token = true;
        self
    }

    fn audiences(mut self, audiences: &[&str]) -> Self {
        self.rule.audiences = audiences.iter().map(|audience| text(audience)).collect();
        self
    }

    fn header(mut self, name: &str, prefix: &str) -> Self {
        self.rule.from_headers.push(HeaderLocation { name: text(name), prefix: prefix.to_owned() });
        self
    }

    fn param(mut self, name: &str) -> Self {
        self.rule.from_params.push(text(name));
        self
    }

    fn cookie(mut self, name: &str) -> Self {
        self.rule.from_cookies.push(text(name));
        self
    }

    fn payload_to(mut self, header: &str) -> Self {
        self.rule.output_payload_to_header = Some(text(header));
        self
    }

    fn claim_to(mut self, claim: &str, header: &str) -> Self {
        self.rule.output_claim_to_headers.push(ClaimToHeader { header: text(header), claim: text(claim) });
        self
    }

    fn space_delimited(mut self, claim: &str) -> Self {
        self.rule.space_delimited_claims.push(text(claim));
        self
    }
}

fn key_set(keys: &[&str]) -> KeySource {
    KeySource::from_text(&jwks(keys))
}

/// RSA, `kid` k1, `alg` RS256: the key of issuer A.
fn k1() -> KeySource {
    key_set(&[&RSA.jwk(r#""kid":"k1","alg":"RS256","#)])
}

/// EC P-256, `kid` k2, `alg` ES256: the key of issuer B.
fn k2() -> KeySource {
    key_set(&[&P256.jwk(r#""kid":"k2","alg":"ES256","#)])
}

/// RSA without `kid` and `alg`, another key than [`k1`].
fn k0() -> KeySource {
    key_set(&[&OTHER_RSA.jwk("")])
}

/// A payload of issuer A with more members, such as `,"exp":5`.
fn claims_a(more: &str) -> String {
    format!(r#"{{"iss":"{A}","sub":"alice"{more}}}"#)
}

fn mint_a(payload: &str) -> String {
    RSA.mint("RS256", Some("k1"), payload)
}

/// A valid token of A with more claims.
fn tok_a(more: &str) -> String {
    mint_a(&claims_a(more))
}

/// A valid token of B with more claims.
fn tok_b(more: &str) -> String {
    P256.mint("ES256", Some("k2"), &format!(r#"{{"iss":"{B}","sub":"bob"{more}}}"#))
}

/// Signed with a key nobody trusts, under the name of A's.
fn forged_a(more: &str) -> String {
    OTHER_RSA.mint("RS256", Some("k1"), &claims_a(more))
}

fn expired() -> String {
    format!(r#","exp":{}"#, T - 61)
}

fn get(path: &str) -> Message {
    Message {
        method: "GET".to_owned(),
        scheme: "http".to_owned(),
        authority: "h".to_owned(),
        path: Some(path.to_owned()),
        ..Message::default()
    }
}

trait With {
    fn with(self, name: &str, value: &str) -> Self;
}

impl With for Message {
    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.append(name, value);
        self
    }
}

fn bearer(token: &str) -> Message {
    get("/").with("authorization", &format!("Bearer {token}"))
}

fn authenticator(rules: &[Rule]) -> Authenticator {
    let provider = |(policy, rule): (usize, &Rule)| Provider::new(&rule.rule, rule.keys.clone(), Origin { policy, rule: 0 });
    Authenticator::new(rules.iter().enumerate().map(provider).collect()).unwrap()
}

fn run(rules: &[Rule], message: &Message) -> (AuthenticationOutcome, Message) {
    let mut after = message.clone();
    let outcome = authenticator(rules).authenticate(&mut after, T, &mut TokenCache::default());
    (outcome, after)
}

/// What a case expects of the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected<'e> {
    Anonymous,
    /// With a payload of this `iss`.
    Passed(&'e str),
    Rejected(TokenStatus),
    Undetermined,
}

fn seen(outcome: &AuthenticationOutcome) -> Expected<'_> {
    match outcome {
        AuthenticationOutcome::Passed { claims: None, .. } => Expected::Anonymous,
        AuthenticationOutcome::Passed { claims: Some(claims), .. } => {
            Expected::Passed(claims["iss"].as_str().unwrap_or_default())
        }
        AuthenticationOutcome::Rejected { status, .. } => Expected::Rejected(*status),
        AuthenticationOutcome::Undetermined { .. } => Expected::Undetermined,
    }
}

fn claims(outcome: &AuthenticationOutcome) -> Arc<Value> {
    let AuthenticationOutcome::Passed { claims: Some(claims), .. } = outcome else { panic!("no claims: {outcome:?}") };
    Arc::clone(claims)
}

/// Cases run one by one; all failures are reported together.
#[derive(Default)]
struct Table {
    failures: Vec<String>,
    count: usize,
}

impl Table {
    fn case(&mut self, name: &str, rules: &[Rule], message: &Message, expected: Expected<'_>) -> Message {
        let (outcome, after) = run(rules, message);
        self.check(name, &seen(&outcome), &expected);
        after
    }

    fn check<V: std::fmt::Debug + PartialEq>(&mut self, name: &str, seen: &V, expected: &V) {
        self.count += 1;
        if seen != expected {
            self.failures.push(format!("{name}: {seen:?}, expected {expected:?}"));
        }
    }

    fn finish(self) {
        assert!(self.failures.is_empty(), "{} of {} failed: {:#?}", self.failures.len(), self.count, self.failures);
    }
}
