use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS347"),
    name: "authentication-on-tcp-port",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A RequestAuthentication for workloads whose declared ports are all opaque to the proxy: TCP, TLS or HTTPS.",
    why: "There is no HTTP there for the proxy, so no token is ever looked for.",
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
spec: {selector: {app: cart}, ports: [{name: https-api, port: 443, targetPort: 8080}]}
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
    specification: "Istio documentation, protocol selection",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let mut opaque: BTreeMap<usize, Option<(&Workload, Span)>> = BTreeMap::new();
    for (workload, policies) in mesh.workloads.iter().zip(view.authentications()) {
        if policies.is_empty() || workload.proxy != Proxy::Sidecar {
            continue;
        }
        let ports = view.inbound_ports(workload);
        let is_opaque = !ports.is_empty() && ports.iter().all(|port| port.class == PortClass::Tcp);
        let place = ports.first().filter(|_| is_opaque).map(|port| (workload, port.span));
        for policy in policies {
            let known = opaque.entry(*policy).or_insert(place);
            if place.is_none() {
                *known = None;
            }
        }
    }
    for (index, place) in opaque {
        let (Some((workload, port)), Some(policy)) = (place, mesh.request_authentications.get(index)) else { continue };
        let Some(rule) = policy.spec.jwt_rules.first() else { continue };
        found.push(
            RULE.at(jwt_rule::place_of(rule), format!("no token is looked for: every port of `{}` is opaque", workload.display_name()))
                .with_label("there is no HTTP for the proxy to read")
                .with_secondary(port, "TCP by its name or `appProtocol`")
                .with_help("call the port `http-..` if the application speaks plain HTTP, and let the mesh do TLS"),
        );
    }
}
