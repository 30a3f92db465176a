use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::selection;
use crate::manifest::kinds::Selector;

pub(super) const RULE: Rule = Rule {
    code: Code("MS126"),
    name: "authorization-selects-no-workload",
    severity: Severity::Warning,
    peers: &["IST0127", "KIA0004"],
    needs: Needs::Inventory,
    finds: "A selector that no workload of the namespace satisfies; in the root namespace none of any namespace.",
    why: "The policy does nothing, and if a label is misspelt the workload it was meant for is open.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: crat}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: shop}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, selector",
    check: Check::Mesh(check),
};

/// The label by which pods belong to a gateway that istiod deploys itself.
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_workloads() {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        let Some(selector) = &policy.spec.selector else { continue };
        if !policy.spec.target_refs.is_empty() || is_deployed_gateway(view, &policy.id.namespace, selector) {
            continue;
        }
        let Some(finding) = selection::unmatched_selector(view, &RULE, &policy.id.namespace, selector) else { continue };
        let unknown = (policy.id.namespace == view.mesh.settings.root_namespace).then(|| unknown_namespace(view)).flatten();
        found.push(match unknown {
            Some(namespace) => finding.cannot_tell(format!("the manifests of namespace `{namespace}`")),
            None => finding,
        });
    }
}

/// Whether the pods are those of a gateway without a Deployment of its own.
fn is_deployed_gateway(view: &MeshView<'_>, namespace: &str, selector: &Selector) -> bool {
    selector.match_labels.get(GATEWAY_NAME).is_some_and(|name| {
        view.mesh.kubernetes_gateways.iter().any(|gateway| gateway.id.namespace == namespace && gateway.id.name == name.value)
    })
}

/// A namespace that is named, and of which nothing is known: a policy of the root namespace may select something there.
fn unknown_namespace<'v>(view: &'v MeshView<'_>) -> Option<&'v str> {
    view.mesh.namespaces.keys().map(String::as_str).find(|namespace| !view.knows_namespace(namespace))
}
