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
    code: Code("MS416"),
    name: "gateway-credential-missing",
    severity: Severity::Error,
    peers: &["IST0101", "IST0161"],
    needs: Needs::Inventory,
    finds: "A Gateway whose Secret is not there, or lacks the certificate or the key.",
    why: "The listener has no certificate, so every connection to it is reset.",
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
stringData: {tls.crt: certificate}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
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
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: edge}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example.com], tls: {httpsRedirect: true}}
"#,
    specification: "Gateway reference, ServerTLSSettings.credentialName",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let (secrets, pods) = (Secrets::new(view), Pods::new(view));
    for gateway in &view.mesh.gateways {
        let workloads = pods.of(gateway);
        let Some((_, workload)) = workloads.first() else { continue };
        let namespace = workload.namespace.as_str();
        for tls in gateway.spec.servers.iter().filter_map(|server| server.tls.as_ref()) {
            for name in gateways::credentials(tls) {
                let Some(secret) = secrets.get(namespace, &name.value) else {
                    // Beside the Gateway instead of its pods: another finding.
                    if namespace == gateway.id.namespace || secrets.get(&gateway.id.namespace, &name.value).is_none() {
                        found.push(missing(view, name, namespace));
                    }
                    continue;
                };
                let pairs = [("tls.crt", "tls.key"), ("cert", "key")];
                let has_pair = pairs.iter().any(|(crt, key)| gateways::has_key(secret, crt) && gateways::has_key(secret, key));
                if has_pair {
                    continue;
                }
                let finding = RULE
                    .at(name.span, format!("Secret `{namespace}/{}` has no `tls.crt` and `tls.key`", name.value))
                    .with_secondary(secret.header.name.span, "this Secret")
                    .with_help("complete the Secret; the listener has no certificate until then");
                found.push(finding);
            }
        }
    }
}

fn missing(view: &MeshView<'_>, name: &Spanned<String>, namespace: &str) -> Finding {
    let finding = RULE
        .at(name.span, format!("there is no Secret `{}` in namespace `{namespace}`, where the gateway runs", name.value))
        .with_help("create it there, or correct the name");
    if view.known_namespaces.contains(namespace) {
        finding.likely()
    } else {
        finding.cannot_tell(format!("the Secrets of namespace `{namespace}`"))
    }
}
