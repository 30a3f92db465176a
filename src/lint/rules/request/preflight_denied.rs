use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::asking::Asking;
use crate::lint::rules::request::asking::is_of_token;
use crate::lint::rules::request::route::gateways_of;
use crate::lint::tree::items_at;
use crate::lint::value_lists;
use crate::lint::witness::Request;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS346"),
    name: "preflight-denied",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy that wants a token from every request, at a workload whose routes have a `corsPolicy`.",
    why: "Browsers ask first, without a token: such a request is not checked for one, and is then refused by the policy, before the part of the proxy that answers it.",
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
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: edge, namespace: edge}
spec:
  selector: {matchLabels: {istio: ingressgateway}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [shop.example], gateways: [edge/edge], http: [{corsPolicy: {allowOrigins: [{exact: "https://app.example"}]}, route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
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
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [shop.example], gateways: [edge/edge], http: [{corsPolicy: {allowOrigins: [{exact: "https://app.example"}]}, route: [{destination: {host: cart.shop.svc.cluster.local}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {selector: {matchLabels: {istio: ingressgateway}}, action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {notMethods: [OPTIONS], ports: ["8080"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/edge/sa/ingress]}}]}]}
"#,
    specification: "Fetch standard, CORS-preflight request; order of the proxy's filters",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let mut answering: BTreeMap<WorkloadId, Span> = BTreeMap::new();
    for raw in view.raw_of("networking.istio.io", "VirtualService") {
        let Some(cors) = items_at(&raw.node, &["spec", "http"]).iter().find_map(|http| http.get("corsPolicy")) else { continue };
        for gateway in gateways_of(view, raw) {
            answering.entry(gateway).or_insert(cors.span);
        }
    }
    if answering.is_empty() {
        return;
    }
    let (asking, mut witnesses, mut told) = (Asking::of(view), Witnesses::new(view), BTreeSet::new());
    for (id, cors) in answering {
        let Some(workload) = mesh.workload(id) else { continue };
        let Some(policy) = asking.at(view, workload) else { continue };
        let port = view.inbound_ports(workload).first().map_or(8080, |port| port.port);
        let request = Request {
            namespace: workload.namespace.clone(),
            workload: workload.name.clone(),
            port,
            method: Some("OPTIONS".to_owned()),
            headers: vec![
                ("origin".to_owned(), "https://app.example".to_owned()),
                ("access-control-request-method".to_owned(), "GET".to_owned()),
            ],
            ..Request::default()
        };
        let lists = value_lists(&policy.spec);
        let value = lists.iter().find(|list| is_of_token(&list.attribute)).and_then(|list| list.values.first());
        let Some(value) = value.filter(|value| told.insert((value.span.source, value.span.offset))) else { continue };
        let Some(witness) = witnesses.ask(&request).filter(Witness::is_denied) else { continue };
        found.push(
            RULE.at(value.span, format!("preflight requests of browsers are refused at `{}`", workload.display_name()))
                .with_label("they carry no token")
                .with_secondary(cors, "meant for browsers")
                .with_help("let the method OPTIONS pass: a rule with `methods: [OPTIONS]`, or `notMethods: [OPTIONS]` in a DENY")
                .with_witness(witness.scenario),
        );
    }
}
