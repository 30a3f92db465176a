use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::Service;
use crate::mesh::ServiceKind;

pub(super) const RULE: Rule = Rule {
    code: Code("MS532"),
    name: "control-plane-ports-open",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "istiod's plaintext port open to every pod of the cluster.",
    why: "Whoever reaches port 15010 reads the configuration of the mesh without a certificate; port 8080 shows it for debugging.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "pilot:1.32.0"}]}
---
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system}
spec: {selector: {app: istiod}, ports: [{name: grpc-xds, port: 15010}, {name: https-dns, port: 15012}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: istio-system}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: istio-system}
spec:
  selector: {matchLabels: {app: istiod}}
  template:
    metadata: {labels: {app: istiod}}
    spec: {serviceAccountName: istiod, containers: [{name: discovery, image: "pilot:1.32.0"}]}
---
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: istio-system}
spec: {selector: {app: istiod}, ports: [{name: grpc-xds, port: 15010}, {name: https-dns, port: 15012}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: istiod, namespace: istio-system}
spec: {podSelector: {matchLabels: {app: istiod}}, policyTypes: [Ingress], ingress: [{ports: [{port: 15012}, {port: 15017}]}]}
"#,
    specification: "Istio security best practices, control plane",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let is_istiod = |service: &&Service| service.kind == ServiceKind::Kubernetes && service.id.name.starts_with("istiod");
    for service in view.mesh.services.iter().filter(is_istiod) {
        let namespace = service.id.namespace.as_str();
        let Some(port) = service.ports.iter().find(|port| port.number == 15010) else { continue };
        if view.raw_of("networking.k8s.io", "NetworkPolicy").all(|policy| policy.namespace != namespace) {
            found.push(
                RULE.at(port.span, "every pod can read the mesh's configuration here, in plaintext")
                    .with_help(format!(
                        "add a NetworkPolicy to namespace `{namespace}` that leaves 15012, 15017 and 15014 open only"
                    ))
                    .likely(),
            );
        }
    }
}
