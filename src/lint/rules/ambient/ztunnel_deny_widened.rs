use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::deny;
use crate::lint::rules::ambient::ztunnel;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS821"),
    name: "ztunnel-deny-widened",
    severity: Severity::Error,
    peers: &["KIA0109", "KIA0110", "KIA1317"],
    needs: Needs::Inventory,
    finds: "An entry of a DENY rule for pods of the ambient mesh that has HTTP fields beside others.",
    why: "ztunnel leaves the HTTP fields out and denies everything that the other fields match.",
    example: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], methods: [POST]}}]}]}
"#
    ),
    instead: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#
    ),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view).filter(|read| read.policy.spec.action.value == Action::Deny) {
        for unknown in read.rules().flat_map(deny::widened) {
            let finding = RULE
                .at(unknown.span, format!("more is denied than `{}` says: ztunnel does not read it", unknown.name))
                .with_label("left out; the other fields of the entry deny by themselves")
                .with_help(read.help(view));
            found.push(read.note(finding));
        }
    }
}
