use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::first_few;
use crate::lint::rules::request::asking::is_of_token;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS323"),
    name: "authorization-without-authentication",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy that looks at tokens at workloads that no RequestAuthentication applies to.",
    why: "Nobody verifies a token there: conditions on it never hold, and their `not` forms always do, so that a DENY on them refuses every request.",
    example: r#"apiVersion: v1
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
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: "registry.example/app:1", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    instead: r#"apiVersion: v1
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
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: "registry.example/app:1", ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference; AuthorizationPolicy reference, Source.requestPrincipals",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_workloads() {
        return;
    }
    let checked: Vec<bool> = view.authentications().iter().map(|policies| !policies.is_empty()).collect();
    for policy in &view.mesh.authorization_policies {
        let lists = value_lists(&policy.spec);
        let Some(list) = lists.iter().find(|list| is_of_token(&list.attribute)) else { continue };
        let Some(value) = list.values.first() else { continue };
        let proxied = |workload: &&Workload| matches!(workload.proxy, Proxy::Sidecar | Proxy::Gateway);
        let workloads: Vec<&Workload> = view.workloads_of(policy).into_iter().filter(proxied).collect();
        let is_checked = |workload: &&Workload| view.id_of(workload).is_none_or(|id| checked.get(id.0).copied().unwrap_or(true));
        if workloads.is_empty() || workloads.iter().any(is_checked) {
            continue;
        }
        let names: Vec<&str> = workloads.iter().map(|workload| workload.name.as_str()).collect();
        let effect = match (policy.spec.action.value, list.is_negated) {
            (Action::Deny, true) => "every HTTP request is refused",
            (_, true) => "this always holds",
            (Action::Allow, false) => "this admits nobody",
            (_, false) => "this never matches",
        };
        found.push(
            RULE.at(value.span, format!("{effect}: no RequestAuthentication checks tokens at {}", first_few(&names)))
                .with_label("without one no request has a token that was verified")
                .with_help("add a RequestAuthentication for the same workloads")
                .likely(),
        );
    }
}
