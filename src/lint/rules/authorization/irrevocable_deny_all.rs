use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::is_match_all;
use crate::lint::rules::authorization::scope::Scope;
use crate::lint::rules::authorization::scope::lowered_in_force;
use crate::lint::rules::authorization::wider::span_of;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS194"),
    name: "irrevocable-deny-all",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A DENY of everything for a whole namespace or the whole mesh.",
    why: "No ALLOW can open a hole in it, for gateways and monitoring neither. A default deny is an ALLOW policy without rules.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny-all, namespace: shop}
spec: {action: DENY, rules: [{}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
",
    specification: "Istio authorization, allow-nothing and deny-all policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (policy, lowered) in lowered_in_force(view, Action::Deny) {
        let scope = Scope::of(policy);
        if !scope.labels.is_empty() || !scope.references.is_empty() {
            continue;
        }
        let whole = if scope.namespace == view.mesh.settings.root_namespace { "mesh" } else { "namespace" };
        for rule in lowered.engines.rules().filter(|rule| is_match_all(rule)) {
            found.push(
                RULE.at(span_of(view, rule), format!("every request to the whole {whole} is denied, and no ALLOW can change that"))
                    .with_label("matches everything, and DENY is decided before ALLOW")
                    .with_help("write `spec: {}` for a default deny that ALLOW policies can open, with these ready first"),
            );
        }
    }
}
