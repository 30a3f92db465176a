use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS195"),
    name: "root-namespace-scope",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A policy with a workload selector in the root namespace.",
    why: "It concerns workloads with these labels in every namespace.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: istio-system}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, selector",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let root = &view.mesh.settings.root_namespace;
    for policy in view.mesh.authorization_policies.iter().filter(|policy| policy.id.namespace == *root) {
        let Some(selector) = policy.spec.selector.as_ref().filter(|selector| !selector.match_labels.is_empty()) else { continue };
        // Gateways usually live there, and are what such a policy is for.
        let is_gateway = selector.match_labels.iter().any(|(key, value)| key == "istio" || value.value.contains("gateway"));
        let selected = view.workloads_of(policy);
        let is_own = !selected.is_empty() && selected.iter().all(|workload| workload.namespace == *root);
        if is_gateway || is_own {
            continue;
        }
        found.push(
            RULE.at(selector.place.span, "workloads of every namespace with these labels are meant")
                .with_label(format!("`{root}` is the root namespace"))
                .with_help("move the policy to the namespace of the workload, unless the whole mesh is meant"),
        );
    }
}
