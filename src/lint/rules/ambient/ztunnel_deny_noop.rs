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
    code: Code("MS820"),
    name: "ztunnel-deny-noop",
    severity: Severity::Error,
    peers: &["KIA0109", "KIA0110", "KIA1317"],
    needs: Needs::Inventory,
    finds: "A DENY rule for pods of the ambient mesh whose `to`, `from` or a condition says nothing but HTTP.",
    why: "ztunnel blanks what it cannot read, and a blank never matches: nothing is denied.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {serviceAccounts: [web]}}], to: [{operation: {methods: [POST]}}]}]}
"
    ),
    instead: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {serviceAccounts: [web]}}], to: [{operation: {ports: ["8080"]}}]}]}
"#
    ),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view).filter(|read| read.policy.spec.action.value == Action::Deny) {
        for unknown in read.rules().filter_map(deny::dead) {
            let finding = RULE
                .at(unknown.span, format!("this rule denies nothing: ztunnel does not read `{}`", unknown.name))
                .with_label("left out, and what is left of it never matches")
                .with_help(read.help(view));
            found.push(read.note(finding));
        }
    }
}
