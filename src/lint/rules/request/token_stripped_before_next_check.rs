use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::asking::Asking;
use crate::lint::rules::request::jwt_rule;
use crate::lint::rules::request::meeting::locations;
use crate::lint::rules::request::route::links;
use crate::lint::witness::Request;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::JwtRule;
use crate::mesh::Proxy;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS337"),
    name: "token-stripped-before-next-check",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A gateway that takes the token out of the request, and a workload behind it that asks for the same token.",
    why: "The rule of the gateway does not forward the token, so the workload never sees one: every request that comes through the gateway is refused.",
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
spec: {hosts: [shop.example], gateways: [edge/edge], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
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
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [shop.example], gateways: [edge/edge], http: [{route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", forwardOriginalToken: true}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {selector: {matchLabels: {istio: ingressgateway}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
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
    specification: "RequestAuthentication reference, JWTRule.forwardOriginalToken",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if mesh.request_authentications.is_empty() {
        return;
    }
    let (asking, mut witnesses, mut told) = (Asking::of(view), Witnesses::new(view), BTreeSet::new());
    for link in links(view) {
        let (Some(gateway), Some(workload)) = (mesh.workload(link.gateway), mesh.workload(link.workload)) else { continue };
        if workload.proxy != Proxy::Sidecar {
            continue;
        }
        let of_gateway = rules_of(view, link.gateway);
        let stripped = rules_of(view, link.workload).into_iter().find_map(|behind| {
            let takes = |first: &&JwtRule| {
                first.issuer == behind.issuer && !first.forward_original_token && !shared(first, behind).is_empty()
            };
            // What no rule of the gateway takes out arrives.
            let first = of_gateway.iter().copied().find(takes)?;
            Some((first, behind))
        });
        let Some((first, behind)) = stripped else { continue };
        let Some(policy) = asking.at(view, workload) else { continue };
        let place = jwt_rule::place_of(first);
        if !told.insert((place.source, place.offset)) {
            continue;
        }
        let request = Request {
            principal: Some(gateway.principal(&mesh.settings.trust_domain)),
            namespace: workload.namespace.clone(),
            workload: workload.name.clone(),
            port: view.inbound_ports(workload).first().map_or(8080, |port| port.port),
            ..Request::default()
        };
        let mut finding = RULE
            .at(place, format!("gateway `{}` takes the token out, workload `{}` behind it never sees one", gateway.name, workload.name))
            .with_label("`forwardOriginalToken` is not set")
            .with_secondary(link.place, "the way to the workload")
            .with_secondary(policy.header.name.span, "asks for the token")
            .with_help("set `forwardOriginalToken: true` in this rule");
        if !std::ptr::eq(first, behind) {
            finding = finding.with_secondary(jwt_rule::place_of(behind), "looks for the same token");
        }
        found.push(match witnesses.ask(&request).filter(Witness::is_denied) {
            Some(witness) => finding.with_witness(witness.scenario),
            None => finding.likely(),
        });
    }
}

fn rules_of<'m>(view: &MeshView<'m>, workload: WorkloadId) -> Vec<&'m JwtRule> {
    let policies = view.authentications().get(workload.0).map_or(&[][..], Vec::as_slice);
    let policies = policies.iter().filter_map(|index| view.mesh.request_authentications.get(*index));
    policies.flat_map(|policy| &policy.spec.jwt_rules).collect()
}

/// Places that both look in and that are emptied.
fn shared(first: &JwtRule, behind: &JwtRule) -> BTreeSet<String> {
    let cookies = |location: &String| !location.starts_with("cookie");
    locations(first).intersection(&locations(behind)).filter(|location| cookies(location)).cloned().collect()
}
