//! Entries of a rule that no request can satisfy.

use crate::diag::Span;
use crate::lint::MeshView;
use crate::lint::rules::authorization::cover::covers;
use crate::lint::rules::authorization::cover::excludes;
use crate::lint::rules::authorization::cover::is_everything;
use crate::lint::rules::authorization::cover::is_identity;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::policy::Attribute;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Test;
use crate::policy::Value;

/// Two parts of an entry that exclude each other, or one that excludes everything.
#[derive(Debug)]
pub(super) struct Contradiction<'p> {
    /// What is asked for; `None` when the other part excludes everything.
    pub(super) wanted: Option<(&'p Test, &'p Value)>,
    /// What excludes it.
    pub(super) against: (&'p Test, &'p Value),
    /// It stands in a `not` list.
    pub(super) is_negated: bool,
}

impl Contradiction<'_> {
    /// Both parts are fields of one `source`.
    fn is_within_source(&self) -> bool {
        let is_source = |test: &Test| is_from(&test.attribute) && !test.field.contains('.');
        self.wanted.is_some_and(|(test, _)| is_source(test)) && is_source(self.against.0)
    }

    /// The name of the field that excludes.
    pub(super) fn against_name(&self) -> String {
        let (test, _) = self.against;
        if self.is_negated { negated(&test.field) } else { test.field.clone() }
    }

    /// Where the part that excludes stands.
    pub(super) fn span(&self) -> Span {
        self.against.1.written.span
    }
}

/// The name of the `not` form of a field, or of the values of a condition.
pub(super) fn negated(field: &str) -> String {
    if field.contains('.') {
        return format!("notValues of {field}");
    }
    let mut characters = field.chars();
    characters.next().map_or_else(String::new, |first| format!("not{}{}", first.to_ascii_uppercase(), characters.as_str()))
}

fn is_from(attribute: &Attribute) -> bool {
    is_identity(attribute) || matches!(attribute, Attribute::SourceIp | Attribute::RemoteIp | Attribute::RequestPrincipal)
}

/// The first contradiction of an entry. Trust domains are compared only when the mesh's own is known.
pub(super) fn in_entry(entry: &Entry, knows_trust_domain: bool) -> Option<Contradiction<'_>> {
    let compares = |one: &Test, other: &Test| {
        knows_trust_domain
            || [one, other].iter().all(|test| test.attribute != Attribute::TrustDomain)
            || one.attribute == other.attribute
    };
    for test in &entry.tests {
        if let Some(not) = test.not_values.iter().find(|not| is_everything(&test.attribute, &not.pattern)) {
            return Some(Contradiction { wanted: None, against: (test, not), is_negated: true });
        }
        let Some(wanted) = test.values.first() else { continue };
        for other in entry.tests.iter().filter(|other| compares(test, other)) {
            let excluder = |value: &Value| {
                let inner = (&test.attribute, &value.pattern);
                other.not_values.iter().find(|not| covers((&other.attribute, &not.pattern), inner))
            };
            if let Some(not) = excluder(wanted)
                && test.values.iter().all(|value| excluder(value).is_some())
            {
                return Some(Contradiction { wanted: Some((test, wanted)), against: (other, not), is_negated: true });
            }
            let is_excluded = |value: &Value| {
                let one = (&test.attribute, &value.pattern);
                other.values.iter().all(|against| excludes(one, (&other.attribute, &against.pattern)))
            };
            if let Some(against) = other.values.first().filter(|_| !std::ptr::eq(test, other))
                && test.values.iter().all(is_excluded)
            {
                // The later of the two is pointed at.
                let (first, second) = ((test, wanted), (other, against));
                let is_ordered = first.1.written.span.offset <= second.1.written.span.offset;
                let (wanted, against) = if is_ordered { (first, second) } else { (second, first) };
                return Some(Contradiction { wanted: Some(wanted), against, is_negated: false });
            }
        }
    }
    None
}

/// A contradiction with what the simulator says of it.
#[derive(Debug)]
pub(super) struct Found<'v> {
    pub(super) contradiction: Contradiction<'v>,
    pub(super) action: Action,
    /// A request with what the entry asks for, that the rule does not match.
    pub(super) witness: Option<String>,
}

/// Every contradiction between the fields of one source.
pub(super) fn in_sources<'v>(view: &'v MeshView<'_>) -> Vec<Found<'v>> {
    all(view, true)
}

/// Every other contradiction.
pub(super) fn elsewhere<'v>(view: &'v MeshView<'_>) -> Vec<Found<'v>> {
    all(view, false)
}

/// Every contradiction of the policies that is, or is not, within one source; each place once.
fn all<'v>(view: &'v MeshView<'_>, is_within_source: bool) -> Vec<Found<'v>> {
    let mut found: Vec<Found<'v>> = Vec::new();
    let mut witnesses = Witnesses::new(view);
    for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
        let Some(lowered) = view.lowered(index) else { continue };
        for rule in lowered.engines.rules() {
            for entry in rule.from.iter().chain(&rule.to) {
                let Some(contradiction) =
                    in_entry(entry, view.has_mesh_configuration).filter(|found| found.is_within_source() == is_within_source)
                else {
                    continue;
                };
                let place = (contradiction.span().source, contradiction.span().offset);
                let is_told = |other: &Found<'_>| (other.contradiction.span().source, other.contradiction.span().offset) == place;
                if found.iter().rev().take_while(|other| other.contradiction.span().source == place.0).any(is_told) {
                    continue;
                }
                let action = policy.spec.action.value;
                match witness(view, index, rule, action, &mut witnesses) {
                    Answer::Matches => {}
                    Answer::Shows(witness) => found.push(Found { contradiction, action, witness: Some(witness) }),
                    Answer::Nothing => found.push(Found { contradiction, action, witness: None }),
                }
            }
        }
    }
    found
}

enum Answer {
    /// The rule matches after all.
    Matches,
    /// It does not.
    Shows(String),
    /// No request can be put.
    Nothing,
}

fn witness(view: &MeshView<'_>, index: usize, rule: &EngineRule, action: Action, witnesses: &mut Witnesses<'_>) -> Answer {
    // With further entries the request may be another one's.
    let ([from], [to]) = (rule.from.as_slice(), rule.to.as_slice()) else { return Answer::Nothing };
    let Some(policy) = view.mesh.authorization_policies.get(index) else { return Answer::Nothing };
    for workload in view.workloads_of(policy).into_iter().take(3) {
        let Some(request) = sample::request(view, workload, Caller::Identified, from, to) else { continue };
        let Some(witness) = witnesses.ask(&request) else { continue };
        if witness.is_settled_by(&policy.id.namespace, &policy.id.name, rule.rule) {
            return Answer::Matches;
        }
        if (action == Action::Allow && witness.is_denied()) || (action == Action::Deny && witness.is_allowed()) {
            return Answer::Shows(witness.scenario);
        }
    }
    Answer::Nothing
}

/// What it means that the rule, or this part of it, never matches.
pub(super) fn consequence(action: Action) -> &'static str {
    match action {
        Action::Allow => "nobody is allowed by it",
        Action::Deny => "nobody is denied by it",
        Action::Audit => "nothing is written down by it",
        Action::Custom => "nobody is asked about it",
    }
}
