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
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS448"),
    name: "gateway-credential-namespace",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A Secret beside the Gateway object and not beside the gateway's pods; of a Gateway of the Gateway API, a Secret of another namespace without a ReferenceGrant there.",
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
    across_namespaces(view, found);
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

const GROUP: &str = "gateway.networking.k8s.io";

/// References of the Gateway API into other namespaces, which those namespaces must permit.
fn across_namespaces(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for gateway in &view.mesh.kubernetes_gateways {
        let own = gateway.id.namespace.as_str();
        for reference in gateway.spec.listeners.iter().flat_map(|listener| &listener.certificate_refs) {
            let Some(namespace) = reference.namespace.as_ref().filter(|namespace| namespace.value != own) else { continue };
            if is_permitted(view, own, namespace.as_str(), &reference.name.value) {
                continue;
            }
            let finding = RULE
                .at(namespace.span, format!("namespace `{}` does not let the gateway read its Secret `{}`", namespace.value, reference.name.value))
                .with_label("no ReferenceGrant there names Gateways of this namespace")
                .with_help(format!(
                    "write a ReferenceGrant in `{}`: from `{GROUP}` Gateway of `{own}`, to Secret `{}`",
                    namespace.value, reference.name.value
                ));
            let is_known = view.knows_namespace(namespace.as_str())
                || view.raw.iter().any(|raw| raw.namespace == namespace.value && raw.header.kind.value == "Secret");
            found.push(if is_known {
                finding.likely()
            } else {
                finding.cannot_tell(format!("the manifests of namespace `{}`", namespace.value))
            });
        }
    }
}

fn is_permitted(view: &MeshView<'_>, from: &str, namespace: &str, secret: &str) -> bool {
    view.raw_of(GROUP, "ReferenceGrant").filter(|grant| grant.namespace == namespace).any(|grant| {
        let is_from = |item: &Node| {
            tree::text(item, "group") == Some(GROUP)
                && tree::text(item, "kind") == Some("Gateway")
                && tree::text(item, "namespace") == Some(from)
        };
        let is_to = |item: &Node| {
            tree::text(item, "kind") == Some("Secret") && tree::text(item, "name").is_none_or(|name| name == secret)
        };
        tree::items_at(&grant.node, &["spec", "from"]).iter().any(is_from)
            && tree::items_at(&grant.node, &["spec", "to"]).iter().any(is_to)
    })
}
