use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::mesh::Protocol;
use crate::mesh::Workload;
use crate::policy::TextPattern;

pub(super) const RULE: Rule = Rule {
    code: Code("MS163"),
    name: "grpc-operation-shape",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A method other than POST, or a path that is no gRPC method, on a workload that only serves gRPC.",
    why: "A gRPC call is always a POST to `/package.Service/Method`, so the value never matches.",
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
spec: {selector: {app: cart}, ports: [{name: grpc, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET]}}]}]}
",
    instead: r#"apiVersion: v1
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
spec: {selector: {app: cart}, ports: [{name: grpc, port: 80, targetPort: 8080}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {paths: ["/shop.Cart/*"]}}]}]}
"#,
    specification: "gRPC over HTTP/2; AuthorizationPolicy reference, Operation",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.mesh.services.iter().flat_map(|service| &service.ports).any(|port| port.protocol == Protocol::Grpc) {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        let lists = value_lists(&policy.spec);
        let positive = lists.iter().filter(|list| !list.is_negated);
        let wrong: Vec<_> = positive
            .flat_map(|list| list.values.iter().map(move |value| (&list.attribute, value)))
            .filter_map(|(attribute, value)| Some((value, problem(attribute, value.as_str())?)))
            .collect();
        if wrong.is_empty() || !is_grpc_only(view, &view.workloads_of(policy)) {
            continue;
        }
        for (value, text) in wrong {
            found.push(
                RULE.at(value.span, format!("`{}` never matches a gRPC call", value.value))
                    .with_label(text)
                    .with_help("write `paths: [\"/package.Service/Method\"]`, or `/package.Service/*` for all of a service")
                    .likely(),
            );
        }
    }
}

/// Why no gRPC call has this method or path.
fn problem(attribute: &Attribute, value: &str) -> Option<&'static str> {
    if *attribute == Attribute::Methods {
        let is_post = match TextPattern::parse(value) {
            TextPattern::Present => true,
            TextPattern::Exact(text) => text == "POST",
            TextPattern::Prefix(text) => "POST".starts_with(&text),
            TextPattern::Suffix(text) => "POST".ends_with(&text),
        };
        return (!is_post).then_some("gRPC calls are POST requests");
    }
    let is_exact = value.starts_with('/') && !value.contains(['*', '{']);
    if *attribute != Attribute::Paths || !is_exact {
        return None;
    }
    let (service, method) = value.strip_prefix('/')?.split_once('/').unwrap_or_default();
    let is_call = !service.is_empty() && !method.is_empty() && !method.contains('/');
    (!is_call).then_some("the path of a call is `/package.Service/Method`")
}

/// Whether every port of every workload is gRPC, and there is one.
fn is_grpc_only(view: &MeshView<'_>, workloads: &[&Workload]) -> bool {
    !workloads.is_empty()
        && workloads.iter().all(|workload| {
            let ports = view.inbound_ports(workload);
            !ports.is_empty() && ports.iter().all(|port| port.protocol == Protocol::Grpc)
        })
}
