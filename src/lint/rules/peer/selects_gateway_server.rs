use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::first_few;
use crate::lint::rules::peer::levels;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS231"),
    name: "selects-gateway-server",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A PeerAuthentication whose selector matches a gateway.",
    why: "Listeners of a gateway do not look at PeerAuthentication: whether clients need a certificate is decided by the TLS mode of the Gateway's server.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ingress, namespace: edge}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata:
      annotations: {inject.istio.io/templates: gateway}
      labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}
    spec:
      serviceAccountName: ingress
      containers: [{name: istio-proxy, image: auto}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: ingress, namespace: edge}
spec: {selector: {matchLabels: {istio: ingressgateway}}, mtls: {mode: STRICT}}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ingress, namespace: edge}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata:
      annotations: {inject.istio.io/templates: gateway}
      labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}
    spec:
      serviceAccountName: ingress
      containers: [{name: istio-proxy, image: auto}]
"#,
    specification: "Gateway reference, ServerTLSSettings.mode; PeerAuthentication reference",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let root = &view.mesh.settings.root_namespace;
    for policy in view.mesh.peer_authentications.iter().filter(|policy| policy.id.namespace != *root) {
        let Some(selector) = policy.spec.selector.as_ref().filter(|selector| !selector.match_labels.is_empty()) else { continue };
        let gateways: Vec<&str> = view
            .workloads_of_peer(policy)
            .into_iter()
            .filter(|workload| workload.proxy == Proxy::Gateway)
            .map(|workload| workload.name.as_str())
            .collect();
        if gateways.is_empty() {
            continue;
        }
        found.push(
            RULE.at(levels::place_of(selector), format!("`{}` has no effect on gateway {}", policy.id.name, first_few(&gateways)))
                .with_label("the listeners of a gateway do not look at PeerAuthentication")
                .with_help("set `tls.mode: MUTUAL` at the server of the Gateway, or remove the policy"),
        );
    }
}
