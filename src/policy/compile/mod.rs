//! An engine in the form that is evaluated: one index per attribute over all values of all rules.
//!
//! ```text
//! attribute value --index--> marks: bits "this test matched" / "this exclusion matched", one word holds 64 entries
//! slots (one word of one layer of tests) --AND--> entries that hold --AND from/to--> rules that match
//! ```
//!
//! Every rule has one bit for its first `from` entry and one for its first `to` entry, both at the rule's own number; further entries
//! have bits behind these and are folded in at the end. An entry's n-th test lives in layer n. So the cost of a request grows with
//! the attributes in use and with rules / 64, not with values.

mod address;
mod identity;
mod marks;
mod request;
mod text;
mod trie;

use std::collections::BTreeMap;

use crate::diag::Span;
use crate::policy::Attribute;
use crate::policy::Engine;
use crate::policy::Entry;
use crate::policy::Pattern;
use crate::policy::Test;
use crate::policy::TextPattern;
use crate::policy::Value;
use address::AddressBuilder;
use address::AddressIndex;
use identity::NamespaceBuilder;
use identity::NamespaceIndex;
use identity::PrincipalIndex;
use identity::ServiceAccountBuilder;
use identity::ServiceAccountIndex;
use identity::TrustDomainBuilder;
use identity::TrustDomainIndex;
use marks::Hit;
use marks::Mark;
use marks::Marks;
use request::ClaimIndex;
use request::HeaderIndex;
use request::PathBuilder;
use request::PathIndex;
use request::RequestPrincipalBuilder;
use request::RequestPrincipalIndex;
use rustc_hash::FxHashMap;
use text::TextBuilder;
use text::TextIndex;

pub(super) use identity::has_line_break;
pub(super) use marks::Postings;
pub(super) use request::bare_path;
pub(super) use request::claim_at;
pub(super) use request::header_name;
pub(super) use request::text_claim;
pub(super) use request::visit_header_value;
pub(super) use request::visit_text;

/// An engine ready to be asked many times.
#[derive(Debug, Clone)]
pub struct CompiledEngine {
    pub(super) lookups: Lookups,
    pub(super) postings: Postings,
    pub(super) layout: Layout,
}

/// Where the bits of entries and tests are, and what they stand for.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// Bits that stand for an entry: the words of `from`, then those of `to`.
    pub(super) entries: Vec<u64>,
    /// Words for the bits of rules; both sides start with as many.
    pub(super) rule_words: usize,
    /// Words of the `from` side.
    pub(super) from_words: usize,
    /// Rules of the entries behind the rules' own bits, in order of their bits.
    pub(super) more_from: Vec<u32>,
    pub(super) more_to: Vec<u32>,
    pub(super) slots: Vec<Slot>,
    pub(super) rules: Vec<RuleLayout>,
    /// The most tests an entry has.
    pub(super) deepest: usize,
    /// Slots and bits of tests on facts that may be unknown.
    pub(super) maybe_unknown: BTreeMap<Attribute, Vec<(u32, u64)>>,
    /// The same of tests on what a log may have left out.
    pub(super) maybe_withheld: BTreeMap<Attribute, Vec<(u32, u64)>>,
}

/// 64 entries' tests of one layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// The word of entries they restrict.
    pub(super) word: u32,
    /// Bits that hold although no value matched: tests without positive values, and entries without a test here.
    pub(super) free: u64,
}

/// The entries of one rule.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleLayout {
    pub(super) from: Vec<EntryLayout>,
    pub(super) to: Vec<EntryLayout>,
}

/// One entry: its bit among all entries, and its tests.
#[derive(Debug, Clone)]
pub(super) struct EntryLayout {
    pub(super) word: u32,
    pub(super) bit: u64,
    pub(super) tests: Vec<TestLayout>,
}

/// One test: its place, and what is said about it when it fails.
#[derive(Debug, Clone)]
pub(super) struct TestLayout {
    pub(super) slot: u32,
    pub(super) bit: u64,
    pub(super) attribute: Attribute,
    pub(super) field: String,
    pub(super) wanted: Wanted,
    pub(super) excluded: Wanted,
    pub(super) place: Span,
}

