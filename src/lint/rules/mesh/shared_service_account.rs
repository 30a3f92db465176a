use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS514"),
    name: "shared-service-account",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy that admits a service account which several applications share.",
    why: "Identity cannot tell them apart: whoever admits one admits all of them.",
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
    spec: {serviceAccountName: front, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: admin, namespace: shop}
spec:
  selector: {matchLabels: {app: admin}}
  template:
    metadata: {labels: {app: admin}}
    spec: {serviceAccountName: front, containers: [{name: admin, image: "admin:1", ports: [{containerPort: 8080}]}]}
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/front]}}]}]}
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
    specification: "Istio security best practices, service accounts",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut applications: BTreeMap<(&str, &str), BTreeMap<&str, &Workload>> = BTreeMap::new();
    for workload in view.mesh.workloads.iter().filter(|workload| workload.service_account != "default") {
        // Versions of one application may share.
        let labels = ["app.kubernetes.io/name", "app"];
        let application = labels.iter().find_map(|label| workload.labels.get(*label)).unwrap_or(&workload.name);
        let account = (workload.namespace.as_str(), workload.service_account.as_str());
        applications.entry(account).or_default().entry(application).or_insert(workload);
    }
    applications.retain(|_, sharing| sharing.len() > 1);
    if applications.is_empty() {
        return;
    }
    for policy in view.mesh.authorization_policies.iter().filter(|policy| policy.spec.action.value == Action::Allow) {
        for list in value_lists(&policy.spec).iter().filter(|list| !list.is_negated) {
            for value in list.values {
                let account = if list.attribute == Attribute::Principals {
                    value.value.split_once("/ns/").and_then(|(_, rest)| rest.split_once("/sa/"))
                } else if list.attribute == Attribute::ServiceAccounts {
                    Some(value.value.split_once('/').unwrap_or((policy.id.namespace.as_str(), value.value.as_str())))
                } else {
                    None
                };
                let Some(sharing) = account.and_then(|account| applications.get(&account)) else { continue };
                let names: Vec<String> =
                    sharing.values().take(3).map(|workload| format!("`{}`", workload.display_name())).collect();
                let mut finding = RULE
                    .at(value.span, format!("{} applications have this account: {}", sharing.len(), names.join(", ")))
                    .with_help("give each application an account of its own");
                for workload in sharing.values().take(2) {
                    finding = finding.with_secondary(workload.span, "has it");
                }
                found.push(finding);
            }
        }
    }
}
