use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::scope;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Object;
use crate::mesh::Proxy;
use crate::mesh::selector_labels_match;

pub(super) const RULE: Rule = Rule {
    code: Code("MS134"),
    name: "workload-uncovered",
    severity: Severity::Info,
    peers: &["KIA1301"],
    needs: Needs::Inventory,
    finds: "A workload of the mesh that no AuthorizationPolicy in force concerns.",
    why: "Everything that reaches it is allowed.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: pay, namespace: shop}
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
metadata: {name: pay, namespace: shop}
spec:
  selector: {matchLabels: {app: pay}}
  template:
    metadata: {labels: {app: pay}}
    spec: {serviceAccountName: pay, containers: [{name: pay, image: pay, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}
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
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/cart]}}]}]}
",
    specification: "AuthorizationPolicy reference",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let mut by_namespace: BTreeMap<&str, Vec<&Object<AuthorizationPolicy>>> = BTreeMap::new();
    for policy in mesh.authorization_policies.iter().filter(|policy| is_in_force(policy)) {
        by_namespace.entry(&policy.id.namespace).or_default().push(policy);
    }
    // Without any policy the policies are somewhere else, or the mesh has none, which another rule says.
    if by_namespace.is_empty() {
        return;
    }
    let root = mesh.settings.root_namespace.as_str();
    for workload in &mesh.workloads {
        if !matches!(workload.proxy, Proxy::Sidecar | Proxy::Ambient) {
            continue;
        }
        let near = [root, workload.namespace.as_str()].into_iter().filter_map(|namespace| by_namespace.get(namespace)).flatten();
        let may_concern = near.filter(|policy| {
            policy.spec.selector.as_ref().is_none_or(|selector| selector_labels_match(&selector.match_labels, &workload.labels))
        });
        let is_covered = may_concern.into_iter().any(|policy| mesh.attaches(workload, &policy.target()));
        if !is_covered {
            found.push(
                RULE.at(workload.span, format!("no AuthorizationPolicy concerns `{}`", workload.display_name()))
                    .with_label("everything that reaches it is allowed")
                    .with_help("write an ALLOW policy for its callers, or a default deny: an ALLOW without rules in its namespace")
                    .likely(),
            );
        }
    }
}

/// Whether it decides about requests: not only tried, not only written down.
fn is_in_force(policy: &Object<AuthorizationPolicy>) -> bool {
    policy.spec.action.value != Action::Audit && !scope::is_dry_run(policy)
}
