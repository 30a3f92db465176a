use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::ztunnel;

pub(super) const RULE: Rule = Rule {
    code: Code("MS826"),
    name: "ztunnel-dry-run-dropped",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy with `istio.io/dry-run` for pods of the ambient mesh while istiod does not give such policies to ztunnel.",
    why: "There is no log and no metric of it: the trial shows nothing, whatever the policy says.",
    example: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    specification: "istiod environment, AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if view.mesh.settings.feature(ztunnel::DRY_RUN_FLAG, false) {
        return;
    }
    for read in ztunnel::written(view).filter(|read| ztunnel::is_dry_run(read.policy)) {
        let span =
            read.policy.header.annotations.get("istio.io/dry-run").map_or(read.policy.header.name.span, |value| value.span);
        let finding = RULE
            .at(span, format!("nothing is tried in front of `{}`: ztunnel does not get the policy", read.workload.display_name()))
            .with_help(format!("set `{}` on istiod, with ztunnel 1.29 or later", ztunnel::DRY_RUN_FLAG));
        // Whoever did not give istiod's Deployment may have set it.
        found.push(read.note(finding).likely());
    }
}
