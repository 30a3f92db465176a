use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS122"),
    name: "condition-key-removed",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A condition on an attribute of the first RBAC API: `destination.labels`, `destination.name`, `destination.namespace`, `destination.user`.",
    why: "istiod refuses it: selector and namespace of the policy say what it is about.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "destination.labels[app]", values: [cart]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Authorization policy conditions",
    check: Check::Admission(&[Cause::ConditionKeyRemoved]),
};
