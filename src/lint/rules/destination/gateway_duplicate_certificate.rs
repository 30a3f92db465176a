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
use crate::mesh::ObjectRef;

pub(super) const RULE: Rule = Rule {
    code: Code("MS417"),
    name: "gateway-duplicate-certificate",
    severity: Severity::Warning,
    peers: &["IST0138"],
    needs: Needs::Manifests,
    finds: "Two Gateways of the same pods that serve different hosts with the same certificate.",
    why: "Browsers send requests for both hosts over one connection when the certificate covers both; the second host's requests meet the first one's listener and get 404.",
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
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["a.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["b.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
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
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: a, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["a.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
---
apiVersion: v1
kind: Secret
metadata: {name: other-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: b, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["b.example.com"], tls: {mode: SIMPLE, credentialName: other-tls}}
"#,
    specification: "Istio common problems, 404 errors with several gateways of one certificate",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<(gateways::Labels<'_>, &str), (&ObjectRef, &Spanned<String>)> = BTreeMap::new();
    for gateway in &view.mesh.gateways {
        let selector = gateways::labels(gateway);
        for tls in gateway.spec.servers.iter().filter_map(|server| server.tls.as_ref()) {
            let Some(name) = tls.credential_name.as_ref().filter(|name| !name.value.is_empty()) else { continue };
            let (first, first_name) = *known.entry((selector.clone(), name.value.as_str())).or_insert((&gateway.id, name));
            if *first != gateway.id {
                found.push(
                    RULE.at(
                        name.span,
                        format!("Gateway `{}/{}` serves other hosts with this certificate", first.namespace, first.name),
                    )
                    .with_secondary(first_name.span, "the same certificate")
                    .with_help("put all hosts of one certificate into one Gateway"),
                );
            }
        }
    }
}
