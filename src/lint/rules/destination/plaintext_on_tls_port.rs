use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::client::settings;
use crate::mesh::PortClass;
use crate::mesh::ServiceKind;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS443"),
    name: "plaintext-on-tls-port",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A host outside the mesh whose TLS port is declared as plain HTTP, with no DestinationRule that sets up TLS.",
    why: "Requests go out in plaintext to a port that expects TLS; where they are answered at all, they were readable on the way.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [api.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: http, protocol: HTTP}]}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [api.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 443, name: http, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: api.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}}}
",
    specification: "Istio egress TLS origination",
    check: Check::Mesh(check),
};

/// Ports on which TLS is spoken from the first byte.
const TLS_PORTS: [u16; 3] = [443, 8443, 6443];

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let mut covered: BTreeSet<String> = BTreeSet::new();
    let mut wide: Vec<String> = Vec::new();
    for rule in &mesh.destination_rules {
        if settings(&rule.spec).iter().any(Setting::is_origination) {
            let host = full_host(mesh, rule);
            match host.strip_prefix('*') {
                Some(end) => wide.push(end.to_owned()),
                None => {
                    covered.insert(host);
                }
            }
        }
    }
    for service in mesh.services.iter().filter(|service| service.kind == ServiceKind::ServiceEntry && service.mesh_external) {
        let is_covered = covered.contains(&service.hostname) || wide.iter().any(|end| service.hostname.ends_with(end.as_str()));
        for port in service.ports.iter().filter(|port| port.protocol.class() == PortClass::Http && !is_covered) {
            let target = port.target.unwrap_or(port.number);
            if TLS_PORTS.contains(&target) {
                found.push(
                    RULE.at(port.span, format!("plain HTTP to port {target} of `{}`", service.hostname))
                        .with_help("declare the port as HTTPS if the application speaks TLS itself, or add a DestinationRule with mode SIMPLE")
                        .likely(),
                );
            }
        }
    }
}
