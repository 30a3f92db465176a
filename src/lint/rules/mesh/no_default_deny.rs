use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Object;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::mesh::selector_matches;

pub(super) const RULE: Rule = Rule {
    code: Code("MS501"),
    name: "no-default-deny",
    severity: Severity::Warning,
    peers: &["KIA1301"],
    needs: Needs::Inventory,
    finds: "A namespace whose policies admit callers workload by workload, with a served workload that none of them covers.",
    why: "Whatever no ALLOW policy selects is open to everyone, and the next workload will be too.",
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
metadata: {name: stock, namespace: shop}
spec:
  selector: {matchLabels: {app: stock}}
  template:
    metadata: {labels: {app: stock}}
    spec: {serviceAccountName: stock, containers: [{name: stock, image: "stock:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: stock, namespace: shop}
spec: {selector: {app: stock}, ports: [{name: http, port: 80, targetPort: 8080}]}
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
metadata: {name: stock, namespace: shop}
spec:
  selector: {matchLabels: {app: stock}}
  template:
    metadata: {labels: {app: stock}}
    spec: {serviceAccountName: stock, containers: [{name: stock, image: "stock:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: stock, namespace: shop}
spec: {selector: {app: stock}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: default-deny, namespace: shop}
spec: {action: ALLOW}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: mesh-only, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]}]}
"#,
    specification: "Istio security best practices, default-deny",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let root = mesh.settings.root_namespace.as_str();
    let mut by_namespace: BTreeMap<&str, Vec<&Object<AuthorizationPolicy>>> = BTreeMap::new();
    for policy in &mesh.authorization_policies {
        let is_dry = policy.header.annotation("istio.io/dry-run").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if policy.spec.action.value == Action::Allow && !is_dry {
            by_namespace.entry(&policy.id.namespace).or_default().push(policy);
        }
    }
    let covers_all = |policy: &&Object<AuthorizationPolicy>| {
        let spec = &policy.spec;
        let labels = spec.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty());
        !labels && spec.target_ref.is_none() && spec.target_refs.is_empty()
    };
    if by_namespace.get(root).is_some_and(|policies| policies.iter().any(covers_all)) {
        return;
    }
    let mut served: BTreeMap<&str, BTreeSet<WorkloadId>> = BTreeMap::new();
    for endpoint in mesh.services.iter().flat_map(|service| &service.endpoints) {
        served.entry(&endpoint.namespace).or_default().extend(endpoint.workload);
    }
    let of_root = by_namespace.get(root).map(Vec::as_slice).unwrap_or_default();
    let is_covered = |workload: &Workload, policy: &Object<AuthorizationPolicy>| {
        policy.spec.selector.as_ref().is_some_and(|selector| selector_matches(selector, &workload.labels))
    };
    for (namespace, policies) in by_namespace.iter().filter(|(namespace, _)| **namespace != root) {
        let selects_nobody = |policy: &&Object<AuthorizationPolicy>| {
            !view.workloads_in(namespace).iter().any(|workload| is_covered(workload, policy))
        };
        // A selector that is wrong is another finding, and the cause of this one.
        if policies.iter().any(covers_all) || policies.iter().any(selects_nobody) {
            continue;
        }
        let open: Vec<&Workload> = served
            .get(namespace)
            .into_iter()
            .flatten()
            .filter_map(|id| mesh.workload(*id))
            .filter(|workload| matches!(workload.proxy, Proxy::Sidecar | Proxy::Ambient))
            .filter(|workload| !policies.iter().chain(of_root).any(|policy| is_covered(workload, policy)))
            .collect();
        let (Some(first), Some(policy)) = (open.first(), policies.first()) else { continue };
        let others = if open.len() > 1 { format!(" and {} more", open.len() - 1) } else { String::new() };
        found.push(
            RULE.at(first.span, format!("no ALLOW policy covers `{}`{others}: open to every caller", first.display_name()))
                .with_secondary(policy.header.name.span, "others of the namespace are covered one by one")
                .with_help(format!("add an AuthorizationPolicy with `spec: {{}}` to namespace `{namespace}`: it admits nobody, and each other policy makes an exception"))
                .likely(),
        );
    }
}
