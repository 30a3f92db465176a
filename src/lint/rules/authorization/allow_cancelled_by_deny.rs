use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::scope::Scope;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::rules::authorization::wider;
use crate::lint::rules::authorization::wider::WideRules;
use crate::lint::rules::authorization::wider::span_of;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS193"),
    name: "allow-cancelled-by-deny",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Manifests,
    finds: "An ALLOW rule whose every request is denied by a DENY rule for the same workloads.",
    why: "DENY is decided before ALLOW, so the rule never lets anything in.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-shop, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {notNamespaces: [shop]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [web]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: only-shop, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {notNamespaces: [shop, web]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [web]}}]}]}
",
    specification: "AuthorizationPolicy reference, action",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let wide = WideRules::new(view, Action::Deny);
    if wide.is_empty() {
        return;
    }
    let mut witnesses = Witnesses::new(view);
    for (policy, lowered) in lowered_in_force(view, Action::Allow) {
        let scope = Scope::of(policy);
        for rule in lowered.engines.rules().filter(|rule| !rule.from.is_empty()) {
            let Some(over) = wide.over(&scope, rule, false) else { continue };
            let shown = wider::sample_of(view, policy, rule, &mut witnesses);
            if shown.as_ref().is_some_and(Witness::is_allowed) {
                continue;
            }
            let finding = RULE
                .at(span_of(view, rule), "everything this rule allows is denied by a DENY rule")
                .with_label("never lets anything in")
                .with_secondary(span_of(view, over), "DENY is decided first")
                .with_help("put the exception into the DENY rule, such as with `notPrincipals` or `notNamespaces`");
            found.push(match shown.filter(Witness::is_denied) {
                Some(witness) => finding.with_witness(witness.scenario),
                None => finding,
            });
        }
    }
}
