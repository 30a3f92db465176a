use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::meeting::outputs;
use crate::lint::rules::request::route::links;
use crate::lint::value_lists;
use crate::lint::witness::Request;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::RequestAuthentication;
use crate::mesh::Object;
use crate::mesh::WorkloadId;

pub(super) const RULE: Rule = Rule {
    code: Code("MS341"),
    name: "output-header-not-sanitised-downstream",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A condition on a header that only the gateway writes from the token, at a workload that others of the mesh can call.",
    why: "A caller inside the mesh writes the header itself, and is taken for whoever it names.",
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-role, claim: role}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {selector: {matchLabels: {istio: ingressgateway}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{when: [{key: "request.headers[x-role]", values: [admin]}]}]}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-role, claim: role}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: edge, namespace: edge}
spec: {selector: {matchLabels: {istio: ingressgateway}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/edge/sa/ingress]}}], when: [{key: "request.headers[x-role]", values: [admin]}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule.outputClaimToHeaders",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let writes = |policy: &Object<RequestAuthentication>| policy.spec.jwt_rules.iter().any(|rule| !outputs(rule).is_empty());
    if !mesh.request_authentications.iter().any(writes) {
        return;
    }
    let written = |id: WorkloadId| -> BTreeSet<String> {
        let policies = view.authentications().get(id.0).map_or(&[][..], Vec::as_slice);
        let policies = policies.iter().filter_map(|index| mesh.request_authentications.get(*index));
        policies.flat_map(|policy| &policy.spec.jwt_rules).flat_map(outputs).collect()
    };
    let mut behind: BTreeMap<WorkloadId, BTreeSet<String>> = BTreeMap::new();
    for link in links(view) {
        behind.entry(link.workload).or_default().extend(written(link.gateway));
    }
    let mut witnesses = Witnesses::new(view);
    for policy in mesh.authorization_policies.iter().filter(|policy| policy.spec.action.value == Action::Allow) {
        let lists = value_lists(&policy.spec);
        let mut headers = lists.iter().filter(|list| !list.is_negated && matches!(list.attribute, Attribute::Header(_))).peekable();
        if behind.is_empty() || headers.peek().is_none() {
            continue;
        }
        let workloads = view.workloads_of(policy);
        for list in headers {
            let (Attribute::Header(name), Some(value)) = (&list.attribute, list.values.first()) else { continue };
            let header = name.to_ascii_lowercase();
            let reached = workloads.iter().copied().find(|workload| {
                view.id_of(workload).is_some_and(|id| {
                    behind.get(&id).is_some_and(|headers| headers.contains(&header)) && !written(id).contains(&header)
                })
            });
            let Some(workload) = reached else { continue };
            let request = Request {
                principal: Some(format!("{}/ns/{}/sa/default", mesh.settings.trust_domain, workload.namespace)),
                namespace: workload.namespace.clone(),
                workload: workload.name.clone(),
                port: view.inbound_ports(workload).first().map_or(8080, |port| port.port),
                headers: vec![(header.clone(), value.value.replace('*', "x"))],
                ..Request::default()
            };
            let settled = |witness: &Witness| {
                witness.is_allowed() && witness.is_settled_by(&policy.id.namespace, &policy.id.name, list.index)
            };
            let Some(witness) = witnesses.ask(&request).filter(settled) else { continue };
            found.push(
                RULE.at(value.span, format!("callers inside the mesh can write header `{name}` themselves"))
                    .with_label(format!("only the gateway takes it from the token; `{}` is called by others too", workload.name))
                    .with_help("also ask for the gateway's identity: `principals` in `from`")
                    .with_witness(witness.scenario),
            );
        }
    }
}
