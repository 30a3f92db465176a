use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Selector;
use crate::mesh::Proxy;
use crate::mesh::selector_labels_match;

pub(super) const RULE: Rule = Rule {
    code: Code("MS132"),
    name: "selector-ineffective-on-k8s-gateway",
    severity: Severity::Warning,
    peers: &["IST0166"],
    needs: Needs::Inventory,
    finds: "A selector that picks the pods of a gateway or waypoint of the Gateway API.",
    why: "A waypoint never looks at selectors, and a gateway only as long as a compatibility flag is on.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: service}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {gateway.networking.k8s.io/gateway-name: waypoint}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: service}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}], action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Istio ambient mode, attachment of policies",
    check: Check::Mesh(check),
};

const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    // Gateways by namespace: name, and labels of the pods as far as they are known.
    let mut gateways: BTreeMap<&str, Vec<Gateway<'_>>> = BTreeMap::new();
    for workload in &view.mesh.workloads {
        if let (Some(name), Proxy::Gateway | Proxy::Waypoint) = (workload.gateway_name(), workload.proxy) {
            let gateway = Gateway { name, is_waypoint: workload.proxy == Proxy::Waypoint, labels: Some(&workload.labels) };
            gateways.entry(&workload.namespace).or_default().push(gateway);
        }
    }
    for object in &view.mesh.kubernetes_gateways {
        let is_waypoint = object.spec.class.value == "istio-waypoint";
        let gateway = Gateway { name: &object.id.name, is_waypoint, labels: None };
        gateways.entry(&object.id.namespace).or_default().push(gateway);
    }
    if gateways.is_empty() {
        return;
    }
    let mesh = view.mesh;
    let authorization = mesh.authorization_policies.iter().map(|policy| (&policy.id.namespace, policy.spec.selector.as_ref()));
    let authentication = mesh.request_authentications.iter().map(|policy| (&policy.id.namespace, policy.spec.selector.as_ref()));
    for (namespace, selector) in authorization.chain(authentication) {
        let Some(selector) = selector.filter(|selector| !selector.match_labels.is_empty()) else { continue };
        let picked = gateways.get(namespace.as_str()).and_then(|all| all.iter().find(|gateway| gateway.is_picked_by(selector)));
        if let Some(gateway) = picked {
            found.push(gateway.told(selector));
        }
    }
}

struct Gateway<'v> {
    name: &'v str,
    is_waypoint: bool,
    labels: Option<&'v BTreeMap<String, String>>,
}

impl Gateway<'_> {
    fn is_picked_by(&self, selector: &Selector) -> bool {
        let wanted = &selector.match_labels;
        match self.labels {
            Some(labels) => selector_labels_match(wanted, labels),
            // Of pods that are not written only this label is sure.
            None => wanted.len() == 1 && wanted.get(GATEWAY_NAME).is_some_and(|name| name.value == self.name),
        }
    }

    fn told(&self, selector: &Selector) -> Finding {
        let first = selector.match_labels.values().next().map_or(selector.place.span, |value| value.span);
        let name = self.name;
        let finding = if self.is_waypoint {
            RULE.at(first, format!("the selector picks the waypoint `{name}`, which does not look at selectors"))
                .with_label("without effect there")
        } else {
            RULE.at(first, format!("the selector picks the gateway `{name}` of the Gateway API"))
                .with_label("honoured only while `ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY` is on")
        };
        finding.with_help(format!("write `targetRefs: [{{group: gateway.networking.k8s.io, kind: Gateway, name: {name}}}]` instead"))
    }
}
