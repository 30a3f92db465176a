use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::ambient::waypoint;
use crate::lint::rules::ambient::waypoint::Wanted;

pub(super) const RULE: Rule = Rule {
    code: Code("MS805"),
    name: "waypoint-missing-fails-open",
    severity: Severity::Error,
    peers: &["KIA1312", "KIA1313"],
    needs: Needs::Inventory,
    finds: "A label `istio.io/use-waypoint` that names no Gateway, or a Gateway that is no waypoint.",
    why: "Traffic then goes straight to the workload, and every policy that the waypoint should enforce is gone.",
    example: concat!(
        r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: waypiont}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
",
        pods!()
    ),
    instead: concat!(behind_waypoint!(), ""),
    specification: "Istio ambient mode, waypoint proxies",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (_, wanted) in waypoint::every(view) {
        tell(view, wanted, found);
    }
}

fn tell(view: &MeshView<'_>, wanted: Wanted<'_>, found: &mut Vec<Finding>) {
    let Wanted { namespace, name, span } = wanted;
    if let Some(gateway) = waypoint::gateway(view, wanted) {
        let class = gateway.spec.class.as_str();
        if waypoint::is_waypoint_class(view, class) == Some(false) {
            found.push(
                RULE.at(span, format!("Gateway `{namespace}/{name}` is no waypoint: its class is `{class}`"))
                    .with_secondary(gateway.spec.class.span, "a waypoint has the class `istio-waypoint`")
                    .with_help("name a Gateway of class `istio-waypoint`"),
            );
        }
        return;
    }
    let others = view.mesh.kubernetes_gateways.iter().filter(|gateway| {
        gateway.id.namespace == namespace && waypoint::is_waypoint_class(view, &gateway.spec.class.value) == Some(true)
    });
    let names: Vec<&str> = others.map(|gateway| gateway.id.name.as_str()).collect();
    let finding = RULE.at(span, format!("there is no Gateway `{namespace}/{name}`: traffic goes past every waypoint")).with_help(
        match names.first() {
            Some(other) => format!("the waypoint there is `{other}`"),
            None => format!("add a Gateway `{name}` of class `istio-waypoint` to namespace `{namespace}`"),
        },
    );
    found.push(if !names.is_empty() || view.knows_namespace(namespace) {
        finding.likely()
    } else {
        finding.cannot_tell(format!("the manifests of namespace `{namespace}`"))
    });
}
