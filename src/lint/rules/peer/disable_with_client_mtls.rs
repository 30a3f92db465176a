use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::ClientTls;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::Level;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Proxy;
use crate::mesh::ServerMode;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS209"),
    name: "disable-with-client-mtls",
    severity: Severity::Warning,
    peers: &["KIA0505", "KIA0506"],
    needs: Needs::Manifests,
    finds: "A DestinationRule that asks for ISTIO_MUTUAL towards a server whose PeerAuthentication says DISABLE.",
    why: "Mutual TLS asked for by a DestinationRule has no way back to plaintext: every call fails.",
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
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  mtls: {mode: DISABLE} # meshsec: ignore[MS221] the application speaks TLS itself
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    instead: r#"apiVersion: v1
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
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: "*.shop.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
"#,
    specification: "DestinationRule reference, ClientTLSSettings; PeerAuthentication reference, MutualTLS.Mode",
    check: Check::Mesh(check),
};

/// A service port behind which a workload speaks plaintext only.
struct Closed<'m> {
    hostname: &'m str,
    port: u16,
    workload: Option<&'m Workload>,
    mode: ServerMode,
}

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let disables = |policy: &Object<PeerAuthentication>| {
        let own = policy.spec.mode.iter().chain(policy.spec.port_level.values());
        own.clone().any(|mode| mode.value == MutualTlsMode::Disable)
    };
    if mesh.destination_rules.is_empty() || !mesh.peer_authentications.iter().any(disables) {
        return;
    }
    let closed = closed_ports(mesh);
    if closed.is_empty() {
        return;
    }
    let mut by_host: BTreeMap<&str, Vec<&Closed<'_>>> = BTreeMap::new();
    for port in &closed {
        by_host.entry(port.hostname).or_default().push(port);
    }
    for rule in &mesh.destination_rules {
        let host = full_host(rule.spec.host.as_str(), &rule.id.namespace, &mesh.settings.cluster_domain);
        let called = |port: &&Closed<'_>| tls_of(&rule.spec, port.port).is_some_and(|tls| tls.mode.value == ClientTlsMode::IstioMutual);
        // One host is told by the rule about DestinationRules when its workloads are known, and so is a wildcard whose namespace has
        // mutual TLS off as a whole.
        let hit = match host.strip_prefix('*') {
            None => by_host
                .get(host.as_str())
                .and_then(|ports| ports.iter().copied().find(|port| port.workload.is_none() && called(port))),
            Some(suffix) => closed.iter().find(|port| {
                let level = port.mode.from.map(|from| from.level);
                port.hostname.ends_with(suffix) && matches!(level, Some(Level::Workload | Level::Port)) && called(port)
            }),
        };
        let Some((port, tls)) = hit.and_then(|port| Some((port, tls_of(&rule.spec, port.port)?))) else { continue };
        let who = port.workload.map_or_else(String::new, |workload| format!(" at workload `{}`", workload.display_name()));
        let headline = format!("calls to `{}:{}` fail: the server takes plaintext only{who}", port.hostname, port.port);
        let span = if tls.mode.span.line == 0 { tls.place.span } else { tls.mode.span };
        let mut finding = RULE
            .at(span, headline)
            .with_label("the client sends mutual TLS and has no way back to plaintext")
            .with_help("remove `tls` here, automatic mutual TLS follows the server; or let the server take mutual TLS");
        if let Some(from) = port.mode.from {
            finding = finding.with_secondary(from.span, "the server's mode");
        }
        found.push(finding);
    }
}

fn closed_ports(mesh: &Mesh) -> Vec<Closed<'_>> {
    let modes = mesh.peer_modes();
    let mut closed = Vec::new();
    for service in mesh.services.iter().filter(|service| !service.mesh_external) {
        for port in &service.ports {
            let of_endpoints = service.endpoints.iter().find_map(|endpoint| {
                let workload = mesh.workload(endpoint.workload?).filter(|workload| workload.proxy == Proxy::Sidecar)?;
                let mode = modes.server_mode(workload, *endpoint.ports.get(&port.number)?);
                (mode.mode == MutualTlsMode::Disable).then_some((workload, mode))
            });
            let of_namespace = || {
                let mode = modes.service_level_mode(&service.id.namespace);
                (service.endpoints.is_empty() && mode.mode == MutualTlsMode::Disable).then_some(mode)
            };
            let (workload, mode) = match of_endpoints {
                Some((workload, mode)) => (Some(workload), mode),
                None => match of_namespace() {
                    Some(mode) => (None, mode),
                    None => continue,
                },
            };
            closed.push(Closed { hostname: &service.hostname, port: port.number, workload, mode });
        }
    }
    closed
}

/// What a client does on a service port: an entry for the port takes the place of everything else.
fn tls_of(rule: &DestinationRule, port: u16) -> Option<&ClientTls> {
    let policy = rule.traffic_policy.as_ref()?;
    match policy.port_level.iter().find(|entry| entry.port.value == u32::from(port)) {
        Some(entry) => entry.tls.as_ref(),
        None => policy.tls.as_ref(),
    }
}

fn full_host(host: &str, namespace: &str, domain: &str) -> String {
    if host.contains(['.', '*']) { host.to_owned() } else { format!("{host}.{namespace}.svc.{domain}") }
}
