use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::bits;
use crate::lint::rules::ambient::ztunnel;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS822"),
    name: "ztunnel-allow-dropped",
    severity: Severity::Error,
    peers: &["KIA0109", "KIA0110", "KIA1317"],
    needs: Needs::Inventory,
    finds: "An ALLOW rule for pods of the ambient mesh that has an HTTP field, `remoteIpBlocks`, or a condition that ztunnel does not know.",
    why: "ztunnel drops the whole rule; when none is left, the policy denies everything.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET], paths: [/items]}}]}]}
"
    ),
    instead: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8080"]}}]}]}
"#
    ),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for read in ztunnel::read(view).filter(|read| read.policy.spec.action.value == Action::Allow) {
        let is_all_gone = !read.rules().any(bits::is_kept);
        for unknown in read.rules().filter_map(bits::first_http) {
            let finding = RULE
                .at(unknown.span, format!("ztunnel drops this rule: it does not read `{}`", unknown.name))
                .with_label(if is_all_gone { "no rule is left: every connection is denied" } else { "allows nothing" })
                .with_help(format!("{}, and allow the waypoint's identity here", read.help(view)));
            found.push(read.note(finding));
        }
    }
}
