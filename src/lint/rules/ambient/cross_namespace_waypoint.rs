use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::targets;
use crate::lint::rules::ambient::targets::Crossings;
use crate::lint::rules::ambient::waypoint;
use crate::manifest::Labels;

pub(super) const RULE: Rule = Rule {
    code: Code("MS840"),
    name: "cross-namespace-waypoint",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A waypoint of another namespace whose Gateway does not admit the namespace that asks for it, or a policy for one of the two that stands in the other.",
    why: "It is not bound: without `allowedRoutes` a waypoint serves its own namespace only, and traffic goes past it. A policy is looked for beside what it names: the Gateway in its namespace, the Service in the other.",
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
        let (label, span) = match from.map_or("Same", |from| from.value.as_str()) {
            "Same" => ("serves its own namespace only", from.map_or(gateway.header.name.span, |from| from.span)),
            "Selector" => {
                let labels = listener.and_then(|listener| listener.allowed_labels.as_ref());
                let Some(span) = labels.and_then(|labels| not_selected(view, labels, namespace)) else { continue };
                ("selects namespaces with this label", span)
            }
            _ => continue,
        };
        found.push(
            RULE.at(
                wanted.span,
                format!("the waypoint `{}/{}` does not serve namespace `{namespace}`", wanted.namespace, wanted.name),
            )
            .with_secondary(span, label)
            .with_help("write `allowedRoutes: {namespaces: {from: Selector, selector: ..}}` in its listener for port 15008"),
        );
    }
    let Some(crossings) = Crossings::new(view) else { return };
    for target in targets::all(view) {
        let Some(namespace) = crossings.other_namespace(&target) else { continue };
        let (kind, reference) = (target.kind.as_str(), &target.reference.name);
        found.push(
            RULE.at(reference.span, format!("the {kind} `{}` is in namespace `{namespace}`, the policy is not", reference.value))
                .with_label(format!("looked for in `{}`", target.policy.namespace))
                .with_help(format!("write the policy in namespace `{namespace}`"))
                .likely(),
        );
    }
}

/// The first label of a selector that a namespace does not have; `None` of a namespace that is not known.
fn not_selected(view: &MeshView<'_>, labels: &Labels, namespace: &str) -> Option<Span> {
    let known = view.mesh.namespaces.get(namespace).filter(|known| known.span.is_some())?;
    let is_missing = |(name, value): &(&String, &Spanned<String>)| match name.as_str() {
        "kubernetes.io/metadata.name" => value.value != namespace,
        name => known.labels.get(name).is_none_or(|own| own.value != value.value),
    };
    labels.iter().find(is_missing).map(|(_, value)| value.span)
}
