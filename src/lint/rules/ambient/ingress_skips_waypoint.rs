use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::targets;
use crate::lint::rules::ambient::targets::Kind;
use crate::lint::rules::ambient::waypoint;
use crate::lint::tree;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    code: Code("MS838"),
    name: "ingress-skips-waypoint",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A gateway that routes to a service whose waypoint has policies, while the service does not ask for `istio.io/ingress-use-waypoint`.",
    why: "What comes in through a gateway goes straight to the pods: policies at the waypoint do not see it.",
    example: concat!(
        behind_waypoint!(),
        r#"apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: edge}
spec: {gatewayClassName: istio, listeners: [{name: https, port: 443, protocol: HTTPS, tls: {mode: Terminate, certificateRefs: [{name: edge}]}}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: cart, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: edge}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart-waypoint, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET], ports: ["8080"]}}]}]}
"#
    ),
    instead: concat!(
        behind_waypoint!(),
        r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart-waypoint, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {targetRefs: [{group: "", kind: Service, name: cart}], rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET], ports: ["8080"]}}]}]}
"#
    ),
    specification: "Istio ambient mode, ingress and waypoints",
    check: Check::Mesh(check),
};

const LABEL: &str = "istio.io/ingress-use-waypoint";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let targets = targets::all(view);
    let services = if targets.is_empty() { return } else { targets::services(view) };
    let enforced: BTreeSet<(Kind, &str, &str)> =
        targets.iter().map(|target| (target.kind, target.policy.namespace.as_str(), target.reference.name.as_str())).collect();
    for (namespace, name, span) in routed(view) {
        let Some(service) = services.get(&(Kind::Service, namespace, name)).copied() else { continue };
        let Some(gateway) = waypoint::before_service(view, service) else { continue };
        let of_waypoint = (Kind::Gateway, gateway.id.namespace.as_str(), gateway.id.name.as_str());
        let has_policies = enforced.contains(&(Kind::Service, namespace, name)) || enforced.contains(&of_waypoint);
        let of_namespace = || view.mesh.namespaces.get(namespace)?.labels.get(LABEL);
        let asks = service.labels.get(LABEL).or_else(of_namespace).is_some_and(|value| value.value == "true");
        if !has_policies || asks {
            continue;
        }
        found.push(
            RULE.at(span, format!("what comes in here goes past the waypoint `{}` of `{name}`", gateway.id.name))
                .with_secondary(service.span, "has policies at its waypoint")
                .with_help(format!("label the service `{LABEL}: \"true\"`")),
        );
    }
}

/// Where routes of gateways send to: namespace and name of services.
fn routed<'v>(view: &MeshView<'v>) -> Vec<(&'v str, &'v str, Span)> {
    let mut routed = Vec::new();
    for route in view.raw_of("gateway.networking.k8s.io", "HTTPRoute") {
        let is_for_gateway = tree::items_at(&route.node, &["spec", "parentRefs"])
            .iter()
            .any(|parent| tree::text(parent, "kind").is_none_or(|kind| kind == "Gateway"));
        let rules = tree::items_at(&route.node, &["spec", "rules"]).iter().filter(|_| is_for_gateway);
        for backend in rules.flat_map(|rule| tree::items(rule, "backendRefs")) {
            let is_service = tree::text(backend, "kind").is_none_or(|kind| kind == "Service");
            let Some(name) = backend.get("name").filter(|_| is_service) else { continue };
            let Some(text) = name.as_str() else { continue };
            routed.push((tree::text(backend, "namespace").unwrap_or(&route.namespace), text, name.span));
        }
    }
    for virtual_service in view.raw_of("networking.istio.io", "VirtualService") {
        let is_for_gateway =
            tree::items_at(&virtual_service.node, &["spec", "gateways"]).iter().any(|gateway| gateway.as_str() != Some("mesh"));
        let entries = tree::items_at(&virtual_service.node, &["spec", "http"]).iter().filter(|_| is_for_gateway);
        for destination in entries.flat_map(|http| tree::items(http, "route")) {
            let Some(host) = tree::at(destination, &["destination", "host"]) else { continue };
            let Some(text) = host.as_str() else { continue };
            let mut labels = text.split('.');
            let Some(name) = labels.next() else { continue };
            routed.push((labels.next().unwrap_or(&virtual_service.namespace), name, host.span));
        }
    }
    routed
}
