use std::fmt;

use serde_json::Value;

use crate::diag::Span;
use crate::policy::Attribute;
use crate::policy::CompiledEngine;
use crate::policy::Engine;
use crate::policy::Facts;
use crate::policy::Known;
use crate::policy::Scratch;
use crate::policy::compile::EntryLayout;
use crate::policy::compile::TestLayout;
use crate::policy::compile::bare_path;
use crate::policy::compile::claim_at;
use crate::policy::compile::header_name;
use crate::policy::compile::text_claim;
use crate::policy::evaluate::missing_fact;

/// The rule that came closest to matching, and what it failed on.
#[derive(Debug, Clone)]
pub struct NearestMiss {
    /// Index in `Engine::rules`.
    pub rule: usize,
    /// The tests that failed in its closest `from` entry and its closest `to` entry, in order.
    pub failed: Vec<FailedTest>,
}

/// One test that did not hold.
#[derive(Debug, Clone)]
pub struct FailedTest {
    /// The list it stands in: `methods`, `notPaths`, or the key of a condition.
    pub field: String,
    /// Why it failed.
    pub reason: FailureReason,
    /// What the request has, or that it has nothing.
    pub seen: String,
    /// The values of the list, cut after a few.
    pub wanted: String,
    /// Whether the list has several values.
    pub is_list: bool,
    /// Where the list stands.
    pub place: Span,
}

/// Why a test failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureReason {
    /// The value is not among those wanted.
    NotListed,
    /// There is no value, and one is wanted.
    Missing,
    /// The value is among those excluded.
    Excluded,
    /// The fact was not given.
    Unknown,
}

impl FailedTest {
    /// The sentence on it, in parts.
    fn parts(&self) -> [&str; 6] {
        let Self { field, reason, seen, wanted, is_list, place: _ } = self;
        match reason {
            FailureReason::NotListed => [field, ": ", seen, " is not ", if *is_list { "in " } else { "" }, wanted],
            FailureReason::Missing => [field, ": ", seen, "; wants ", "", wanted],
            FailureReason::Excluded => [field, ": ", seen, " is excluded by ", "", wanted],
            FailureReason::Unknown => [field, ": ", seen, " is not known; wants ", "", wanted],
        }
    }

    /// The sentence on it.
    #[must_use]
    pub fn text(&self) -> String {
        self.parts().concat()
    }

    /// The sentence without what the request has, where that is a header, which may be a secret.
    #[must_use]
    pub fn discreet_text(&self) -> Option<String> {
        let is_value = self.field.starts_with("request.headers[") && self.reason != FailureReason::Missing;
        let mut parts = self.parts();
        if let Some(seen) = parts.get_mut(2).filter(|_| is_value) {
            *seen = "the value";
        }
        is_value.then(|| parts.concat())
    }
}

impl fmt::Display for FailedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().into_iter().try_for_each(|part| f.write_str(part))
    }
}

/// Outcome of one test, entry or rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// It depends on a fact that was not given.
    Unknown(&'static str),
}

impl Truth {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) => other,
            (Self::Unknown(fact), _) => Self::Unknown(fact),
        }
    }

    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, other) => other,
            (Self::Unknown(fact), _) => Self::Unknown(fact),
        }
    }
}

/// One rule, looked at completely.
#[derive(Debug, Clone)]
pub struct RuleTrace {
    /// Name in the proxy.
    pub name: String,
    /// Index in `Mesh::authorization_policies`.
    pub policy: usize,
    /// Index in the policy's `rules`.
    pub rule: usize,
    /// Whether it matches.
    pub outcome: Truth,
    /// The `from` entries; none only for a policy without rules, which never matches.
    pub from: Vec<EntryTrace>,
    /// The `to` entries.
    pub to: Vec<EntryTrace>,
    /// Where the rule stands.
    pub place: Span,
}

/// One `from` or `to` entry with the conditions of its side.
#[derive(Debug, Clone)]
pub struct EntryTrace {
    /// Whether all tests hold.
    pub outcome: Truth,
    /// The tests; none means that it matches everything.
    pub tests: Vec<TestTrace>,
}

/// One test.
#[derive(Debug, Clone)]
pub struct TestTrace {
    /// The field, or the key of a condition.
    pub field: String,
    /// Values of which one has to match, cut after a few; empty without such.
    pub wanted: String,
    /// Values of which none may match, cut after a few; empty without such.
    pub excluded: String,
    /// What the request has, or that it has nothing.
    pub seen: String,
    /// Whether it holds.
    pub outcome: Truth,
    /// Where it stands.
    pub place: Span,
}

/// How a test came out, by its bits.
enum TestState {
    Holds,
    NotListed,
    Excluded,
    Unknown,
}

