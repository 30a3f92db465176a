use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS004"),
    name: "unknown-top-level-key",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "A key beside `apiVersion`, `kind`, `metadata`, `spec` and `status`.",
    why: "The indentation is usually wrong, and the specification then empty: an ALLOW without rules denies everything, a PeerAuthentication without a mode inherits one.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Kubernetes API concepts, field validation; istiod's validation webhook",
    check: Check::Admission(&[Cause::UnknownTopLevelKey]),
};
