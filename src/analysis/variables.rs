//! The variables of one comparison: what both sides' rules look at, each cut into classes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use biodivine_lib_bdd::Bdd;
use rustc_hash::FxHashMap;
use rustc_hash::FxHashSet;

use crate::analysis::slot;
use crate::analysis::slot::Conventions;
use crate::analysis::slot::Place;
use crate::analysis::slot::Slot;
use crate::analysis::space::DomainId;
use crate::analysis::space::Shape;
use crate::analysis::space::Space;
use crate::analysis::space::SpaceBuilder;
use crate::analysis::space::TooMany;
use crate::analysis::space::blocks;
use crate::analysis::space::language::Class;
use crate::analysis::space::language::Classifier;
use crate::analysis::space::language::Cuts;
use crate::analysis::space::language::Language;
use crate::analysis::token::Tokens;
use crate::policy::Attribute;
use crate::policy::Engines;
use crate::policy::Pattern;
use crate::policy::TextPattern;
use crate::simulate::http::normalize;

/// Why a comparison cannot be exact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::analysis) enum Obstacle {
    /// The classes or diagrams grow beyond all bounds.
    TooMany,
    /// Something that is not modelled.
    Unmodelled(String),
}

impl From<TooMany> for Obstacle {
    fn from(_: TooMany) -> Self {
        Self::TooMany
    }
}

impl Obstacle {
    /// The reason in one sentence.
    pub(in crate::analysis) fn why(&self) -> String {
        match self {
            Self::TooMany => "the policies have too many values to compare exactly".to_owned(),
            Self::Unmodelled(why) => why.clone(),
        }
    }
}

/// Who may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::analysis) enum Peers {
    /// Nobody with a certificate.
    Nobody,
    /// Every identity of these trust domains.
    Everyone(Vec<String>),
    /// These names, as certificates write them.
    Only(Vec<String>),
}

/// A value of a policy with the attribute it is compared to.
type Term = (Attribute, Pattern);

/// How a header reaches the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeaderForm {
    /// The proxy takes it away.
    Removed,
    /// It arrives as one value, or not at all.
    Single,
    /// It always arrives, as one value.
    Always,
    /// It may arrive several times.
    Several,
}

/// One variable.
#[derive(Debug)]
pub(in crate::analysis) struct Variable {
    pub(in crate::analysis) slot: Slot,
    pub(in crate::analysis) domain: DomainId,
    pub(in crate::analysis) terms: Vec<Term>,
    /// What each term is called.
    pub(in crate::analysis) words: Vec<String>,
    pub(in crate::analysis) classes: Vec<Class>,
    /// Classes that each term matches.
    pub(in crate::analysis) members: Vec<Vec<usize>>,
    /// The class of requests without the attribute.
    pub(in crate::analysis) absent: Option<usize>,
    /// The attribute may have several values: terms are flags, and classes are the values to pick from.
    pub(in crate::analysis) is_set: bool,
    index: FxHashMap<Term, usize>,
}

/// What both sides' rules look at.
#[derive(Debug)]
pub(in crate::analysis) struct Variables {
    pub(in crate::analysis) space: Space,
    pub(in crate::analysis) all: Vec<Variable>,
    pub(in crate::analysis) conventions: Conventions,
    /// External providers, in the order of their flags.
    pub(in crate::analysis) providers: Vec<String>,
    /// Combinations of memberships that no request has are not in it.
    pub(in crate::analysis) possible: Bdd,
    by_slot: BTreeMap<Slot, usize>,
}

/// What is to be compared.
#[derive(Debug)]
pub(in crate::analysis) struct Question<'q> {
    pub(in crate::analysis) cuts: &'q Cuts,
    pub(in crate::analysis) engines: &'q [&'q Engines],
    pub(in crate::analysis) tokens: &'q Tokens,
    pub(in crate::analysis) peers: Peers,
    pub(in crate::analysis) is_gateway: bool,
    pub(in crate::analysis) has_tls: bool,
    pub(in crate::analysis) remote_is_source: bool,
    pub(in crate::analysis) normalization: crate::manifest::kinds::PathNormalization,
}

fn tests<'e>(engines: &[&'e Engines]) -> impl Iterator<Item = &'e crate::policy::Test> {
    let engines = engines.to_vec();
    engines.into_iter().flat_map(Engines::rules).flat_map(|rule| rule.from.iter().chain(&rule.to)).flat_map(|entry| &entry.tests)
}