/// A list of values in words, cut when it is long.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub(super) text: String,
    pub(super) count: usize,
}

/// How many values of a list are named.
const NAMED_VALUES: usize = 3;

impl Wanted {
    fn new(values: &[Value]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut rest = 0_usize;
        for value in values {
            // Migration makes several values of one; they are one to the user.
            if names.len() < NAMED_VALUES {
                let name = value.effective_text();
                if !names.contains(&name) {
                    names.push(name);
                }
            } else {
                rest += 1;
            }
        }
        let count = names.len() + rest;
        let mut text = names.join(", ");
        if rest > 0 {
            text = format!("{text}, ... and {rest} more");
        }
        Self { text, count }
    }
}

/// One index per attribute that some test looks at.
#[derive(Debug, Clone, Default)]
pub(super) struct Lookups {
    pub(super) principals: Option<PrincipalIndex>,
    pub(super) namespaces: Option<NamespaceIndex>,
    pub(super) service_accounts: Option<ServiceAccountIndex>,
    pub(super) trust_domains: Option<TrustDomainIndex>,
    pub(super) source_ip: Option<AddressIndex>,
    pub(super) remote_ip: Option<AddressIndex>,
    pub(super) destination_ip: Option<AddressIndex>,
    pub(super) destination_port: FxHashMap<u16, Hit>,
    pub(super) sni: Option<TextIndex>,
    /// Patterns in lower case.
    pub(super) host: Option<TextIndex>,
    pub(super) method: Option<TextIndex>,
    pub(super) path: Option<PathIndex>,
    pub(super) headers: Option<HeaderIndex>,
    pub(super) request_principal: Option<RequestPrincipalIndex>,
    pub(super) claims: Option<ClaimIndex>,
}

impl CompiledEngine {
    /// Builds the indices of an engine.
    #[must_use]
    pub fn new(engine: &Engine) -> Self {
        let mut compiler = Compiler::default();
        let count = engine.rules.len();
        let rule_words = count.div_ceil(64);
        let extra = |entries: usize| entries.saturating_sub(1);
        let more_from: usize = engine.rules.iter().map(|rule| extra(rule.from.len())).sum();
        let more_to: usize = engine.rules.iter().map(|rule| extra(rule.to.len())).sum();
        let from_words = rule_words + more_from.div_ceil(64);
        let to_words = rule_words + more_to.div_ceil(64);
        compiler.layout.entries = vec![0; from_words + to_words];
        compiler.layout.rule_words = rule_words;
        compiler.layout.from_words = from_words;
        for (number, rule) in engine.rules.iter().enumerate() {
            let from = compiler.side(number, &rule.from, Side::From);
            let to = compiler.side(number, &rule.to, Side::To);
            compiler.layout.rules.push(RuleLayout { from, to });
        }
        compiler.finish()
    }

    /// How many rules the engine has.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        self.layout.rules.len()
    }
}

#[derive(Debug, Clone, Copy)]
enum Side {
    From,
    To,
}

#[derive(Debug, Default)]
struct Compiler {
    layout: Layout,
    /// Slot by layer and word.
    slots: BTreeMap<(usize, usize), u32>,
    principals: Option<TextBuilder>,
    namespaces: Option<NamespaceBuilder>,
    service_accounts: Option<ServiceAccountBuilder>,
    trust_domains: Option<TrustDomainBuilder>,
    source_ip: Option<AddressBuilder>,
    remote_ip: Option<AddressBuilder>,
    destination_ip: Option<AddressBuilder>,
    ports: BTreeMap<u16, Marks>,
    sni: Option<TextBuilder>,
    host: Option<TextBuilder>,
    method: Option<TextBuilder>,
    path: Option<PathBuilder>,
    headers: BTreeMap<String, TextBuilder>,
    request_principal: Option<RequestPrincipalBuilder>,
    claims: BTreeMap<Vec<String>, TextBuilder>,
}

fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

impl Compiler {
    fn side(&mut self, rule: usize, entries: &[Entry], side: Side) -> Vec<EntryLayout> {
        let mut laid_out = Vec::with_capacity(entries.len());
        for (number, entry) in entries.iter().enumerate() {
            let layout = &mut self.layout;
            let (start, more) = match side {
                Side::From => (0, &mut layout.more_from),
                Side::To => (layout.from_words, &mut layout.more_to),
            };
            let position = if number == 0 {
                rule
            } else {
                more.push(index(rule));
                layout.rule_words * 64 + more.len() - 1
            };
            let word = start + position / 64;
            let bit = 1_u64 << (position % 64);
            if let Some(word) = layout.entries.get_mut(word) {
                *word |= bit;
            }
            layout.deepest = layout.deepest.max(entry.tests.len());
            let tests = entry.tests.iter().enumerate().map(|(layer, test)| self.test(layer, word, bit, test)).collect();
            laid_out.push(EntryLayout { word: index(word), bit, tests });
        }
        laid_out
    }

    fn test(&mut self, layer: usize, word: usize, bit: u64, test: &Test) -> TestLayout {
        let Test { attribute, field, values, not_values, place } = test;
        let slots = &mut self.layout.slots;
        let slot = *self.slots.entry((layer, word)).or_insert_with(|| {
            slots.push(Slot { word: index(word), free: u64::MAX });
            index(slots.len() - 1)
        });
        if let Some(slot) = slots.get_mut(slot as usize)
            && !values.is_empty()
        {
            slot.free &= !bit;
        }
        for value in values {
            self.value(attribute, &value.pattern, Mark { at: slot * 2, bits: bit });
        }
        for value in not_values {
            self.value(attribute, &value.pattern, Mark { at: slot * 2 + 1, bits: bit });
        }
        if matches!(attribute, Attribute::SourceIp | Attribute::RemoteIp | Attribute::DestinationIp | Attribute::Sni) {
            self.layout.maybe_unknown.entry(attribute.clone()).or_default().push((slot, bit));
        }
        if matches!(attribute, Attribute::Header(_) | Attribute::Audiences | Attribute::Presenter | Attribute::Claim(_)) {
            self.layout.maybe_withheld.entry(attribute.clone()).or_default().push((slot, bit));
        }
        TestLayout {
            slot,
            bit,
            attribute: attribute.clone(),
            field: field.clone(),
            wanted: Wanted::new(values),
            excluded: Wanted::new(not_values),
            place: place.span,
        }
    }

