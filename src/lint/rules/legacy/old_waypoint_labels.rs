use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS710"),
    name: "old-waypoint-labels",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A label or annotation of the first ambient releases: `istio.io/for-service-account`, `istio.io/gateway-name`, `istio.io/service-account`.",
    why: "It is not read any more: no traffic goes through the waypoint, or no policy finds it.",
    example: r"apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, annotations: {istio.io/for-service-account: cart}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
",
    instead: r"apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: service}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
",
    specification: "Istio ambient mode, waypoint proxies",
    check: Check::Document(check),
};

const OLD: &[(&str, &str)] = &[
    ("istio.io/for-service-account", "label namespaces, services or pods `istio.io/use-waypoint`, and the Gateway `istio.io/waypoint-for`"),
    ("istio.io/service-account", "label namespaces, services or pods `istio.io/use-waypoint`"),
    ("istio.io/gateway-name", "write `gateway.networking.k8s.io/gateway-name`; a policy names its waypoint in `targetRefs`"),
];

/// Where they may stand.
const PLACES: &[&[&str]] = &[
    &["metadata", "labels"],
    &["metadata", "annotations"],
    &["spec", "selector", "matchLabels"],
    &["spec", "template", "metadata", "labels"],
    &["spec", "template", "metadata", "annotations"],
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for mapping in PLACES.iter().filter_map(|path| tree::at(view.node, path)) {
        for (name, help) in OLD {
            let Some((key, _)) = tree::entry(mapping, name) else { continue };
            found.push(
                RULE.at(key.span, format!("`{name}` is no longer read")).with_label("of the first ambient releases").with_help(*help),
            );
        }
    }
}