impl Variables {
    /// Cuts every attribute that some rule looks at.
    pub(in crate::analysis) fn new(question: &Question<'_>) -> Result<Self, Obstacle> {
        let conventions = conventions(question);
        let mut terms: BTreeMap<Slot, Vec<Term>> = BTreeMap::new();
        let mut known: FxHashSet<(&Attribute, &Pattern)> = FxHashSet::default();
        for test in tests(question.engines) {
            let own = match slot::place(&test.attribute, conventions) {
                Place::Slot(own) => own,
                Place::Port | Place::Issuer | Place::Nowhere => continue,
                Place::Unmodelled(why) => return Err(Obstacle::Unmodelled(why.to_owned())),
            };
            for value in test.values.iter().chain(&test.not_values) {
                if known.insert((&test.attribute, &value.pattern)) {
                    terms.entry(own.clone()).or_default().push((test.attribute.clone(), value.pattern.clone()));
                }
            }
        }
        // Where a rule looks at audiences, those that decide about tokens are told apart as well.
        if let Some(audiences) = terms.get_mut(&Slot::Claim(vec!["aud".to_owned()])) {
            let asked_for: BTreeSet<&String> = question.tokens.kinds().iter().flat_map(|kind| kind.asked_for.iter()).collect();
            for audience in asked_for {
                let term = (Attribute::Audiences, Pattern::Text(TextPattern::Exact(audience.clone())));
                if !audiences.contains(&term) {
                    audiences.push(term);
                }
            }
        }
        if question.tokens.kinds().len() > 1 {
            terms.entry(Slot::Token).or_default();
        }
        let providers: BTreeSet<&str> = question
            .engines
            .iter()
            .flat_map(|engines| &engines.custom)
            .filter(|custom| custom.outcome == crate::policy::CustomOutcome::Ask)
            .map(|custom| custom.provider.as_str())
            .collect();
        let providers: Vec<String> = providers.into_iter().map(str::to_owned).collect();
        if !providers.is_empty() {
            terms.entry(Slot::Providers).or_default();
        }
        check(question, &terms)?;
        let mut builder = SpaceBuilder::default();
        let mut all = Vec::with_capacity(terms.len());
        for (slot, terms) in terms {
            all.push(variable(slot, terms, question, conventions, providers.len(), &mut builder)?);
        }
        let space = builder.build()?;
        let by_slot = all.iter().enumerate().map(|(at, variable)| (variable.slot.clone(), at)).collect();
        let mut variables = Self { possible: space.all(), space, all, conventions, providers, by_slot };
        variables.possible = variables.possible(question.tokens)?;
        Ok(variables)
    }

    /// The variable of a slot, when some rule looks at it.
    pub(in crate::analysis) fn of(&self, slot: &Slot) -> Option<&Variable> {
        self.by_slot.get(slot).and_then(|at| self.all.get(*at))
    }

    /// The variable with this domain.
    pub(in crate::analysis) fn of_domain(&self, domain: DomainId) -> Option<&Variable> {
        self.all.iter().find(|variable| variable.domain == domain)
    }

    /// Requests whose attribute matches one of these patterns.
    pub(in crate::analysis) fn matching<'p>(
        &self,
        attribute: &Attribute,
        patterns: impl Iterator<Item = &'p Pattern>,
    ) -> Result<Bdd, Obstacle> {
        let Place::Slot(slot) = slot::place(attribute, self.conventions) else { return Ok(self.space.none()) };
        let Some(variable) = self.of(&slot) else { return Ok(self.space.none()) };
        let numbers = patterns.filter_map(|pattern| variable.index.get(&(attribute.clone(), pattern.clone())).copied());
        if variable.is_set {
            let mut any = self.space.none();
            for number in numbers {
                any = self.space.or(&any, &self.space.flag(variable.domain, number))?;
            }
            return Ok(any);
        }
        let classes: BTreeSet<usize> = numbers.filter_map(|number| variable.members.get(number)).flatten().copied().collect();
        let classes: Vec<usize> = classes.into_iter().collect();
        Ok(self.space.any_of(variable.domain, &classes))
    }

    /// What several values at once can be, and what tokens must say.
    fn possible(&self, tokens: &Tokens) -> Result<Bdd, Obstacle> {
        let mut possible = self.space.all();
        for variable in self.all.iter().filter(|variable| variable.is_set && variable.slot != Slot::Providers) {
            possible = self.space.and(&possible, &self.unions(variable)?)?;
            if let Slot::Claim(path) = &variable.slot {
                for other in &self.all {
                    if let Slot::Claim(longer) = &other.slot
                        && longer.len() > path.len()
                        && longer.starts_with(path)
                    {
                        // What holds further claims is no text.
                        let (own, others) = (self.any_flag(variable)?, self.any_flag(other)?);
                        let both = self.space.and(&own, &others)?;
                        possible = self.space.and_not(&possible, &both)?;
                    }
                }
            }
        }
        let (Some(kinds), Some(audiences)) = (self.of(&Slot::Token), self.of(&Slot::Claim(vec!["aud".to_owned()]))) else {
            return Ok(possible);
        };
        for (number, kind) in tokens.kinds().iter().enumerate() {
            let own = self.space.any_of(kinds.domain, &[number]);
            for audience in kind.asked_for.iter() {
                let term = (Attribute::Audiences, Pattern::Text(TextPattern::Exact(audience.clone())));
                let Some(term) = audiences.index.get(&term) else { continue };
                let named = self.space.flag(audiences.domain, *term);
                let wrong = if kind.audiences.contains(audience) {
                    self.space.and_not(&own, &named)?
                } else {
                    self.space.and(&own, &named)?
                };
                possible = self.space.and_not(&possible, &wrong)?;
            }
        }
        Ok(possible)
    }

    fn any_flag(&self, variable: &Variable) -> Result<Bdd, Obstacle> {
        let mut any = self.space.none();
        for term in 0..variable.terms.len() {
            any = self.space.or(&any, &self.space.flag(variable.domain, term))?;
        }
        Ok(any)
    }

    /// Several values together match what each of them matches: a flag holds only where some value brings it along, with all others of
    /// that value.
    fn unions(&self, variable: &Variable) -> Result<Bdd, Obstacle> {
        let space = &self.space;
        let mut possible = space.all();
        for term in 0..variable.terms.len() {
            let with_it = variable.classes.iter().filter(|class| class.languages.contains(&term));
            if with_it.clone().any(|class| class.languages.len() == 1) {
                continue;
            }
            let mut some = space.none();
            for class in with_it {
                let mut whole = space.all();
                for flag in &class.languages {
                    whole = space.and(&whole, &space.flag(variable.domain, *flag))?;
                }
                some = space.or(&some, &whole)?;
            }
            let without = space.and_not(&space.flag(variable.domain, term), &some)?;
            possible = space.and_not(&possible, &without)?;
        }
        Ok(possible)
    }
}

