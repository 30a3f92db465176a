use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS005"),
    name: "field-alias-or-case",
    severity: Severity::Error,
    peers: &["api", "istioctl validate"],
    needs: Needs::Document,
    finds: "A field in another spelling than its own: with underscores, or in another case.",
    why: "Offline tools take `ip_blocks` and the cluster drops it; `Action: DENY` is no action at all and leaves an ALLOW policy.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {ip_blocks: [10.0.0.0/8]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8], principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Kubernetes API concepts, field validation; ProtoJSON field names",
    check: Check::Admission(&[Cause::FieldAliasOrCase]),
};
