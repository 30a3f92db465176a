use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_match_all;
use crate::lint::rules::authorization::scope::Scope;
use crate::lint::rules::authorization::scope::is_dry_run;
use crate::lint::rules::authorization::wider;
use crate::lint::rules::authorization::wider::WideRules;
use crate::lint::rules::authorization::wider::span_of;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS192"),
    name: "shadowed-rule",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A rule whose every request is matched by a wider rule of the same action.",
    why: "It changes nothing, and narrowing it later changes nothing either.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [shop]}}]}, {from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, action",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut witnesses = Witnesses::new(view);
    for action in [Action::Allow, Action::Deny] {
        let wide = WideRules::new(view, action);
        for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
            if policy.spec.action.value != action || is_dry_run(policy) {
                continue;
            }
            let Some(lowered) = view.lowered(index) else { continue };
            let scope = Scope::of(policy);
            for rule in lowered.engines.rules().filter(|rule| !rule.from.is_empty() && !is_match_all(rule)) {
                let Some(over) = wide.over(&scope, rule, true) else { continue };
                let matched = if action == Action::Allow { "allowed" } else { "denied" };
                let finding = RULE
                    .at(span_of(view, rule), format!("everything this rule matches is already {matched} by a wider one"))
                    .with_label("without it nothing would change")
                    .with_secondary(span_of(view, over), "the wider rule")
                    .with_help("remove this rule, or the wider one if this one was meant to limit it");
                let shown = wider::sample_of(view, policy, rule, &mut witnesses).filter(|witness| {
                    if action == Action::Allow { witness.is_allowed() } else { witness.is_denied() }
                });
                found.push(match shown {
                    Some(witness) => finding.with_witness(witness.scenario),
                    None => finding,
                });
            }
        }
    }
}
