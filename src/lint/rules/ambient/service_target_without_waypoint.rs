use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::targets;
use crate::lint::rules::ambient::targets::Kind;
use crate::lint::rules::ambient::waypoint;

pub(super) const RULE: Rule = Rule {
    code: Code("MS833"),
    name: "service-target-without-waypoint",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A policy whose `targetRefs` name a Service or ServiceEntry that no waypoint stands in front of.",
    why: "Sidecars and ztunnel ignore `targetRefs`: nobody enforces the policy.",
    example: concat!(
        ambient!(),
        r#"apiVersion: security.istio.io/v1
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
    specification: "AuthorizationPolicy reference, targetRefs",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let targets = targets::all(view);
    let services = if targets.is_empty() { return } else { targets::services(view) };
    for target in targets.iter().filter(|target| matches!(target.kind, Kind::Service | Kind::ServiceEntry)) {
        let (name, namespace) = (&target.reference.name, target.policy.namespace.as_str());
        let Some(service) = services.get(&(target.kind, namespace, name.as_str())).copied() else { continue };
        if waypoint::of_service(view, service).is_some() {
            continue;
        }
        let finding = RULE
            .at(name.span, format!("no waypoint stands in front of `{}`: nothing enforces this policy", name.value))
            .with_label("sidecars and ztunnel ignore `targetRefs`")
            .with_help(format!(
                "label the service or the namespace `{}`, or write a `selector` for pods with sidecars",
                waypoint::USE
            ));
        found.push(match view.namespace_span(namespace) {
            Some(_) => finding,
            None => finding.cannot_tell(format!("the labels of namespace `{namespace}`")),
        });
    }
}
