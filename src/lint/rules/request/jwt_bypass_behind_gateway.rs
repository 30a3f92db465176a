use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::asking::Asking;
use crate::lint::rules::request::route::links;
use crate::lint::witness::Request;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::mesh::Proxy;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS348"),
    name: "jwt-bypass-behind-gateway",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A gateway that asks for a token, and a workload behind it that admits others of the mesh without one.",
    why: "Whoever is inside the mesh calls the workload itself, and the check of the gateway with it.",
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
"#,
    specification: "Istio security best practices",
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
        let is_checked = |id: WorkloadId| view.authentications().get(id.0).is_some_and(|policies| !policies.is_empty());
        if workload.proxy != Proxy::Sidecar || !is_checked(link.gateway) || is_checked(link.workload) || asking.at(view, gateway).is_none() {
            continue;
        }
        if !told.insert(link.workload) {
            continue;
        }
        let stranger = format!("{}/ns/{}/sa/default", mesh.settings.trust_domain, workload.namespace);
        let request = Request {
            principal: Some(stranger),
            namespace: workload.namespace.clone(),
            workload: workload.name.clone(),
            port: view.inbound_ports(workload).first().map_or(8080, |port| port.port),
            ..Request::default()
        };
        let Some(witness) = witnesses.ask(&request).filter(Witness::is_allowed) else { continue };
        found.push(
            RULE.at(link.place, format!("`{}` answers without the token that gateway `{}` asks for", workload.display_name(), gateway.name))
                .with_label("others of the mesh can call it past the gateway")
                .with_help(format!(
                    "add an AuthorizationPolicy that admits the gateway alone: `principals: [{}]`",
                    gateway.principal(&mesh.settings.trust_domain)
                ))
                .likely()
                .with_witness(witness.scenario),
        );
    }
}
