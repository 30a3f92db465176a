use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS843"),
    name: "empty-selector-on-ambient",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "An AuthorizationPolicy with a selector without labels where pods are in the ambient mesh.",
    why: "To ztunnel it is neither a policy of the namespace nor of a workload: it has no effect.",
    example: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    specification: "Istio ambient mode, layer 4 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let is_ambient = |workload: &&Workload| workload.proxy == Proxy::Ambient;
    let anywhere = view.mesh.workloads.iter().find(is_ambient);
    if anywhere.is_none() {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        let Some(selector) = policy.spec.selector.as_ref().filter(|selector| selector.match_labels.is_empty()) else { continue };
        let is_root = policy.id.namespace == view.mesh.settings.root_namespace;
        let own = || view.workloads_in(&policy.id.namespace).iter().copied().find(is_ambient);
        let Some(pod) = (if is_root { anywhere } else { own() }) else { continue };
        found.push(
            RULE.at(selector.place.span, format!("the policy has no effect on `{}`", pod.display_name()))
                .with_label("ztunnel takes it for a selector that selects nothing")
                .with_help("remove the selector"),
        );
    }
}
