use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS008"),
    name: "null-list-item",
    severity: Severity::Error,
    peers: &["api"],
    needs: Needs::Document,
    finds: "An item of a list that is nothing: an empty dash, or `null`.",
    why: "Offline tools make an empty item of it, and an empty rule matches every request. The API server refuses it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
  -
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "The resource definition of the kind",
    check: Check::Admission(&[Cause::NullListItem]),
};
