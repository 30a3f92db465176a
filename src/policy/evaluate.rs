use crate::policy::Attribute;
use crate::policy::CompiledEngine;
use crate::policy::Facts;
use crate::policy::Known;
use crate::policy::compile::Lookups;
use crate::policy::compile::Postings;
use crate::policy::compile::bare_path;
use crate::policy::compile::has_line_break;
use crate::policy::compile::header_name;
use crate::policy::compile::visit_header_value;
use crate::policy::compile::visit_text;

/// What an engine says about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A rule matches.
    Match {
        /// The first one, in the order of `Engine::rules`.
        rule: usize,
    },
    /// No rule matches.
    NoMatch,
    /// No rule surely matches, and at least one would if a fact that was not given allowed it.
    Unknown {
        /// The first such rule.
        rule: usize,
        /// The missing fact, such as `source address`.
        fact: &'static str,
    },
}

/// Memory that evaluation uses again and again. Any scratch serves any engine.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// Two words per slot: values that matched, exclusions that matched.
    pub(super) accumulator: Vec<u64>,
    /// Entries that hold.
    pub(super) holding: Vec<u64>,
    /// Entries that hold or might hold; only when a fact is unknown.
    pub(super) possible: Vec<u64>,
    /// Per slot, tests on facts that are unknown; only when there are any.
    pub(super) unknown: Vec<u64>,
    /// Counters of failed tests, bit by bit.
    pub(super) planes: Vec<u64>,
    lower: String,
}

impl CompiledEngine {
    /// Which rule matches.
    #[must_use]
    pub fn evaluate(&self, facts: &Facts<'_>, scratch: &mut Scratch) -> Outcome {
        let is_complete = self.look_up(facts, scratch);
        self.settle(scratch, is_complete);
        if let Some(rule) = self.first_rule(&mut scratch.holding) {
            return Outcome::Match { rule };
        }
        if is_complete {
            return Outcome::NoMatch;
        }
        let Some(rule) = self.first_rule(&mut scratch.possible) else { return Outcome::NoMatch };
        // Folding has mixed the entries of a rule: only as they were before do they tell which test is open.
        self.settle(scratch, is_complete);
        Outcome::Unknown { rule, fact: self.open_fact(rule, facts, scratch).unwrap_or("a fact") }
    }

    /// Fills the accumulator. `false` when some test is on a fact that is unknown.
    pub(super) fn look_up(&self, facts: &Facts<'_>, scratch: &mut Scratch) -> bool {
        let Scratch { accumulator, unknown, lower, .. } = scratch;
        let slots = self.layout.slots.len();
        unknown.clear();
        accumulator.clear();
        accumulator.resize(slots * 2, 0);
        self.lookups.connection(facts, &self.postings, accumulator);
        if let Some(http) = &facts.http {
            self.lookups.request(http, &self.postings, accumulator, lower);
        }
        let mut is_complete = true;
        let is_withheld = facts.http.is_some_and(|http| http.withheld.is_some());
        let withheld = is_withheld.then_some(&self.layout.maybe_withheld);
        for (attribute, tests) in self.layout.maybe_unknown.iter().chain(withheld.into_iter().flatten()) {
            if missing_fact(attribute, facts).is_none() {
                continue;
            }
            if is_complete {
                is_complete = false;
                unknown.resize(slots, 0);
            }
            for (slot, bit) in tests {
                if let Some(word) = unknown.get_mut(*slot as usize) {
                    *word |= bit;
                }
            }
        }
        is_complete
    }

    /// Joins the tests of every entry: what surely holds, and (with unknown facts) what might.
    pub(super) fn settle(&self, scratch: &mut Scratch, is_complete: bool) {
        let Scratch { accumulator, holding, possible, unknown, .. } = scratch;
        holding.clear();
        holding.extend_from_slice(&self.layout.entries);
        let slots = self.layout.slots.iter().zip(accumulator.as_chunks::<2>().0);
        if is_complete {
            for (slot, [matched, excluded]) in slots {
                if let Some(word) = holding.get_mut(slot.word as usize) {
                    *word &= (slot.free | matched) & !excluded;
                }
            }
            return;
        }
        possible.clear();
        possible.extend_from_slice(&self.layout.entries);
        for ((slot, [matched, excluded]), open) in slots.zip(unknown.iter()) {
            let holds = (slot.free | matched) & !excluded;
            if let Some(word) = holding.get_mut(slot.word as usize) {
                *word &= holds & !open;
            }
            if let Some(word) = possible.get_mut(slot.word as usize) {
                *word &= holds | open;
            }
        }
    }

    /// The first rule one of whose `from` and one of whose `to` entries is set. Folds further entries into the rules' own bits.
    fn first_rule(&self, entries: &mut [u64]) -> Option<usize> {
        let layout = &self.layout;
        let (from, to) = entries.split_at_mut_checked(layout.from_words)?;
        fold(from, layout.rule_words, &layout.more_from);
        fold(to, layout.rule_words, &layout.more_to);
        for (word, (from, to)) in from.iter().zip(to.iter()).take(layout.rule_words).enumerate() {
            let matching = from & to;
            if matching != 0 {
                return Some(word * 64 + matching.trailing_zeros() as usize);
            }
        }
        None
    }

