use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::client::Setting;
use crate::lint::rules::destination::client::settings;
use crate::lint::rules::destination::client::written;
use crate::lint::rules::destination::reach::Hosts;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::mesh::ServiceKind;
use crate::simulate::connection::full_host;

pub(super) const RULE: Rule = Rule {
    code: Code("MS456"),
    name: "tcp-origination-without-san",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "TLS without `subjectAltNames` to a port that is not HTTP.",
    why: "The check of the server's name comes from the request's host, which only HTTP has. Here only the authority is checked: any certificate of it passes.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [db.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: db.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem}}}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: partner, namespace: shop}
spec: {hosts: [db.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 5432, name: tcp, protocol: TCP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: example, namespace: shop}
spec: {host: db.example.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ssl/partner.pem, sni: db.example.com, subjectAltNames: [db.example.com]}}}
",
    specification: "DestinationRule reference, ClientTLSSettings.subjectAltNames",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let hosts = Hosts::new(view.mesh);
    for rule in &view.mesh.destination_rules {
        for setting in settings(&rule.spec).into_iter().filter(Setting::is_origination) {
            let tls = setting.tls;
            let is_bound = !tls.subject_alt_names.is_empty() || tls.insecure_skip_verify;
            // With `sni` it is the same mistake on every port, and another finding.
            if is_bound || written(tls.sni.as_ref()).is_some() {
                continue;
            }
            for (_, service) in hosts.services(&full_host(view.mesh, rule)) {
                let has_names =
                    !service.extra_identities.is_empty() || service.endpoints.iter().any(|endpoint| endpoint.identity.is_some());
                let port = service.ports.iter().find(|port| {
                    let is_meant = setting.port.is_none_or(|number| number == u32::from(port.number));
                    is_meant && port.protocol.class() == PortClass::Tcp && port.protocol != Protocol::Udp
                });
                let Some(port) = port.filter(|_| !(service.kind == ServiceKind::ServiceEntry && has_names)) else { continue };
                found.push(
                    RULE.at(setting.span(), format!("any certificate of the authority passes on port {}", port.number))
                        .with_secondary(port.span, "not HTTP, so there is no host to check")
                        .with_help("add `sni` and `subjectAltNames`"),
                );
                break;
            }
        }
    }
}
