use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::deny;
use crate::lint::rules::ambient::waypoint;
use crate::lint::rules::ambient::ztunnel;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS801"),
    name: "l7-policy-without-waypoint",
    severity: Severity::Warning,
    peers: &["KIA0109", "KIA1317"],
    needs: Needs::Inventory,
    finds: "An entry with HTTP fields among others of a DENY rule, for pods of the ambient mesh that have no waypoint.",
    why: "ztunnel reads connections only: the entry never matches, while the others of the rule do.",
    example: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {methods: [POST]}}, {operation: {ports: ["8080"]}}]}]}
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
        if waypoint::any_for(view, read.workload).is_some() {
            continue;
        }
        for unknown in read.rules().flat_map(deny::left_aside) {
            let finding = RULE
                .at(unknown.span, format!("an entry with `{}` never matches: ztunnel does not read HTTP", unknown.name))
                .with_label("the other entries still deny")
                .with_help(read.help(view));
            found.push(read.note(finding));
        }
    }
}
