use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::unmatched_selector;

pub(super) const RULE: Rule = Rule {
    code: Code("MS207"),
    name: "peer-mode-selects-no-workload",
    severity: Severity::Warning,
    peers: &["KIA0004"],
    needs: Needs::Inventory,
    finds: "A PeerAuthentication whose selector matches no workload of its namespace.",
    why: "The workload it was meant for keeps the mode of the namespace or of the mesh.",
    example: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: crat}}, mtls: {mode: STRICT}}
",
    instead: r"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: cart, namespace: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec:
      serviceAccountName: cart
      containers: [{name: app, image: registry.example/app:1, ports: [{containerPort: 8080}]}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, mtls: {mode: STRICT}}
",
    specification: "PeerAuthentication reference, selector",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    if !view.has_workloads() {
        return;
    }
    for policy in &view.mesh.peer_authentications {
        let Some(selector) = policy.spec.selector.as_ref().filter(|selector| !selector.match_labels.is_empty()) else { continue };
        // In the root namespace it is ignored whatever it selects, which another rule says.
        if policy.id.namespace == view.mesh.settings.root_namespace {
            continue;
        }
        found.extend(unmatched_selector(view, &RULE, &policy.id.namespace, selector).map(|finding| {
            finding.with_label("nothing carries these labels, so the inherited mode stays")
        }));
    }
}
