use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::near::Names;
use crate::lint::rules::authorization::identities;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS128"),
    name: "principal-not-found",
    severity: Severity::Warning,
    peers: &["KIA0106", "KIA0107", "KIA0108"],
    needs: Needs::Inventory,
    finds: "A principal of the own trust domain whose service account there is not.",
    why: "The grant is stale: whoever may create a service account of that name takes it over.",
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
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/gone]}}]}]}
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
    specification: "AuthorizationPolicy reference, Source.principals",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_workloads() {
        return;
    }
    let mut accounts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (namespace, account) in &view.mesh.service_accounts {
        accounts.entry(namespace).or_default().push(account);
    }
    let mut names: BTreeMap<&str, Names<'_>> = BTreeMap::new();
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::Principals) {
            for value in list.values {
                let Some((trust_domain, namespace, account)) = identities::parts(&value.value) else { continue };
                // A namespace that nobody names is told by the rule about namespaces.
                let is_named = view.mesh.namespaces.contains_key(namespace) || view.known_namespaces.contains(namespace);
                if !is_named || !identities::is_own(view, trust_domain) || identities::has_account(view, namespace, account) {
                    continue;
                }
                let near = accounts
                    .get(namespace)
                    .and_then(|known| names.entry(namespace).or_insert_with(|| Names::new(known.iter().copied())).meant(account));
                let finding = RULE
                    .at(value.span, format!("namespace `{namespace}` has no service account `{account}`"))
                    .with_label(if list.is_negated { "excludes nobody" } else { "matches nobody, until somebody creates it" })
                    .with_help(match near {
                        Some(near) => format!("did you mean `{trust_domain}/ns/{namespace}/sa/{near}`?"),
                        None => "name the service account that the caller runs as, or remove the value".to_owned(),
                    });
                found.push(if view.knows_namespace(namespace) {
                    finding.likely()
                } else {
                    finding.cannot_tell(format!("the manifests of namespace `{namespace}`"))
                });
            }
        }
    }
}
