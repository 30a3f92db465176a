use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::balancer::trusted_proxies;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS527"),
    name: "gateway-topology-differs",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A gateway that trusts another number of proxies before it than the mesh configuration says.",
    why: "The annotation wins for this gateway: which address counts as the client's differs from gateway to gateway, and so does what `remoteIpBlocks` admit.",
    example: r#"apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultConfig:
      gatewayTopology: {numTrustedProxies: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway, proxy.istio.io/config: "{gatewayTopology: {numTrustedProxies: 2}}"}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
"#,
    instead: r#"apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    defaultConfig:
      gatewayTopology: {numTrustedProxies: 1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
"#,
    specification: "Istio configuring gateway network topology",
    check: Check::Mesh(check),
};

const CONFIG: &str = "proxy.istio.io/config";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let settings = &view.mesh.settings;
    let Some(of_mesh) = settings.written.as_deref().and_then(|config| config.num_trusted_proxies.as_ref()) else { return };
    for workload in view.mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Gateway) {
        let Some(own) = workload.annotations.get(CONFIG).and_then(|text| trusted_proxies(text)) else { continue };
        if own != of_mesh.value {
            let name = workload.display_name();
            found.push(
                RULE.at(
                    workload.place_of(CONFIG),
                    format!("`{name}` trusts {own} proxies before it, the mesh says {}", of_mesh.value),
                )
                .with_secondary(of_mesh.span, "number of the mesh")
                .with_help("keep the number in one place"),
            );
        }
    }
}
