use rustc_hash::FxHashMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::scope::Scope;
use crate::lint::rules::authorization::scope::is_dry_run;
use crate::lint::rules::authorization::wider::span_of;
use crate::manifest::kinds::Action;
use crate::policy;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Test;

pub(super) const RULE: Rule = Rule {
    code: Code("MS191"),
    name: "duplicate-rule",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "Two rules that say the same, in one policy or in two for the same workloads.",
    why: "One of them will be forgotten in an edit.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}, {from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Rule",
    check: Check::Mesh(check),
};

/// Everything that must agree: workloads, action, dry-run, provider and what the rule matches.
type Key<'v> = (Scope<'v>, Action, bool, &'v str, Vec<String>, Vec<String>);

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: FxHashMap<Key<'_>, &EngineRule> = FxHashMap::default();
    for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
        let Some(lowered) = view.lowered(index) else { continue };
        let scope = Scope::of(policy);
        let provider = policy.spec.provider.as_ref().map_or("", |provider| provider.as_str());
        // Also the first of a namespace is remembered, for the next ones.
        for rule in lowered.engines.rules().filter(|rule| !rule.from.is_empty()) {
            let action = policy.spec.action.value;
            let key = (scope.clone(), action, is_dry_run(policy), provider, canonical(&rule.from), canonical(&rule.to));
            let Some(first) = known.get(&key) else {
                known.insert(key, rule);
                continue;
            };
            let (mut first, mut second) = (span_of(view, first), span_of(view, rule));
            if (second.source, second.offset) < (first.source, first.offset) {
                std::mem::swap(&mut first, &mut second);
            }
            found.push(
                RULE.at(second, "this rule is there twice")
                    .with_label("says the same once more")
                    .with_secondary(first, "the other one")
                    .with_help("remove one of them"),
            );
        }
    }
}

/// The same text for entries that match the same, whatever the order they are written in.
fn canonical(entries: &[Entry]) -> Vec<String> {
    let patterns = |list: &[policy::Value]| {
        let mut texts: Vec<String> = list.iter().map(|value| format!("{:?}", value.pattern)).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    };
    let test = |test: &Test| format!("{:?} {:?} {:?}", test.attribute, patterns(&test.values), patterns(&test.not_values));
    let entry = |entry: &Entry| {
        let mut tests: Vec<String> = entry.tests.iter().map(test).collect();
        tests.sort_unstable();
        tests.dedup();
        tests.join("; ")
    };
    let mut texts: Vec<String> = entries.iter().map(entry).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}
