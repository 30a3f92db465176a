//! Rules that are wider than another one and in force wherever it is.

use std::collections::BTreeMap;

use crate::diag::Span;
use crate::lint::MeshView;
use crate::lint::rules::authorization::cover::is_match_all;
use crate::lint::rules::authorization::cover::rule_covers;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::rules::authorization::scope::Scope;
use crate::lint::rules::authorization::scope::in_force;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Object;
use crate::policy::EngineRule;

/// Rules of one scope that are tried against another rule, the widest first: enough for what people write, and a check stays linear.
const CANDIDATES: usize = 64;

/// The rules in force of one action, by scope.
#[derive(Debug)]
pub(super) struct WideRules<'v> {
    root_namespace: &'v str,
    by_scope: BTreeMap<Scope<'v>, Vec<&'v EngineRule>>,
}

/// Where a rule stands.
pub(super) fn span_of(view: &MeshView<'_>, rule: &EngineRule) -> Span {
    let span = rule.place.span;
    if span.length > 0 {
        return span;
    }
    view.mesh.authorization_policies.get(rule.policy).map_or(span, |policy| policy.span)
}

impl<'v> WideRules<'v> {
    pub(super) fn new(view: &'v MeshView<'v>, action: Action) -> Self {
        let rules_of = |policy: &usize| view.lowered(*policy).into_iter().flat_map(|lowered| lowered.engines.rules());
        let by_scope = in_force(view, action)
            .into_iter()
            .map(|(scope, policies)| {
                let mut rules: Vec<&EngineRule> =
                    policies.iter().flat_map(rules_of).filter(|rule| !rule.from.is_empty()).collect();
                rules.sort_by_cached_key(|rule| rule.from.iter().chain(&rule.to).map(|entry| entry.tests.len()).max());
                rules.truncate(CANDIDATES);
                (scope, rules)
            })
            .collect();
        Self { root_namespace: &view.mesh.settings.root_namespace, by_scope }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_scope.is_empty()
    }

    /// A rule that matches whatever this one does, on every workload of its scope; not one that matches everything, which is told by a
    /// rule of its own unless it is limited to some workloads.
    pub(super) fn over(&self, scope: &Scope<'v>, rule: &EngineRule, is_limited_all_told: bool) -> Option<&'v EngineRule> {
        for wider in scope.wider(self.root_namespace) {
            let Some(rules) = self.by_scope.get(&wider) else { continue };
            let is_same_scope = wider == *scope;
            for candidate in rules {
                let is_itself = candidate.policy == rule.policy && candidate.rule == rule.rule;
                let is_told = is_match_all(candidate) && (is_limited_all_told || wider.labels.is_empty());
                if is_itself || is_told || !rule_covers(candidate, rule) {
                    continue;
                }
                // Of two equal rules only the later one is told, as a duplicate.
                if is_same_scope && rule_covers(rule, candidate) && is_limited_all_told {
                    continue;
                }
                return Some(candidate);
            }
        }
        None
    }
}

/// The answer to a request that a rule means, on a workload its policy concerns.
pub(super) fn sample_of(
    view: &MeshView<'_>,
    policy: &Object<AuthorizationPolicy>,
    rule: &EngineRule,
    witnesses: &mut Witnesses<'_>,
) -> Option<Witness> {
    let (from, to) = (rule.from.first()?, rule.to.first()?);
    view.workloads_of(policy).into_iter().take(3).find_map(|workload| {
        let request = sample::request(view, workload, Caller::Identified, from, to)?;
        witnesses.ask(&request)
    })
}
