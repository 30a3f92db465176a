use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::ztunnel;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS825"),
    name: "ztunnel-action-unsupported",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A CUSTOM or AUDIT policy without `targetRefs` for pods of the ambient mesh.",
    why: "It is not given to ztunnel: no external authorizer is asked, nothing is audited.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: AUDIT, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view) {
        let action = &read.policy.spec.action;
        let effect = match action.value {
            Action::Custom => "no external authorizer is asked",
            Action::Audit => "nothing is audited",
            Action::Allow | Action::Deny => continue,
        };
        let finding = RULE
            .at(
                action.span,
                format!("{effect} in front of `{}`: ztunnel knows no {}", read.workload.display_name(), action.value.as_str()),
            )
            .with_help(read.help(view));
        found.push(read.note(finding));
    }
}
