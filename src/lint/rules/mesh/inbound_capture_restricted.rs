use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::Proxy;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS508"),
    name: "inbound-capture-restricted",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A port that a Service serves and that the proxy does not capture, because only some ports are, or none.",
    why: "Connections to it go straight to the application: no mutual TLS, no policy, whatever they say.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {traffic.sidecar.istio.io/includeInboundPorts: ""}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
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
    metadata: {labels: {app: cart}, annotations: {traffic.sidecar.istio.io/includeInboundPorts: "*"}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
"#,
    specification: "Istio resource annotations, traffic.sidecar.istio.io/includeInboundPorts",
    check: Check::Mesh(check),
};

const INCLUDE: &str = "traffic.sidecar.istio.io/includeInboundPorts";
const MODE: &str = "sidecar.istio.io/interceptionMode";
const INTERFACES: &str = "traffic.sidecar.istio.io/excludeInterfaces";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (index, workload) in view.mesh.workloads.iter().enumerate().filter(|(_, workload)| workload.proxy == Proxy::Sidecar) {
        let name = workload.display_name();
        if workload.interception_none && view.mesh.inbound_ports(WorkloadId(index)).is_empty() {
            found.push(
                RULE.at(workload.place_of(MODE), format!("the proxy of `{name}` captures nothing"))
                    .with_help("remove the annotation, or list what the proxy serves in the `ingress` of a Sidecar"),
            );
            continue;
        }
        if workload.annotations.get(INTERFACES).is_some_and(|list| !list.is_empty()) {
            let mut finding = RULE
                .at(workload.place_of(INTERFACES), format!("what arrives at `{name}` through these interfaces is not captured"))
                .with_help("leave the pod's own interface off the list");
            finding.severity = Severity::Warning;
            found.push(finding);
        }
        if workload.included_inbound_ports.is_none() {
            continue;
        }
        for port in view.mesh.inbound_ports(WorkloadId(index)).iter().filter(|port| !workload.intercepts(port.port)) {
            found.push(
                RULE.at(workload.place_of(INCLUDE), format!("the proxy of `{name}` never sees port {}", port.port))
                    .with_secondary(port.span, "this Service leads to it")
                    .with_help("add the port to the list, or write `*`"),
            );
        }
    }
}