fn conventions(question: &Question<'_>) -> Conventions {
    let mut any_method = false;
    let mut with_query = false;
    for test in tests(question.engines) {
        let looks_at = |name: &str| matches!(&test.attribute, Attribute::Header(own) if own.eq_ignore_ascii_case(name));
        with_query |= looks_at(":path");
        if test.attribute == Attribute::Method || looks_at(":method") {
            // Another word than HTTP/1 knows can only be meant for HTTP/2.
            any_method |= test.values.iter().chain(&test.not_values).any(|value| {
                let empty = Conventions {
                    remote_is_source: false,
                    normalization: question.normalization,
                    any_method: false,
                    with_query: false,
                };
                let language = slot::language(&test.attribute, &value.pattern, empty);
                !slot::METHODS.iter().any(|method| language.holds(method))
            });
        }
    }
    Conventions { remote_is_source: question.remote_is_source, normalization: question.normalization, any_method, with_query }
}

/// Combinations of attributes that depend on each other in ways that are not modelled.
fn check(question: &Question<'_>, terms: &BTreeMap<Slot, Vec<Term>>) -> Result<(), Obstacle> {
    for slot in terms.keys() {
        let Slot::Header(name) = slot else { continue };
        let why = match name.as_str() {
            "authorization" | "cookie" if question.tokens.kinds().len() > 1 => "which also carries the token",
            "x-forwarded-client-cert" if question.has_tls => "which the proxy writes itself",
            "x-forwarded-for" if question.is_gateway || terms.contains_key(&Slot::RemoteIp) => {
                "which also tells the client's address"
            }
            "x-forwarded-proto" | "x-envoy-external-address" if question.is_gateway => "which the gateway writes itself",
            name if question.tokens.output_headers().contains(name) => "which is filled from the token",
            _ => continue,
        };
        return Err(Obstacle::Unmodelled(format!("a rule looks at header `{name}`, {why}")));
    }
    Ok(())
}

/// Headers the proxy keeps in one slot.
const SINGLE: [&str; 20] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-client-trace-id",
    "user-agent",
    "content-type",
    "authorization",
    "accept",
    "accept-encoding",
    "origin",
    "via",
    "cache-control",
    "pragma",
    "expect",
    "if-none-match",
    "access-control-request-method",
    "grpc-timeout",
    "grpc-accept-encoding",
    "x-envoy-external-address",
    "x-envoy-original-path",
    "cookie",
];

fn header_form(name: &str) -> Result<HeaderForm, Obstacle> {
    Ok(match name {
        "connection" | "keep-alive" | "proxy-connection" | "transfer-encoding" | "upgrade" => HeaderForm::Removed,
        "te" | "referer" => return Err(Obstacle::Unmodelled(format!("a rule looks at header `{name}`, which the proxy edits"))),
        "x-request-id" | "x-forwarded-proto" => HeaderForm::Always,
        name if SINGLE.contains(&name) => HeaderForm::Single,
        name if name.starts_with("x-envoy-") => HeaderForm::Removed,
        _ => HeaderForm::Several,
    })
}

