use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::destination::gateways;
use crate::lint::rules::destination::gateways::Pods;
use crate::lint::rules::destination::gateways::Secrets;

pub(super) const RULE: Rule = Rule {
    code: Code("MS448"),
    name: "gateway-credential-namespace",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A Secret beside the Gateway object and not beside the gateway's pods.",
    why: "A gateway reads Secrets of the namespace it runs in; this one it cannot see, so the listener has no certificate.",
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
metadata: {name: shop-tls, namespace: shop}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
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
apiVersion: v1
kind: Secret
metadata: {name: shop-tls, namespace: edge}
type: Opaque
stringData: {tls.crt: certificate, tls.key: key}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: example, namespace: shop}
spec:
  selector: {istio: edge}
  servers:
  - {port: {number: 443, name: https, protocol: HTTPS}, hosts: ["shop.example.com"], tls: {mode: SIMPLE, credentialName: shop-tls}}
"#,
    specification: "Istio secure gateways",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let (secrets, pods) = (Secrets::new(view), Pods::new(view));
    for gateway in &view.mesh.gateways {
        let workloads = pods.of(gateway);
        let own = gateway.id.namespace.as_str();
        let Some((_, workload)) = workloads.first().filter(|_| workloads.iter().all(|(_, workload)| workload.namespace != own))
        else {
            continue;
        };
        for name in gateway.spec.servers.iter().filter_map(|server| server.tls.as_ref()).flat_map(gateways::credentials) {
            let beside_object = secrets.get(own, &name.value).filter(|_| secrets.get(&workload.namespace, &name.value).is_none());
            let Some(secret) = beside_object else { continue };
            found.push(
                RULE.at(
                    name.span,
                    format!("the gateway runs in namespace `{}` and cannot read `{own}/{}`", workload.namespace, name.value),
                )
                .with_secondary(secret.header.name.span, "the Secret")
                .with_help(format!("move the Secret to namespace `{}`", workload.namespace))
                .likely(),
            );
        }
    }
}
