use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::lint::rules::destination::gateways::Secrets;

pub(super) const RULE: Rule = Rule {
    code: Code("MS454"),
    name: "gateway-several-credentials-one-ca",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A gateway with several Secrets whose authorities for clients differ.",
    why: "Only the authority of the first Secret verifies clients; those of the other are turned away.",
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
metadata: {name: rsa, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority-a}
---
apiVersion: v1
kind: Secret
metadata: {name: ecdsa, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority-b}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: MUTUAL, credentialNames: [rsa, ecdsa], subjectAltNames: [partner.example.com]}}
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
metadata: {name: rsa, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority-a}
---
apiVersion: v1
kind: Secret
metadata: {name: ecdsa, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key, ca.crt: authority-a}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: MUTUAL, credentialNames: [rsa, ecdsa], subjectAltNames: [partner.example.com]}}
"#,
    specification: "Gateway reference, ServerTLSSettings.credentialNames",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let (secrets, pods) = (Secrets::new(view), Pods::new(view));
    for gateway in &view.mesh.gateways {
        for tls in gateway.spec.servers.iter().filter_map(|server| server.tls.as_ref()) {
            let is_mutual = matches!(gateways::mode(tls), "MUTUAL" | "OPTIONAL_MUTUAL");
            let [first, others @ ..] = tls.credential_names.as_slice() else { continue };
            if !is_mutual || tls.ca_cert_credential_name.is_some() {
                continue;
            }
            for (_, workload) in pods.of(gateway).iter().take(1) {
                let authority = |name: &Spanned<String>| {
                    secrets.get(&workload.namespace, &name.value).and_then(|secret| gateways::value(secret, "ca.crt"))
                };
                let Some(used) = authority(first) else { continue };
                let differing = others.iter().filter(|other| authority(other).is_some_and(|own| own.trim() != used.trim()));
                found.extend(differing.map(|other| {
                    RULE.at(other.span, format!("the clients' authority of `{}` is not used", other.value))
                        .with_secondary(first.span, "only the first one's verifies clients")
                        .with_help("put the same authorities into both Secrets, or name them with `caCertCredentialName`")
                }));
            }
        }
    }
}
