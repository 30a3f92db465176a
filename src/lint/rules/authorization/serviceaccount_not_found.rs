use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::simulate::scenario::nearest;

pub(super) const RULE: Rule = Rule {
    code: Code("MS138"),
    name: "serviceaccount-not-found",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A service account in a policy that does not exist; a bare name is one of the policy's own namespace.",
    why: "An ALLOW by it admits nobody, until somebody creates an account of this name.",
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
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {serviceAccounts: [wbe]}}]}]}
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
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {serviceAccounts: [web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.serviceAccounts",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_workloads() {
        return;
    }
    let accounts = &view.mesh.service_accounts;
    let root = &view.mesh.settings.root_namespace;
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec).iter().filter(|list| list.attribute == Attribute::ServiceAccounts) {
            for value in list.values {
                let bare = (policy.id.namespace.as_str(), value.as_str());
                let (namespace, name) = value.value.split_once('/').unwrap_or(bare);
                let is_bare = !value.value.contains('/');
                let is_there = name == "default" || accounts.contains(&(namespace.to_owned(), name.to_owned()));
                // A bare name in the root namespace is another mistake.
                if is_there || (is_bare && namespace == root) {
                    continue;
                }
                let finding = RULE.at(value.span, format!("there is no service account `{namespace}/{name}`"));
                if !view.knows_namespace(namespace) {
                    found.push(finding.cannot_tell(format!("the manifests of namespace `{namespace}`")));
                    continue;
                }
                let elsewhere = accounts.iter().find(|(_, other)| is_bare && other == name);
                let of_namespace = accounts.iter().filter(|(other, _)| other == namespace).map(|(_, name)| name.as_str());
                let help = if let Some((other, name)) = elsewhere {
                    format!("write `{other}/{name}`: a bare name means namespace `{namespace}`")
                } else if let Some(near) = nearest(name, of_namespace) {
                    format!("did you mean `{namespace}/{near}`?")
                } else {
                    "name an account that exists, or remove the value".to_owned()
                };
                found.push(finding.with_label("no manifest makes it, and no workload runs as it").with_help(help).likely());
            }
        }
    }
}
