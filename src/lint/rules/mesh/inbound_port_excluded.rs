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
    code: Code("MS507"),
    name: "inbound-port-excluded",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A port that a Service serves and that is excluded from capture.",
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
    metadata: {labels: {app: cart}, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "8080"}}
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
    metadata: {labels: {app: cart}}
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
    specification: "Istio resource annotations, traffic.sidecar.istio.io/excludeInboundPorts",
    check: Check::Mesh(check),
};

const EXCLUDE: &str = "traffic.sidecar.istio.io/excludeInboundPorts";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (index, workload) in view.mesh.workloads.iter().enumerate() {
        let is_excluding = workload.annotations.contains_key(EXCLUDE) && workload.included_inbound_ports.is_none();
        if workload.proxy != Proxy::Sidecar || !is_excluding {
            continue;
        }
        for port in view.mesh.inbound_ports(WorkloadId(index)) {
            if !workload.intercepts(port.port) {
                found.push(
                    RULE.at(
                        workload.place_of(EXCLUDE),
                        format!("the proxy of `{}` never sees port {}", workload.display_name(), port.port),
                    )
                    .with_secondary(port.span, "this Service leads to it")
                    .with_help("take the port off the list; for plaintext callers use `portLevelMtls` instead"),
                );
            }
        }
    }
}
