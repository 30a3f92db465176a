use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::bits;
use crate::lint::rules::ambient::caller::Caller;
use crate::lint::rules::ambient::waypoint;
use crate::lint::rules::ambient::ztunnel;
use crate::lint::service_index::ServiceIndex;
use crate::manifest::kinds::Action;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    code: Code("MS830"),
    name: "waypoint-identity-not-allowed",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "ALLOW policies for pods behind a waypoint that list clients, but not the waypoint.",
    why: "ztunnel sees the identity of the waypoint, not of the client: it denies everything that comes through the waypoint.",
    example: concat!(
        behind_waypoint!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"
    ),
    instead: concat!(
        behind_waypoint!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/waypoint]}}]}]}
"
    ),
    specification: "Istio ambient mode, layer 7 authorization policies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if mesh.kubernetes_gateways.is_empty() || view.on_ambient().is_empty() {
        return;
    }
    let (index, read) = (ServiceIndex::of(mesh), ztunnel::by_namespace(view));
    let mut told = BTreeSet::new();
    for workload in mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Ambient) {
        let Some(id) = view.id_of(workload) else { continue };
        let gateway = index.of_workload(id).iter().find_map(|service| waypoint::before_service(view, service));
        let Some(gateway) = gateway else { continue };
        let caller = Caller { principal: waypoint::principal(view, gateway), namespace: &gateway.id.namespace };
        let Some((policy, span)) = clients_only(view, &read, workload, &caller) else { continue };
        if !told.insert(policy) {
            continue;
        }
        found.push(
            RULE.at(
                span,
                format!(
                    "everything that comes to `{}` through the waypoint `{}` is denied",
                    workload.display_name(),
                    gateway.id.name
                ),
            )
            .with_label(format!("the caller that ztunnel sees is `{}`", caller.principal))
            .with_help("allow the waypoint here, and the clients in a policy with `targetRefs`")
            .likely(),
        );
    }
}

/// The first ALLOW policy of a workload that lists callers, when no such policy lets this one in.
fn clients_only<'v>(
    view: &MeshView<'v>,
    read: &ztunnel::ByNamespace<'v>,
    workload: &Workload,
    caller: &Caller<'_>,
) -> Option<(&'v str, Span)> {
    let mut listed = None;
    for policy in ztunnel::of_workload(view, read, workload).filter(|policy| policy.spec.action.value == Action::Allow) {
        for rule in policy.spec.rules.iter().flatten().flatten().filter(|rule| bits::is_kept(rule)) {
            if caller.may_match(rule, &policy.id.namespace) {
                return None;
            }
            let first =
                rule.from.iter().flatten().find_map(|source| {
                    source.principals.first().or(source.namespaces.first()).or(source.service_accounts.first())
                });
            listed = listed.or(first.map(|value| (policy.id.name.as_str(), value.span)));
        }
    }
    listed
}
