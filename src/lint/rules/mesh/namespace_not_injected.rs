use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::mesh::pods::SYSTEM;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS502"),
    name: "namespace-not-injected",
    severity: Severity::Info,
    peers: &["IST0102"],
    needs: Needs::Inventory,
    finds: "A namespace with workloads and no label that brings them into the mesh.",
    why: "Its pods have no proxy, so no policy is enforced for them.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1", ports: [{containerPort: 8080}]}]}
"#,
    specification: "Istio sidecar injection",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for (name, namespace) in &view.mesh.namespaces {
        let says_something = ["istio-injection", "istio.io/rev", "istio.io/dataplane-mode"]
            .iter()
            .any(|label| namespace.labels.contains_key(*label));
        let Some(span) = namespace.span.filter(|_| !says_something && *name != view.mesh.settings.root_namespace) else {
            continue;
        };
        let workloads = view.workloads_in(name);
        if workloads.is_empty()
            || workloads.iter().any(|workload| workload.proxy != Proxy::None)
            || SYSTEM.contains(&name.as_str())
        {
            continue;
        }
        found.push(
            RULE.at(span, format!("namespace `{name}` is not part of the mesh"))
                .with_help("label it `istio-injection: enabled` or `istio.io/dataplane-mode: ambient`, or `istio-injection: disabled` to say that it is meant"),
        );
    }
}
