use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS164"),
    name: "sni-never-seen",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A condition on `connection.sni` with a public name, on a workload behind a sidecar.",
    why: "Calls inside the mesh carry an internal server name or none; only gateways see the names that clients ask for.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: connection.sni, values: [shop.example]}]}]}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: example.com/cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {hosts: [cart, cart.shop.svc.cluster.local]}}]}]}
",
    specification: "AuthorizationPolicy conditions, connection.sni",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::Sni && !list.is_negated) {
            let is_public = |name: &str| {
                let internal = [".svc", ".local", "outbound"];
                name.trim_matches('*').contains('.') && !internal.iter().any(|part| name.contains(part))
            };
            let are_public = list.values.iter().all(|value| is_public(value.as_str()));
            let Some(value) = list.values.first().filter(|_| are_public) else { continue };
            let selected = view.workloads_of(policy);
            let is_plain = selected.iter().all(|workload| workload.proxy == Proxy::Sidecar);
            let Some(workload) = selected.first().filter(|_| is_plain).map(|workload| workload.display_name()) else { continue };
            found.push(
                RULE.at(value.span, format!("`{}` is never the server name of a connection to `{workload}`", value.value))
                    .with_label("callers in the mesh send `outbound_.PORT_._.SERVICE`, or no name")
                    .with_help("match names at the gateway, or `hosts` for HTTP")
                    .likely(),
            );
        }
    }
}
