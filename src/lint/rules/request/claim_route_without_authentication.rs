use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Raw;
use crate::lint::Rule;
use crate::lint::rules::request::route::gateways_of;
use crate::lint::tree::entries;
use crate::lint::tree::items_at;

pub(super) const RULE: Rule = Rule {
    code: Code("MS314"),
    name: "claim-route-without-authentication",
    severity: Severity::Error,
    peers: &["IST0149"],
    needs: Needs::Inventory,
    finds: "A VirtualService that routes by `@request.auth.claims` on a gateway that no RequestAuthentication applies to.",
    why: "Claims are known only after a token was verified: the match is never satisfied.",
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
apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ingress, namespace: edge}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata:
      annotations: {inject.istio.io/templates: gateway}
      labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}
    spec:
      serviceAccountName: ingress
      containers: [{name: istio-proxy, image: auto}]
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {istio: ingressgateway}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [shop.example], gateways: [edge/edge], http: [{match: [{headers: {"@request.auth.claims.role": {exact: admin}}}], route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
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
apiVersion: v1
kind: Namespace
metadata: {name: edge}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ingress, namespace: edge}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  template:
    metadata:
      annotations: {inject.istio.io/templates: gateway}
      labels: {istio: ingressgateway, sidecar.istio.io/inject: "true"}
    spec:
      serviceAccountName: ingress
      containers: [{name: istio-proxy, image: auto}]
---
apiVersion: v1
kind: Service
metadata: {name: ingress, namespace: edge}
spec: {selector: {istio: ingressgateway}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [shop.example]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {selector: {matchLabels: {istio: ingressgateway}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/edge/sa/ingress]}}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [shop.example], gateways: [edge/edge], http: [{match: [{headers: {"@request.auth.claims.role": {exact: admin}}}], route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
"#,
    specification: "Istio documentation, JWT claim based routing",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for raw in view.raw_of("networking.istio.io", "VirtualService") {
        let Some(key) = claim_key(raw) else { continue };
        let gateways = gateways_of(view, raw);
        let bare = gateways.iter().find(|id| view.authentications().get(id.0).is_none_or(Vec::is_empty));
        let Some(gateway) = bare.and_then(|id| view.mesh.workload(*id)) else { continue };
        found.push(
            RULE.at(key.span, format!("never matches: no RequestAuthentication applies to gateway `{}`", gateway.display_name()))
                .with_label("claims are known only after a token was verified")
                .with_help("add a RequestAuthentication for the gateway")
                .likely(),
        );
    }
}

/// The first match on a claim.
fn claim_key(raw: &Raw) -> Option<&Spanned<String>> {
    let matches = items_at(&raw.node, &["spec", "http"]).iter().flat_map(|http| items_at(http, &["match"]));
    let headers = matches.flat_map(|entry| ["headers", "withoutHeaders"].map(|name| entry.get(name)));
    headers.flatten().flat_map(entries).map(|(key, _)| key).find(|key| key.value.starts_with("@request.auth.claims"))
}
