use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::pods::has_opted_out;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS506"),
    name: "policy-in-unmeshed-namespace",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy in a namespace in which no workload has a proxy.",
    why: "Nothing enforces it.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: disabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/front/sa/web]}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mesh-only, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/front/sa/web]}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mesh-only, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
"#,
    specification: "Istio sidecar injection",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let bare = |namespace: &str| {
        let workloads = view.workloads_in(namespace);
        namespace != mesh.settings.root_namespace
            && !workloads.is_empty()
            // What has opted out one by one is another finding.
            && workloads.iter().all(|workload| workload.proxy == Proxy::None && !workload.proxyless && !has_opted_out(workload))
    };
    let authorization = mesh.authorization_policies.iter().map(|policy| (&policy.id, &policy.header));
    let request = mesh.request_authentications.iter().map(|policy| (&policy.id, &policy.header));
    let peer = mesh.peer_authentications.iter().map(|policy| (&policy.id, &policy.header));
    let mut known: BTreeMap<&str, bool> = BTreeMap::new();
    for (id, header) in authorization.chain(request).chain(peer) {
        if !*known.entry(&id.namespace).or_insert_with(|| bare(&id.namespace)) {
            continue;
        }
        let finding = RULE
            .at(
                header.name.span,
                format!("no workload of namespace `{}` has a proxy, so nothing enforces this policy", id.namespace),
            )
            .with_help(
                "bring the namespace into the mesh: label it `istio-injection: enabled` or `istio.io/dataplane-mode: ambient`",
            );
        found.push(match view.namespace_span(&id.namespace) {
            Some(span) => finding.with_secondary(span, "the namespace and its labels"),
            None => finding.cannot_tell(format!("the labels of namespace `{}`", id.namespace)),
        });
    }
}
