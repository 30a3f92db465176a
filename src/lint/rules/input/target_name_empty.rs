use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS017"),
    name: "target-name-empty",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "A target without a name.",
    why: "The object is refused: there is no target for all objects of a kind.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway}], action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}], action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Workload selector and PolicyTargetReference reference",
    check: Check::Admission(&[Cause::TargetNameEmpty]),
};