fn variable(
    slot: Slot,
    terms: Vec<Term>,
    question: &Question<'_>,
    conventions: Conventions,
    providers: usize,
    builder: &mut SpaceBuilder,
) -> Result<Variable, Obstacle> {
    let mut is_set = false;
    let mut can_be_absent = false;
    let languages = || -> Vec<Language> {
        terms.iter().map(|(attribute, pattern)| slot::language(attribute, pattern, conventions)).collect()
    };
    let mut classes = match &slot {
        Slot::Token => (0..question.tokens.kinds().len())
            .map(|number| Class { languages: Vec::new(), representative: number.to_string() })
            .collect(),
        Slot::Providers => {
            is_set = true;
            Vec::new()
        }
        Slot::SourceIp | Slot::RemoteIp | Slot::DestinationIp => {
            let blocks: Vec<(IpAddr, u8)> = terms
                .iter()
                .filter_map(
                    |(_, pattern)| if let Pattern::Cidr(address, length) = pattern { Some((*address, *length)) } else { None },
                )
                .collect();
            blocks::cut(&blocks)
        }
        Slot::Peer => peers(question, languages())?,
        Slot::Header(name) => {
            let form = header_form(name)?;
            is_set = form == HeaderForm::Several;
            can_be_absent = form == HeaderForm::Single || form == HeaderForm::Removed;
            if form == HeaderForm::Removed {
                Vec::new()
            } else {
                question.cuts.of(slot::domain(&slot, conventions), Vec::new(), languages())?
            }
        }
        Slot::Claim(_) => {
            is_set = true;
            question.cuts.of(slot::domain(&slot, conventions), Vec::new(), languages())?
        }
        Slot::Subject => {
            can_be_absent = true;
            question.cuts.of(slot::domain(&slot, conventions), Vec::new(), languages())?
        }
        Slot::Method | Slot::Path | Slot::Authority | Slot::Sni => {
            question.cuts.of(slot::domain(&slot, conventions), slot::never(&slot, conventions), languages())?
        }
    };
    if slot == Slot::Path {
        let is_seen = |path: &str| normalize(path, conventions.normalization).is_ok_and(|seen| seen == path);
        if classes.iter().any(|class| !is_seen(&class.representative) && class.representative.contains('%')) {
            let why = "a path pattern holds a percent sign, and which of its paths the proxy shows as they are is not modelled";
            return Err(Obstacle::Unmodelled(why.to_owned()));
        }
        classes.retain(|class| is_seen(&class.representative));
    }
    if slot == Slot::Method {
        // The usual ones say more than others of their class.
        let own = languages();
        for class in &mut classes {
            let same = |method: &&&str| {
                own.iter().enumerate().all(|(at, language)| language.holds(method) == class.languages.contains(&at))
            };
            if let Some(usual) = slot::METHODS.iter().find(same) {
                (*usual).clone_into(&mut class.representative);
            }
        }
    }
    let absent = can_be_absent.then(|| {
        classes.push(Class { languages: Vec::new(), representative: String::new() });
        classes.len() - 1
    });
    let shape = match (slot == Slot::Providers, is_set) {
        (true, _) => Shape::Flags(providers),
        (false, true) => Shape::Flags(terms.len()),
        (false, false) => Shape::Choice(classes.len()),
    };
    let mut members = vec![Vec::new(); terms.len()];
    for (number, class) in classes.iter().enumerate() {
        for language in &class.languages {
            if let Some(own) = members.get_mut(*language) {
                own.push(number);
            }
        }
    }
    let index = terms.iter().enumerate().map(|(at, term)| (term.clone(), at)).collect();
    let words = terms.iter().map(|(_, pattern)| slot::words(pattern)).collect();
    Ok(Variable { domain: builder.declare(shape), slot, terms, words, classes, members, absent, is_set, index })
}

fn peers(question: &Question<'_>, languages: Vec<Language>) -> Result<Vec<Class>, Obstacle> {
    match &question.peers {
        Peers::Nobody => Ok(Vec::new()),
        Peers::Only(names) => {
            let found = Classifier::new(&languages).languages_of_each(names.iter().map(String::as_str));
            let mut classes: BTreeMap<Vec<usize>, &String> = BTreeMap::new();
            for (languages, name) in found.into_iter().zip(names) {
                classes.entry(languages).or_insert(name);
            }
            let class = |(languages, name): (Vec<usize>, &String)| Class { languages, representative: name.clone() };
            Ok(classes.into_iter().map(class).collect())
        }
        Peers::Everyone(trust_domains) => Ok(question.cuts.of(slot::identities(trust_domains), Vec::new(), languages)?),
    }
}
