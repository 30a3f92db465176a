use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS533"),
    name: "egress-policy-not-binding",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy on an egress gateway that workloads need not use.",
    why: "A workload that calls the outside directly never meets the policy.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: egress, namespace: edge}
spec:
  selector: {matchLabels: {app: egress}}
  template:
    metadata: {labels: {app: egress, istio: egressgateway, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: egress, containers: [{name: egress, image: "egress:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: egress, namespace: edge}
spec: {action: ALLOW, selector: {matchLabels: {app: egress}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec: {mtls: {mode: STRICT}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: egress, namespace: edge}
spec:
  selector: {matchLabels: {app: egress}}
  template:
    metadata: {labels: {app: egress, istio: egressgateway, sidecar.istio.io/inject: "true"}, annotations: {inject.istio.io/templates: gateway}}
    spec: {serviceAccountName: egress, containers: [{name: egress, image: "egress:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: egress, namespace: edge}
spec: {action: ALLOW, selector: {matchLabels: {app: egress}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out-by-gateway, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]}
"#,
    specification: "Istio egress gateways, additional security considerations",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let is_egress = |workload: &&Workload| {
        workload.proxy == Proxy::Gateway
            && (workload.labels.get("istio").is_some_and(|kind| kind == "egressgateway") || workload.name.contains("egress"))
    };
    if !view.mesh.workloads.iter().any(|workload| is_egress(&workload)) {
        return;
    }
    let bound: BTreeSet<&str> = view
        .raw_of("networking.k8s.io", "NetworkPolicy")
        .filter(|policy| {
            policy.node.get("spec").is_some_and(|spec| tree::texts(spec, "policyTypes").any(|(kind, _)| kind == "Egress"))
        })
        .map(|policy| policy.namespace.as_str())
        .collect();
    let free = view
        .mesh
        .workloads
        .iter()
        .find(|workload| workload.proxy == Proxy::Sidecar && !bound.contains(workload.namespace.as_str()));
    let Some(free) = free else { return };
    for policy in &view.mesh.authorization_policies {
        let targets = view.workloads_of(policy);
        if !targets.is_empty() && targets.iter().all(is_egress) {
            found.push(
                RULE.at(policy.header.name.span, format!("`{}` may call the outside without this gateway", free.display_name()))
                    .with_secondary(free.span, "no NetworkPolicy of its namespace is about egress")
                    .with_help("let a NetworkPolicy leave the gateway as the only way out")
                    .likely(),
            );
        }
    }
}
