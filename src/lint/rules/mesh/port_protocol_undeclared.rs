use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::Protocol;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::ServiceKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS511"),
    name: "port-protocol-undeclared",
    severity: Severity::Info,
    peers: &["IST0118", "KIA0601", "KIA0602"],
    needs: Needs::Inventory,
    finds: "A port of a Service that does not say its protocol.",
    why: "The proxy finds out on each connection; what does not look like HTTP at first meets the policy as bytes, where rules about paths, methods and tokens do not count.",
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
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: web, port: 80, targetPort: 8080}]}
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
    specification: "Istio protocol selection",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let is_meshed = |service: &&Service| {
        let workloads = service.endpoints.iter().filter_map(|endpoint| view.mesh.workload(endpoint.workload?));
        service.kind == ServiceKind::Kubernetes && workloads.into_iter().any(|workload| workload.proxy == Proxy::Sidecar)
    };
    for service in view.mesh.services.iter().filter(is_meshed) {
        for port in service.ports.iter().filter(|port| port.protocol == Protocol::Unset && port.transport == "TCP") {
            let name = if port.name.is_empty() { String::new() } else { format!(" (`{}`)", port.name) };
            found.push(
                RULE.at(port.span, format!("port {}{name} of `{}` does not say its protocol", port.number, service.id.name))
                    .with_help("start its name with the protocol, as in `http-web`, or set `appProtocol`"),
            );
        }
    }
}