    /// A fact some test of the rule waits for, `from` before `to`.
    fn open_fact(&self, rule: usize, facts: &Facts<'_>, scratch: &Scratch) -> Option<&'static str> {
        let rule = self.layout.rules.get(rule)?;
        let entries = rule.from.iter().chain(&rule.to);
        let possible =
            entries.filter(|entry| scratch.possible.get(entry.word as usize).is_some_and(|word| word & entry.bit != 0));
        possible.flat_map(|entry| &entry.tests).find_map(|test| missing_fact(&test.attribute, facts))
    }
}

/// A rule's own bit stands for all its entries afterwards.
fn fold(side: &mut [u64], rule_words: usize, more: &[u32]) {
    if more.is_empty() {
        return;
    }
    let Some((rules, entries)) = side.split_at_mut_checked(rule_words) else { return };
    for (word, bits) in entries.iter().enumerate() {
        let mut bits = *bits;
        while bits != 0 {
            let position = word * 64 + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let rule = more.get(position).map_or(0, |rule| *rule as usize);
            if let Some(word) = rules.get_mut(rule / 64) {
                *word |= 1 << (rule % 64);
            }
        }
    }
}

/// The name of the fact an attribute needs, when it is unknown.
pub(super) fn missing_fact(attribute: &Attribute, facts: &Facts<'_>) -> Option<&'static str> {
    let address = |known| match known {
        Known::Yes(_) => None,
        Known::No(fact) => Some(fact),
    };
    match attribute {
        Attribute::SourceIp => address(facts.source_ip),
        Attribute::RemoteIp => address(facts.remote_ip),
        Attribute::DestinationIp => address(facts.destination_ip),
        Attribute::Sni => match facts.sni {
            Known::Yes(_) => None,
            Known::No(fact) => Some(fact),
        },
        Attribute::Header(name) => {
            let withheld = facts.http.and_then(|http| http.withheld)?;
            withheld.hides_header(&header_name(name)).then_some("value of a header that was not kept")
        }
        Attribute::Audiences | Attribute::Presenter | Attribute::Claim(_) => {
            let http = facts.http.filter(|http| http.claims.is_some() && http.withheld.is_some_and(|withheld| withheld.claims));
            http.map(|_| "value of a claim that was not kept")
        }
        Attribute::Principal
        | Attribute::Namespace
        | Attribute::ServiceAccount
        | Attribute::TrustDomain
        | Attribute::DestinationPort
        | Attribute::Host
        | Attribute::Method
        | Attribute::Path
        | Attribute::RequestPrincipal
        | Attribute::Metadata(..) => None,
    }
}

impl Lookups {
    /// Everything known of the connection.
    #[inline]
    fn connection(&self, facts: &Facts<'_>, postings: &Postings, accumulator: &mut [u64]) {
        let mut found = |hit| postings.apply(hit, accumulator);
        for name in facts.peer {
            let is_broken = has_line_break(name);
            if let Some(index) = &self.principals {
                index.visit(name, is_broken, &mut found);
            }
            if let Some(index) = self.namespaces.as_ref().filter(|_| !is_broken) {
                index.visit(name, &mut found);
            }
            if let Some(index) = self.service_accounts.as_ref().filter(|_| !is_broken) {
                index.visit(name, &mut found);
            }
            if let Some(index) = &self.trust_domains {
                index.visit(name, &mut found);
            }
        }
        let addresses = [
            (&self.source_ip, facts.source_ip),
            (&self.remote_ip, facts.remote_ip),
            (&self.destination_ip, facts.destination_ip),
        ];
        for (index, address) in addresses {
            if let (Some(index), Known::Yes(address)) = (index, address) {
                index.visit(address, &mut found);
            }
        }
        if !self.destination_port.is_empty()
            && let Some(hit) = self.destination_port.get(&facts.destination_port)
        {
            found(*hit);
        }
        if let (Some(index), Known::Yes(sni)) = (&self.sni, facts.sni) {
            visit_text(index, sni, &mut found);
        }
    }

    /// Everything known of the request.
    #[inline]
    fn request(&self, http: &crate::policy::HttpFacts<'_>, postings: &Postings, accumulator: &mut [u64], lower: &mut String) {
        let mut found = |hit| postings.apply(hit, accumulator);
        if let Some(index) = &self.host {
            if http.authority.bytes().fold(false, |found, byte| found | byte.is_ascii_uppercase()) {
                lower.clear();
                lower.push_str(http.authority);
                lower.make_ascii_lowercase();
                visit_header_value(index, lower, &mut found);
            } else {
                visit_header_value(index, http.authority, &mut found);
            }
        }
        if let Some(index) = &self.method {
            visit_header_value(index, http.method, &mut found);
        }
        if let (Some(index), Some(path)) = (&self.path, http.path) {
            index.visit(bare_path(path), &mut found);
        }
        if let Some(index) = &self.headers {
            index.visit(http, &mut found);
        }
        if let Some(claims) = http.claims {
            if let Some(index) = &self.request_principal {
                index.visit(claims, &mut found);
            }
            if let Some(index) = &self.claims {
                index.visit(claims, &mut found);
            }
        }
    }
}
