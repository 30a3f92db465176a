use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;
use crate::simulate::connection::overlaps;

pub(super) const RULE: Rule = Rule {
    code: Code("MS445"),
    name: "gateway-sni-host-mismatch",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A host that demands client certificates beside a wildcard host, on the same port, that does not.",
    why: "The server name picks the listener and the Host header picks the route: a client enters under another name without a certificate and asks for the protected host.",
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
metadata: {name: admin-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["*.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
  - {port: {number: 443, name: https-admin, protocol: HTTPS}, hosts: ["admin.example.com"], tls: {mode: MUTUAL, credentialName: admin-tls, subjectAltNames: [admin.example.com]}}
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
apiVersion: v1
kind: Secret
metadata: {name: admin-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
  - {port: {number: 443, name: https-admin, protocol: HTTPS}, hosts: ["admin.example.com"], tls: {mode: MUTUAL, credentialName: admin-tls, subjectAltNames: [admin.example.com]}}
"#,
    specification: "Istio security best practices, TLS configuration of gateways",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    // Hosts that take anyone, and hosts that demand a certificate, by pods and port.
    type Listeners<'a> = Vec<(&'a str, &'a Spanned<String>)>;
    let mut by_port: BTreeMap<(gateways::Labels<'_>, u16), (Listeners<'_>, Listeners<'_>)> = BTreeMap::new();
    for gateway in &view.mesh.gateways {
        let selector = gateways::labels(gateway);
        for server in &gateway.spec.servers {
            let Some(tls) = &server.tls else { continue };
            let (open, closed) = by_port.entry((selector.clone(), server.port.value)).or_default();
            let listeners = server.hosts.iter().map(|host| (host.value.rsplit('/').next().unwrap_or_default(), host));
            match gateways::mode(tls) {
                "SIMPLE" | "OPTIONAL_MUTUAL" => open.extend(listeners.filter(|(name, _)| name.starts_with('*'))),
                "MUTUAL" | "ISTIO_MUTUAL" => closed.extend(listeners),
                _ => {}
            }
        }
    }
    for (open, closed) in by_port.values() {
        for (name, host) in open {
            let Some((protected, place)) = closed.iter().find(|(protected, _)| overlaps(name, protected)) else { continue };
            found.push(
                RULE.at(
                    host.span,
                    format!("`{protected}` can be asked for through `{}` without a client certificate", host.value),
                )
                .with_secondary(place.span, "demands one")
                .with_help("list the hosts instead of the wildcard, or serve the protected one on a gateway or port of its own"),
            );
        }
    }
}
