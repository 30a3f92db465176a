use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS003"),
    name: "unknown-field",
    severity: Severity::Error,
    peers: &["api", "istioctl validate"],
    needs: Needs::Document,
    finds: "A field that the kind does not have.",
    why: "Without strict validation the API server drops the field: a lost restriction lets everybody in, a lost rule nobody.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{form: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Kubernetes API concepts, field validation",
    check: Check::Admission(&[Cause::UnknownField]),
};
