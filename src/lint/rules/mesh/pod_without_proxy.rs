use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::mesh::codes;

pub(super) const RULE: Rule = Rule {
    code: codes::WITHOUT_PROXY,
    name: "pod-without-proxy",
    severity: Severity::Warning,
    peers: &["IST0103"],
    needs: Needs::Inventory,
    finds: "A running pod without a proxy in a namespace that asks for one.",
    why: "Injection happens when a pod is made: one that is older than the label has no proxy, and no policy is enforced for it.",
    example: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1"}]}
status: {podIP: 10.0.0.7}
"#,
    instead: r#"apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: v1
kind: Pod
metadata: {name: cart, namespace: shop, labels: {app: cart}}
spec: {serviceAccountName: cart, containers: [{name: cart, image: "cart:1"}, {name: istio-proxy, image: "proxyv2:1.29.0"}]}
status: {podIP: 10.0.0.7}
"#,
    specification: "Istio sidecar injection",
    check: Check::Told,
};
