use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS118"),
    name: "path-template-invalid",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A path with braces that is no valid template.",
    why: "istiod refuses it: a segment is `{*}`, or `{**}` once and last of the operators, and nothing else stands in braces.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {paths: ["/users/{id}"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {paths: ["/users/{*}"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.paths",
    check: Check::Admission(&[Cause::PathTemplateInvalid]),
};
