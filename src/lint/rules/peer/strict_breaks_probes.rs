use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::ContainerPort;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::TargetPort;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS230"),
    name: "strict-breaks-probes",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "STRICT on a port that the kubelet probes while the rewriting of probes is switched off for the pod.",
    why: "The kubelet has no certificate of the mesh: its probes are refused, the pods restart, and people answer by switching mutual TLS off.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {sidecar.istio.io/rewriteAppHTTPProbers: "false"}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {port: 8080}}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
"#,
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}], readinessProbe: {httpGet: {port: 8080}}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "Istio documentation, health checking of services; PeerAuthentication reference, MutualTLS.Mode STRICT",
    check: Check::Mesh(check),
};

const REWRITING: &str = "sidecar.istio.io/rewriteAppHTTPProbers";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let is_bare = |workload: &&Workload| {
        workload.proxy == Proxy::Sidecar && workload.annotations.get(REWRITING).is_some_and(|word| word == "false")
    };
    let mut bare = view.mesh.workloads.iter().filter(is_bare).peekable();
    if bare.peek().is_none() {
        return;
    }
    let modes = view.mesh.peer_modes();
    for workload in bare {
        let refused = workload.probes.iter().find_map(|probe| {
            let port = match &probe.port.value {
                TargetPort::Number(port) => *port,
                TargetPort::Name(name) => {
                    let named = |port: &&ContainerPort| port.name.as_ref().is_some_and(|own| own.value == *name);
                    workload.container_ports.iter().find(named)?.port.value
                }
            };
            let mode = modes.server_mode(workload, port);
            (mode.mode == MutualTlsMode::Strict && workload.intercepts(port)).then_some((probe, port, mode))
        });
        let Some((probe, port, mode)) = refused else { continue };
        let mut finding = RULE
            .at(probe.port.span, format!("`{}` of workload `{}` fails: port {port} is STRICT", probe.name, workload.display_name()))
            .with_label("the kubelet has no certificate of the mesh")
            .with_note(format!("annotation `{REWRITING}: \"false\"` switches the rewriting of probes off"))
            .with_help("remove the annotation, or probe a port of its own that is PERMISSIVE");
        if let Some(from) = mode.from {
            finding = finding.with_secondary(from.span, "STRICT by this policy");
        }
        found.push(finding);
    }
}
