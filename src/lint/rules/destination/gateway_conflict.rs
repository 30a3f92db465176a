use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::manifest::kinds::Gateway;
use crate::mesh::Object;
use crate::mesh::ObjectRef;
use crate::mesh::Service;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS418"),
    name: "gateway-conflict",
    severity: Severity::Error,
    peers: &["IST0145", "IST0162", "KIA0301", "KIA0302"],
    needs: Needs::Inventory,
    finds: "Two Gateways of the same pods for one host on one port; a Gateway that selects no pod; a port that no Service of the pods offers.",
    why: "Of two the older counts, the other is ignored; without pods or a Service nobody reaches it.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key}
---
apiVersion: v1
kind: Secret
metadata: {name: other-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: SIMPLE, credentialName: other-tls}}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: edge, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {app: edge}}
  template:
    metadata: {labels: {app: edge, istio: edge, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: edge, containers: [{name: edge, image: "edge:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
"#,
    specification: "Gateway reference, Gateway.selector",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let pods = Pods::new(view);
    let mut services: BTreeMap<WorkloadId, Vec<&Service>> = BTreeMap::new();
    for service in view.mesh.services.iter().filter(|_| !view.mesh.gateways.is_empty()) {
        for workload in service.endpoints.iter().filter_map(|endpoint| endpoint.workload) {
            services.entry(workload).or_default().push(service);
        }
    }
    let mut known: BTreeMap<(gateways::Labels<'_>, u16, &str), (&ObjectRef, Span)> = BTreeMap::new();
    for gateway in &view.mesh.gateways {
        let selector = gateways::labels(gateway);
        for server in &gateway.spec.servers {
            for host in &server.hosts {
                let (first, span) =
                    *known.entry((selector.clone(), server.port.value, host.as_str())).or_insert((&gateway.id, host.span));
                if *first != gateway.id {
                    let (other, port) = (format!("{}/{}", first.namespace, first.name), server.port.value);
                    found.push(
                        RULE.at(host.span, format!("Gateway `{other}` serves `{}` on port {port} of the same pods", host.value))
                            .with_secondary(span, "the older one counts")
                            .with_help("serve a host in one Gateway only"),
                    );
                }
            }
        }
        if view.has_workloads() {
            reachable(gateway, &pods.of(gateway), &services, found);
        }
    }
}

/// Whether there are pods, and a way to their ports.
fn reachable(
    gateway: &Object<Gateway>,
    selected: &[(WorkloadId, &Workload)],
    services: &BTreeMap<WorkloadId, Vec<&Service>>,
    found: &mut Vec<Finding>,
) {
    let Some(label) = gateway.spec.selector.values().next() else { return };
    if selected.is_empty() {
        found.push(
            RULE.at(label.span, "no workload has these labels, so nothing carries out this Gateway")
                .with_help("correct the selector")
                .cannot_tell("the manifests of the gateway's pods"),
        );
        return;
    }
    let services: Vec<&Service> = selected.iter().filter_map(|(id, _)| services.get(id)).flatten().copied().collect();
    let Some(service) = services.first() else { return };
    for server in &gateway.spec.servers {
        if services.iter().all(|service| service.ports.iter().all(|port| port.number != server.port.value)) {
            let name = format!("{}/{}", service.id.namespace, service.id.name);
            let mut finding = RULE
                .at(server.port.span, format!("Service `{name}` of the gateway's pods has no port {}", server.port.value))
                .with_secondary(service.span, "leads to the pods")
                .with_help("add the port to the Service, or use one that it has")
                .likely();
            finding.severity = Severity::Warning;
            found.push(finding);
        }
    }
}
