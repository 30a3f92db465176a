use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::waypoint;

pub(super) const RULE: Rule = Rule {
    code: Code("MS840"),
    name: "cross-namespace-waypoint",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A waypoint of another namespace whose Gateway does not admit the namespace that asks for it.",
    why: "It is not bound: without `allowedRoutes` a waypoint serves its own namespace only, and traffic goes past it.",
    example: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: edge}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: edge}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
",
    instead: "apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypoint, istio.io/use-waypoint-namespace: edge}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: edge}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}]}
",
    specification: "Istio ambient mode, cross-namespace waypoints",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (namespace, wanted) in waypoint::every(view) {
        if wanted.namespace == namespace {
            continue;
        }
        let Some(gateway) = waypoint::gateway(view, wanted) else { continue };
        let listener =
            gateway.spec.listeners.iter().find(|listener| listener.protocol.value == "HBONE" && listener.port.value == 15008);
        let from = listener.and_then(|listener| listener.allowed_from.as_ref());
        if from.is_some_and(|from| from.value != "Same") {
            continue;
        }
        found.push(
            RULE.at(
                wanted.span,
                format!("the waypoint `{}/{}` does not serve namespace `{namespace}`", wanted.namespace, wanted.name),
            )
            .with_secondary(from.map_or(gateway.header.name.span, |from| from.span), "serves its own namespace only")
            .with_help("write `allowedRoutes: {namespaces: {from: Selector, selector: ..}}` in its listener for port 15008"),
        );
    }
}
