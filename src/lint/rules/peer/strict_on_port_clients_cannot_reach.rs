use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::witness::Request;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;
use crate::mesh::PeerModes;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::simulate::Verdict;

pub(super) const RULE: Rule = Rule {
    code: Code("MS233"),
    name: "strict-on-port-clients-cannot-reach",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "STRICT on a port whose callers are outside the mesh: the API server calls an admission webhook there, or the Service is of type NodePort or LoadBalancer.",
    why: "Callers without a certificate of the mesh are refused. The usual hot fix is to make the whole mesh PERMISSIVE.",
    example: r"apiVersion: v1
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
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8443}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: https, port: 443, targetPort: 8443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: cart}
webhooks: [{name: cart.shop.example, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {service: {name: cart, namespace: shop, port: 443}}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
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
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8443}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: https, port: 443, targetPort: 8443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: cart}
webhooks: [{name: cart.shop.example, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {service: {name: cart, namespace: shop, port: 443}}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  mtls: {mode: STRICT}
  portLevelMtls: {8443: {mode: PERMISSIVE}} # meshsec: ignore[MS227] the API server calls this port, and speaks TLS to the application
",
    specification: "PeerAuthentication reference, MutualTLS.Mode STRICT",
    check: Check::Mesh(check),
};

/// A webhook that the API server calls, and where that is written.
struct Outside {
    span: Span,
    service: String,
    namespace: String,
    /// `None` means every port.
    port: Option<u16>,
}

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let outside: Vec<Outside> =
        ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"].iter().flat_map(|kind| webhooks(view, kind)).collect();
    let is_exposed = |service: &&Service| service.is_exposed;
    if outside.is_empty() && !view.mesh.services.iter().any(|service| is_exposed(&service)) {
        return;
    }
    let (modes, mut witnesses) = (view.mesh.peer_modes(), Witnesses::new(view));
    let by_name: BTreeMap<(&str, &str), &Service> = view
        .mesh
        .services
        .iter()
        .filter(|service| service.id.kind == "Service")
        .map(|service| ((service.id.namespace.as_str(), service.id.name.as_str()), service))
        .collect();
    for caller in &outside {
        let Some(service) = by_name.get(&(caller.namespace.as_str(), caller.service.as_str())) else { continue };
        let Some((port, _, finding)) = refused(view, &modes, &mut witnesses, service, caller.port, None) else { continue };
        let help = format!("if the application does TLS itself, make this port PERMISSIVE: `portLevelMtls: {{{port}: {{mode: PERMISSIVE}}}}`");
        let finding = finding.with_label("a certificate of the mesh is required").with_help(help);
        found.push(finding.with_secondary(caller.span, "the API server calls without a certificate of the mesh"));
    }
    for service in by_name.values().filter(|service| is_exposed(service)) {
        let Some((_, from, finding)) = refused(view, &modes, &mut witnesses, service, None, Some(service.span)) else { continue };
        found.push(
            finding
                .with_label("callers from outside the cluster have no certificate of the mesh")
                .with_secondary(from, "a certificate of the mesh is required")
                .with_help("put a gateway in front, and make the Service of type ClusterIP")
                .likely(),
        );
    }
}

fn webhooks(view: &MeshView<'_>, kind: &'static str) -> Vec<Outside> {
    let mut callers = Vec::new();
    for raw in view.raw_of("admissionregistration.k8s.io", kind) {
        let Some(Value::Sequence(webhooks)) = raw.node.get("webhooks").map(|node| &node.value) else { continue };
        for service in webhooks.iter().filter_map(|webhook| webhook.get("clientConfig")?.get("service")) {
            let text = |name| service.get(name).and_then(Node::as_str).map(str::to_owned);
            let (Some(name), Some(namespace)) = (text("name"), text("namespace")) else { continue };
            let port = match service.get("port").map(|node| &node.value) {
                Some(Value::Number(number)) => number.text.parse().ok(),
                _ => Some(443),
            };
            callers.push(Outside { span: service.span, service: name, namespace, port });
        }
    }
    callers
}

/// The first port of the service where a caller without a certificate is turned away, and where that is written.
fn refused(
    view: &MeshView<'_>,
    modes: &PeerModes<'_>,
    witnesses: &mut Witnesses<'_>,
    service: &Service,
    port: Option<u16>,
    place: Option<Span>,
) -> Option<(u16, Span, Finding)> {
    let (workload, target, from) = service.ports.iter().filter(|own| port.is_none_or(|port| port == own.number)).find_map(|own| {
        service.endpoints.iter().find_map(|endpoint| {
            let workload = view.mesh.workload(endpoint.workload?).filter(|workload| workload.proxy == Proxy::Sidecar)?;
            let target = *endpoint.ports.get(&own.number)?;
            let mode = modes.server_mode(workload, target);
            let from = mode.from.filter(|_| mode.mode == MutualTlsMode::Strict && workload.intercepts(target))?;
            Some((workload, target, from.span))
        })
    })?;
    let name = workload.display_name();
    let finding =
        RULE.at(place.unwrap_or(from), format!("port {target} of workload `{name}` refuses callers that are outside the mesh"));
    let request = Request {
        namespace: workload.namespace.clone(),
        workload: workload.name.clone(),
        port: target,
        ..Request::default()
    };
    let shown = witnesses.ask(&request).filter(|witness| witness.decision.verdict == Verdict::MtlsRequired);
    Some((target, from, match shown {
        Some(witness) => finding.with_witness(witness.scenario),
        None => finding,
    }))
}