impl CompiledEngine {
    /// The rule with the fewest failed tests over its best pair of entries; of equals the first. `None` without rules that could match.
    ///
    /// Meant for an ALLOW engine in which nothing matched.
    #[must_use]
    pub fn nearest_miss(&self, facts: &Facts<'_>, scratch: &mut Scratch) -> Option<NearestMiss> {
        self.look_up(facts, scratch);
        self.nearest_miss_again(facts, scratch)
    }

    /// The same right after [`evaluate`](Self::evaluate) on these facts, with the scratch as it was left.
    #[must_use]
    pub fn nearest_miss_again(&self, facts: &Facts<'_>, scratch: &mut Scratch) -> Option<NearestMiss> {
        let rule = self.closest_rule(scratch)?;
        let layout = self.layout.rules.get(rule)?;
        let mut failed = Vec::new();
        for entries in [&layout.from, &layout.to] {
            let closest = entries.iter().min_by_key(|entry| self.failures(entry, scratch).count())?;
            failed.extend(self.failures(closest, scratch).map(|test| self.describe(test, facts, scratch)));
        }
        Some(NearestMiss { rule, failed })
    }

    /// Every rule, entry and test with its outcome.
    #[must_use]
    pub fn trace(&self, engine: &Engine, facts: &Facts<'_>) -> Vec<RuleTrace> {
        let mut scratch = Scratch::default();
        self.look_up(facts, &mut scratch);
        let entries = |entries: &[EntryLayout]| -> Vec<EntryTrace> {
            entries.iter().map(|entry| self.trace_entry(entry, facts, &scratch)).collect()
        };
        let any = |entries: &[EntryTrace]| entries.iter().fold(Truth::No, |truth, entry| truth.or(entry.outcome));
        let rules = engine.rules.iter().zip(&self.layout.rules);
        rules
            .map(|(rule, layout)| {
                let (from, to) = (entries(&layout.from), entries(&layout.to));
                RuleTrace {
                    name: rule.name.clone(),
                    policy: rule.policy,
                    rule: rule.rule,
                    outcome: any(&from).and(any(&to)),
                    from,
                    to,
                    place: rule.place.span,
                }
            })
            .collect()
    }

    fn trace_entry(&self, entry: &EntryLayout, facts: &Facts<'_>, scratch: &Scratch) -> EntryTrace {
        let tests: Vec<TestTrace> = entry.tests.iter().map(|test| self.trace_test(test, facts, scratch)).collect();
        let outcome = tests.iter().fold(Truth::Yes, |truth, test| truth.and(test.outcome));
        EntryTrace { outcome, tests }
    }

    fn trace_test(&self, test: &TestLayout, facts: &Facts<'_>, scratch: &Scratch) -> TestTrace {
        let outcome = match self.state(test, scratch) {
            TestState::Holds => Truth::Yes,
            TestState::NotListed | TestState::Excluded => Truth::No,
            TestState::Unknown => Truth::Unknown(missing_fact(&test.attribute, facts).unwrap_or("a fact")),
        };
        TestTrace {
            field: test.field.clone(),
            wanted: test.wanted.text.clone(),
            excluded: test.excluded.text.clone(),
            seen: seen(&test.attribute, facts).unwrap_or_else(str::to_owned),
            outcome,
            place: test.place,
        }
    }

    fn state(&self, test: &TestLayout, scratch: &Scratch) -> TestState {
        let slot = test.slot as usize;
        let word = |words: &[u64], at: usize| words.get(at).copied().unwrap_or_default();
        let free = self.layout.slots.get(slot).map_or(u64::MAX, |slot| slot.free);
        if word(&scratch.unknown, slot) & test.bit != 0 {
            TestState::Unknown
        } else if (free | word(&scratch.accumulator, slot * 2)) & test.bit == 0 {
            TestState::NotListed
        } else if word(&scratch.accumulator, slot * 2 + 1) & test.bit != 0 {
            TestState::Excluded
        } else {
            TestState::Holds
        }
    }

