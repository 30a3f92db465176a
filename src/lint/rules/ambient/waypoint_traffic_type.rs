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
use crate::lint::rules::ambient::waypoint::Wish;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS831"),
    name: "waypoint-traffic-type",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A waypoint that does not take the traffic it is asked for: `istio.io/waypoint-for` says otherwise, or nothing, which means `service`.",
    why: "Such traffic goes past the waypoint, and its policies do not see it.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, istio.io/use-waypoint: waypoint}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1"}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: all}}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: istio-system}
spec: {mtls: {mode: STRICT}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, istio.io/use-waypoint: waypoint}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1"}]}
"#,
    specification: "Istio ambient mode, waypoint traffic types",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    if mesh.kubernetes_gateways.is_empty() {
        return;
    }
    for workload in mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Ambient) {
        let Wish::Of(wanted) = waypoint::wish_of_pod(workload) else { continue };
        let Some(gateway) = waypoint::gateway(view, wanted) else { continue };
        let traffic = waypoint::traffic(view, gateway);
        if matches!(traffic, "service" | "none") {
            found.push(
                RULE.at(
                    wanted.span,
                    format!("calls to pods of `{}` go past the waypoint `{}`", workload.display_name(), wanted.name),
                )
                .with_secondary(gateway.header.name.span, format!("takes traffic of kind `{traffic}`"))
                .with_help(format!("label the Gateway `{}: all`", waypoint::TRAFFIC)),
            );
        }
    }
    let targets = targets::all(view);
    let services = if targets.is_empty() { return } else { targets::services(view) };
    for target in targets.iter().filter(|target| matches!(target.kind, Kind::Service | Kind::ServiceEntry)) {
        let name = &target.reference.name;
        let Some(service) = services.get(&(target.kind, target.policy.namespace.as_str(), name.as_str())).copied() else {
            continue;
        };
        let Some(gateway) = waypoint::of_service(view, service).and_then(|wanted| waypoint::gateway(view, wanted)) else {
            continue;
        };
        let traffic = waypoint::traffic(view, gateway);
        if matches!(traffic, "workload" | "none") {
            found.push(
                RULE.at(
                    name.span,
                    format!("calls to `{}` go past the waypoint `{}`: nothing enforces this", name.value, gateway.id.name),
                )
                .with_secondary(gateway.header.name.span, format!("takes traffic of kind `{traffic}`"))
                .with_help(format!("label the Gateway `{}: service` or `all`", waypoint::TRAFFIC)),
            );
        }
    }
}
