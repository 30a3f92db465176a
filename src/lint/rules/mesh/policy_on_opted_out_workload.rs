use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::pods::has_opted_out;
use crate::lint::rules::mesh::selecting;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS505"),
    name: "policy-on-opted-out-workload",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy that selects a workload which has opted out of the mesh.",
    why: "It reads as protection, and nothing enforces it.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, sidecar.istio.io/inject: "false"}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mesh-only, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mesh-only, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
"#,
    specification: "Istio sidecar injection, controlling the injection policy",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let out: Vec<&Workload> = view.mesh.workloads.iter().filter(|workload| has_opted_out(workload)).collect();
    if out.is_empty() {
        return;
    }
    for policy in selecting::policies(view) {
        let Some(workload) = out.iter().find(|workload| policy.means(view, workload)) else { continue };
        let candidates = if policy.id.namespace == view.mesh.settings.root_namespace {
            view.selected(&policy.id.namespace, &[])
        } else {
            view.workloads_in(&policy.id.namespace).to_vec()
        };
        let has_others = candidates.iter().any(|other| other.proxy != Proxy::None && policy.means(view, other));
        let name = workload.display_name();
        let mut finding = RULE
            .at(policy.span(), format!("`{name}` has no proxy, so nothing enforces this policy for it"))
            .with_secondary(workload.span, workload.proxy_reason.clone())
            .with_help("let the workload have its proxy, or protect it by a NetworkPolicy");
        if has_others {
            finding.severity = Severity::Warning;
        }
        found.push(finding);
    }
}
