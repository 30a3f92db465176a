use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS549"),
    name: "namespace-not-discovered",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::MeshConfiguration,
    finds: "A namespace that no discovery selector of the mesh configuration matches.",
    why: "istiod ignores its services and policies, while its workloads still run.",
    example: r#"apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |-
    trustDomain: cluster.local
    discoverySelectors: [{matchLabels: {mesh: "on"}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
"#,
    instead: r#"apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |-
    trustDomain: cluster.local
    discoverySelectors: [{matchLabels: {mesh: "on"}}]
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {mesh: "on", istio-injection: enabled}}
"#,
    specification: "Global mesh options reference, discoverySelectors",
    check: Check::Told,
};
