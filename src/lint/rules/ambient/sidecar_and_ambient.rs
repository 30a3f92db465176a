use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::Proxy;
use crate::mesh::Workload;

pub(super) const RULE: Rule = Rule {
    code: Code("MS804"),
    name: "sidecar-and-ambient",
    severity: Severity::Error,
    peers: &["KIA1311", "KIA1314", "KIA1315", "KIA1316"],
    needs: Needs::Inventory,
    finds: "A pod that gets a sidecar and is asked into the ambient mesh by a label of its own or of its namespace.",
    why: "The sidecar wins: ztunnel leaves the pod alone, and policies for waypoints and ztunnel do not hold there.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
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
    metadata: {labels: {app: cart, istio.io/dataplane-mode: ambient}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
"#,
    instead: concat!(
        ambient!(),
        "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nothing, namespace: shop}
spec: {}
"
    ),
    specification: "Istio ambient mode, adding workloads to the mesh",
    check: Check::Mesh(check),
};

const MODE: &str = "istio.io/dataplane-mode";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for workload in view.mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Sidecar) {
        let Some(span) = asks_for_ambient(view, workload) else { continue };
        found.push(
            RULE.at(span, format!("`{}` gets a sidecar, so it does not join the ambient mesh", workload.display_name()))
                .with_note(format!("the sidecar comes from {}", workload.proxy_reason))
                .with_help("keep one of the two: `istio.io/dataplane-mode: none` for a pod with a sidecar, `sidecar.istio.io/inject: \"false\"` for one without"),
        );
    }
}

/// Where a pod with a sidecar is asked into the ambient mesh; a namespace that asks for both by itself is another finding.
fn asks_for_ambient(view: &MeshView<'_>, workload: &Workload) -> Option<Span> {
    if let Some(mode) = workload.labels.get(MODE) {
        return (mode == "ambient").then(|| workload.place_of_label(MODE));
    }
    let namespace = view.mesh.namespaces.get(&workload.namespace)?;
    let is_ambient = namespace.labels.get(MODE).is_some_and(|mode| mode.value == "ambient");
    let inject = workload.labels.get("sidecar.istio.io/inject").is_some_and(|wish| wish == "true");
    (is_ambient && inject && !namespace.injects).then(|| workload.place_of_label("sidecar.istio.io/inject"))
}
