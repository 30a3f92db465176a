use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS112"),
    name: "empty-string-value",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "An empty text among the values of a list.",
    why: "istiod refuses it. Presence is the value `*`, absence is `notValues: [\"*\"]`.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {hosts: [""]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {hosts: [cart.example.com, "cart.example.com:*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference",
    check: Check::Admission(&[Cause::EmptyStringValue]),
};