    fn failures<'e>(&'e self, entry: &'e EntryLayout, scratch: &'e Scratch) -> impl Iterator<Item = &'e TestLayout> {
        entry.tests.iter().filter(|test| !matches!(self.state(test, scratch), TestState::Holds))
    }

    fn describe(&self, test: &TestLayout, facts: &Facts<'_>, scratch: &Scratch) -> FailedTest {
        let state = self.state(test, scratch);
        let is_exclusion = match state {
            TestState::Excluded => true,
            TestState::Unknown => test.wanted.count == 0,
            TestState::Holds | TestState::NotListed => false,
        };
        let list = if is_exclusion { &test.excluded } else { &test.wanted };
        let (reason, seen) = match (state, seen(&test.attribute, facts)) {
            (TestState::Excluded, Ok(seen)) => (FailureReason::Excluded, seen),
            (TestState::Unknown, Ok(fact)) => (FailureReason::Unknown, fact),
            (TestState::Unknown, Err(fact)) => (FailureReason::Unknown, fact.to_owned()),
            (TestState::Excluded, Err(nothing)) => (FailureReason::Excluded, nothing.to_owned()),
            (TestState::Holds | TestState::NotListed, Ok(seen)) => (FailureReason::NotListed, seen),
            (TestState::Holds | TestState::NotListed, Err(nothing)) => (FailureReason::Missing, nothing.to_owned()),
        };
        FailedTest {
            field: if is_exclusion { negative(&test.field) } else { test.field.clone() },
            reason,
            seen,
            wanted: list.text.clone(),
            is_list: list.count > 1,
            place: test.place,
        }
    }

    /// Counts failed tests for 64 entries at a time: plane `p` of a word holds bit `p` of 64 counters.
    fn closest_rule(&self, scratch: &mut Scratch) -> Option<usize> {
        let Scratch { accumulator, unknown, planes, .. } = scratch;
        let layout = &self.layout;
        let depth = (usize::BITS - layout.deepest.leading_zeros()) as usize;
        planes.clear();
        planes.resize(layout.entries.len() * depth, 0);
        for (position, (slot, [matched, excluded])) in layout.slots.iter().zip(accumulator.as_chunks::<2>().0).enumerate() {
            let open = unknown.get(position).copied().unwrap_or_default();
            let mut carry = !((slot.free | matched) & !excluded) | open;
            let start = slot.word as usize * depth;
            for plane in planes.get_mut(start..start + depth).unwrap_or_default() {
                if carry == 0 {
                    break;
                }
                (*plane, carry) = (*plane ^ carry, *plane & carry);
            }
        }
        let (from, to) = planes.split_at_mut_checked(layout.from_words * depth)?;
        fold_counts(from, depth, layout.rule_words, &layout.more_from);
        fold_counts(to, depth, layout.rule_words, &layout.more_to);
        let (valid_from, valid_to) = layout.entries.split_at_checked(layout.from_words)?;
        let valid = valid_from.iter().zip(valid_to).take(layout.rule_words).map(|(from, to)| from & to);
        let mut best: Option<(usize, usize)> = None;
        for (word, valid) in valid.enumerate() {
            let range = word * depth..(word + 1) * depth;
            let (Some(from), Some(to)) = (from.get(range.clone()), to.get(range)) else { continue };
            if let Some((count, bit)) = least_sum(from, to, valid)
                && best.is_none_or(|(least, _)| count < least)
            {
                best = Some((count, word * 64 + bit));
            }
        }
        best.map(|(_, rule)| rule)
    }
}

/// The least counter of two sides added, and the first bit that has it.
fn least_sum(from: &[u64], to: &[u64], valid: u64) -> Option<(usize, usize)> {
    if valid == 0 {
        return None;
    }
    let mut sums = [0_u64; usize::BITS as usize + 1];
    let mut carry = 0;
    let mut used = 0;
    for (sum, (left, right)) in sums.iter_mut().zip(from.iter().zip(to)) {
        *sum = left ^ right ^ carry;
        carry = (left & right) | (carry & (left ^ right));
        used += 1;
    }
    if let Some(sum) = sums.get_mut(used) {
        *sum = carry;
    }
    let mut candidates = valid;
    let mut least = 0;
    for sum in sums.get(..=used)?.iter().rev() {
        let without = candidates & !sum;
        least = least * 2 + usize::from(without == 0);
        if without != 0 {
            candidates = without;
        }
    }
    Some((least, candidates.trailing_zeros() as usize))
}

/// A rule's own counter becomes the least among its entries.
fn fold_counts(side: &mut [u64], depth: usize, rule_words: usize, more: &[u32]) {
    for (number, rule) in more.iter().enumerate() {
        let count = counter(side, depth, rule_words * 64 + number);
        if count < counter(side, depth, *rule as usize) {
            set_counter(side, depth, *rule as usize, count);
        }
    }
}

fn counter(side: &[u64], depth: usize, position: usize) -> usize {
    let start = position / 64 * depth;
    let planes = side.get(start..start + depth).unwrap_or_default();
    planes.iter().rev().fold(0, |count, plane| count * 2 + usize::from(plane >> (position % 64) & 1 == 1))
}

