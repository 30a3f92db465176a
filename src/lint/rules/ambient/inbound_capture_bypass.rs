use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::Proxy;

pub(super) const RULE: Rule = Rule {
    code: Code("MS842"),
    name: "inbound-capture-bypass",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Inventory,
    finds: "A pod of the ambient mesh with the annotation `ambient.istio.io/bypass-inbound-capture`.",
    why: "Inbound connections go past ztunnel: no mutual TLS and no policy holds for them.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {ambient.istio.io/bypass-inbound-capture: "true"}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1"}]}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: ambient}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1"}]}
"#,
    specification: "Istio annotations, ambient.istio.io/bypass-inbound-capture",
    check: Check::Mesh(check),
};

const ANNOTATION: &str = "ambient.istio.io/bypass-inbound-capture";

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for workload in view.mesh.workloads.iter().filter(|workload| workload.proxy == Proxy::Ambient) {
        if workload.annotations.get(ANNOTATION).is_none_or(|value| value != "true") {
            continue;
        }
        found.push(
            RULE.at(
                workload.place_of(ANNOTATION),
                format!("whoever connects to `{}` goes past ztunnel", workload.display_name()),
            )
            .with_label("neither mutual TLS nor a policy holds for it")
            .with_help("remove the annotation; it is meant for gateways that terminate connections themselves"),
        );
    }
}
