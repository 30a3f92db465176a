use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::bits;
use crate::lint::rules::ambient::targets;
use crate::lint::rules::ambient::targets::Kind;
use crate::lint::rules::ambient::waypoint;
use crate::lint::rules::ambient::ztunnel;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    code: Code("MS829"),
    name: "waypoint-bypass-open",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Inventory,
    finds: "HTTP rules at a waypoint in front of pods that accept connections from others than the waypoint.",
    why: "Who calls the pod by its address, or from outside the mesh, does not pass the waypoint, and ztunnel lets everybody in.",
    example: concat!(
        open_behind_waypoint!(),
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
    specification: "Istio ambient mode, layer 7 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if mesh.settings.feature("PILOT_AUTO_ALLOW_WAYPOINT_POLICY", false) {
        return;
    }
    let with_http: BTreeSet<_> = mesh
        .authorization_policies
        .iter()
        .filter(|policy| policy.spec.rules.iter().flatten().flatten().any(|rule| bits::first_http(rule).is_some()))
        .map(|policy| &policy.id)
        .collect();
    let targets: Vec<_> = targets::all(view)
        .into_iter()
        .filter(|target| matches!(target.kind, Kind::Service | Kind::ServiceEntry) && with_http.contains(target.policy))
        .collect();
    if targets.is_empty() {
        return;
    }
    let services = targets::services(view);
    let read = ztunnel::by_namespace(view);
    let mut told = BTreeSet::new();
    for target in targets {
        let key = (target.kind, target.policy.namespace.as_str(), target.reference.name.as_str());
        let Some(service) = services.get(&key).copied() else { continue };
        let Some(gateway) = waypoint::before_service(view, service) else { continue };
        let pods = service.endpoints.iter().filter_map(|endpoint| mesh.workload(endpoint.workload?));
        let open = |workload: &&Workload| workload.proxy == Proxy::Ambient && !ztunnel::is_covered(view, &read, workload);
        let Some(pod) = pods.into_iter().find(open) else { continue };
        // One finding for each service.
        if !told.insert(key) {
            continue;
        }
        let principal = waypoint::principal(view, gateway);
        found.push(
            RULE.at(
                target.reference.name.span,
                format!("`{}` can be called past the waypoint `{}`", pod.display_name(), gateway.id.name),
            )
            .with_label("nothing else protects its pods")
            .with_help(format!("add an ALLOW policy that selects the pods, with `principals: [\"{principal}\"]`"))
            .likely(),
        );
    }
}