fn set_counter(side: &mut [u64], depth: usize, position: usize, count: usize) {
    let start = position / 64 * depth;
    let bit = 1_u64 << (position % 64);
    for (power, plane) in side.get_mut(start..start + depth).unwrap_or_default().iter_mut().enumerate() {
        if count >> power & 1 == 1 {
            *plane |= bit;
        } else {
            *plane &= !bit;
        }
    }
}

/// `paths` becomes `notPaths`; the negative list of a condition is named after its key.
fn negative(field: &str) -> String {
    let mut characters = field.chars();
    match characters.next() {
        Some(first) if !field.contains('.') => format!("not{}{}", first.to_ascii_uppercase(), characters.as_str()),
        _ => format!("{field} notValues"),
    }
}

/// Characters of a value that are shown.
const SHOWN: usize = 200;

fn shown(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What the request has for an attribute, or why it has nothing.
fn seen(attribute: &Attribute, facts: &Facts<'_>) -> Result<String, &'static str> {
    match attribute {
        Attribute::Principal | Attribute::Namespace | Attribute::ServiceAccount | Attribute::TrustDomain => match facts.peer {
            [] => Err("no peer certificate"),
            [name] => Ok(shown(as_principal(name))),
            names => Ok(shown(&names.iter().map(|name| as_principal(name)).collect::<Vec<_>>().join(" and "))),
        },
        Attribute::SourceIp => address(facts.source_ip),
        Attribute::RemoteIp => address(facts.remote_ip),
        Attribute::DestinationIp => address(facts.destination_ip),
        Attribute::DestinationPort => Ok(facts.destination_port.to_string()),
        Attribute::Sni => match facts.sni {
            Known::Yes("") => Err("no server name"),
            Known::Yes(name) => Ok(shown(name)),
            Known::No(fact) => Err(fact),
        },
        Attribute::Metadata(..) => Err("no dynamic metadata offline"),
        Attribute::Host
        | Attribute::Method
        | Attribute::Path
        | Attribute::Header(_)
        | Attribute::RequestPrincipal
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Claim(_) => seen_in_request(attribute, facts),
    }
}

fn seen_in_request(attribute: &Attribute, facts: &Facts<'_>) -> Result<String, &'static str> {
    let http = facts.http.as_ref().ok_or("no HTTP request")?;
    let claims = || http.claims.ok_or("no token");
    match attribute {
        Attribute::Host => Ok(shown(http.authority)),
        Attribute::Method => Ok(shown(http.method)),
        Attribute::Path => http.path.map(|path| shown(bare_path(path))).ok_or("no path"),
        Attribute::Header(name) => match header_name(name).as_str() {
            ":method" => Ok(shown(http.method)),
            ":authority" => Ok(shown(http.authority)),
            ":scheme" => Ok(shown(http.scheme)),
            ":path" => http.path.map(shown).ok_or("no path"),
            name => {
                let mut values = http.headers.values(name);
                let first = values.next().ok_or("no such header")?;
                Ok(values.fold(quoted(first), |text, value| format!("{text} and {}", quoted(value))))
            }
        },
        Attribute::RequestPrincipal => {
            let claims = claims()?;
            match (text_claim(claims, "iss"), text_claim(claims, "sub")) {
                (Some(issuer), Some(subject)) => Ok(shown(&format!("{issuer}/{subject}"))),
                _ => Err("a token without issuer or subject"),
            }
        }
        Attribute::Audiences => claim(claims()?, &["aud".to_owned()]),
        Attribute::Presenter => claim(claims()?, &["azp".to_owned()]),
        Attribute::Claim(path) => claim(claims()?, path),
        Attribute::Principal
        | Attribute::Namespace
        | Attribute::ServiceAccount
        | Attribute::TrustDomain
        | Attribute::SourceIp
        | Attribute::RemoteIp
        | Attribute::DestinationIp
        | Attribute::DestinationPort
        | Attribute::Sni
        | Attribute::Metadata(..) => Err("not part of a request"),
    }
}

fn quoted(value: &str) -> String {
    if value.is_empty() { "an empty value".to_owned() } else { shown(value) }
}

fn as_principal(name: &str) -> &str {
    name.strip_prefix("spiffe://").unwrap_or(name)
}

fn address(address: Known<std::net::IpAddr>) -> Result<String, &'static str> {
    match address {
        Known::Yes(address) => Ok(address.to_string()),
        Known::No(fact) => Err(fact),
    }
}

fn claim(claims: &Value, path: &[String]) -> Result<String, &'static str> {
    match claim_at(claims, path) {
        Some(Value::String(text)) => Ok(quoted(text)),
        Some(value @ Value::Array(_)) => Ok(shown(&value.to_string())),
        Some(value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_))) => {
            Ok(format!("{}, which is not text,", shown(&value.to_string())))
        }
        None => Err("no such claim"),
    }
}