    /// Enters one value. A pattern that does not belong to its attribute matches nothing.
    fn value(&mut self, attribute: &Attribute, pattern: &Pattern, mark: Mark) {
        match (attribute, pattern) {
            (Attribute::Principal, Pattern::Text(text)) => self.principals.get_or_insert_default().add(text.clone(), mark),
            (Attribute::Namespace, Pattern::NamespaceGlob(glob)) => self.namespaces.get_or_insert_default().add(glob, mark),
            (Attribute::ServiceAccount, Pattern::ServiceAccount { namespace, name }) => {
                self.service_accounts.get_or_insert_default().add(namespace, name, mark);
            }
            (Attribute::TrustDomain, Pattern::TrustDomainGlob(glob)) => {
                self.trust_domains.get_or_insert_default().add(glob, mark);
            }
            (Attribute::SourceIp, Pattern::Cidr(address, length)) => {
                self.source_ip.get_or_insert_default().add(*address, *length, mark);
            }
            (Attribute::RemoteIp, Pattern::Cidr(address, length)) => {
                self.remote_ip.get_or_insert_default().add(*address, *length, mark);
            }
            (Attribute::DestinationIp, Pattern::Cidr(address, length)) => {
                self.destination_ip.get_or_insert_default().add(*address, *length, mark);
            }
            (Attribute::DestinationPort, Pattern::Port(port)) => self.ports.entry(*port).or_default().add(mark),
            (Attribute::Sni, Pattern::Text(text)) => self.sni.get_or_insert_default().add(text.clone(), mark),
            (Attribute::Host, Pattern::Text(text)) => self.host.get_or_insert_default().add(lower_case(text), mark),
            (Attribute::Method, Pattern::Text(text)) => self.method.get_or_insert_default().add(text.clone(), mark),
            (Attribute::Path, Pattern::Text(text)) => self.path.get_or_insert_default().texts.add(text.clone(), mark),
            (Attribute::Path, Pattern::Template(text)) => self.path.get_or_insert_default().add_template(text, mark),
            (Attribute::Header(name), Pattern::Text(text)) => {
                self.headers.entry(header_name(name)).or_default().add(text.clone(), mark);
            }
            (Attribute::RequestPrincipal, Pattern::RequestPrincipal { issuer, subject }) => {
                self.request_principal.get_or_insert_default().add(issuer, subject, mark);
            }
            (Attribute::Audiences, Pattern::Text(text)) => self.claim(vec!["aud".to_owned()], text, mark),
            (Attribute::Presenter, Pattern::Text(text)) => self.claim(vec!["azp".to_owned()], text, mark),
            (Attribute::Claim(path), Pattern::Text(text)) => self.claim(path.clone(), text, mark),
            // Offline there is no dynamic metadata: nothing matches it. The others are given a pattern of another attribute.
            (
                Attribute::Metadata(..)
                | Attribute::Principal
                | Attribute::Namespace
                | Attribute::ServiceAccount
                | Attribute::TrustDomain
                | Attribute::SourceIp
                | Attribute::RemoteIp
                | Attribute::DestinationIp
                | Attribute::DestinationPort
                | Attribute::Sni
                | Attribute::Host
                | Attribute::Method
                | Attribute::Path
                | Attribute::Header(_)
                | Attribute::RequestPrincipal
                | Attribute::Audiences
                | Attribute::Presenter
                | Attribute::Claim(_),
                _,
            ) => {}
        }
    }

    fn claim(&mut self, path: Vec<String>, text: &TextPattern, mark: Mark) {
        self.claims.entry(path).or_default().add(text.clone(), mark);
    }

    fn finish(self) -> CompiledEngine {
        let mut postings = Postings::default();
        let store = &mut postings;
        let lookups = Lookups {
            principals: self.principals.map(|builder| PrincipalIndex(builder.build(store))),
            namespaces: self.namespaces.map(|builder| builder.build(store)),
            service_accounts: self.service_accounts.map(|builder| builder.build(store)),
            trust_domains: self.trust_domains.map(|builder| builder.build(store)),
            source_ip: self.source_ip.map(|builder| builder.build(store)),
            remote_ip: self.remote_ip.map(|builder| builder.build(store)),
            destination_ip: self.destination_ip.map(|builder| builder.build(store)),
            destination_port: self.ports.iter().map(|(port, marks)| (*port, store.store(marks))).collect(),
            sni: self.sni.map(|builder| builder.build(store)),
            host: self.host.map(|builder| builder.build(store)),
            method: self.method.map(|builder| builder.build(store)),
            path: self.path.map(|builder| builder.build(store)),
            headers: (!self.headers.is_empty()).then(|| HeaderIndex::new(self.headers, store)),
            request_principal: self.request_principal.map(|builder| builder.build(store)),
            claims: (!self.claims.is_empty()).then(|| ClaimIndex::new(self.claims, store)),
        };
        CompiledEngine { lookups, postings, layout: self.layout }
    }
}

fn lower_case(pattern: &TextPattern) -> TextPattern {
    match pattern {
        TextPattern::Present => TextPattern::Present,
        TextPattern::Exact(text) => TextPattern::Exact(text.to_ascii_lowercase()),
        TextPattern::Prefix(text) => TextPattern::Prefix(text.to_ascii_lowercase()),
        TextPattern::Suffix(text) => TextPattern::Suffix(text.to_ascii_lowercase()),
    }
}
