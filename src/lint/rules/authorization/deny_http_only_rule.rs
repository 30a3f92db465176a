use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS125"),
    name: "deny-http-only-rule",
    severity: Severity::Warning,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "A DENY rule that TCP connections meet with nothing but attributes of HTTP.",
    why: "A TCP chain drops what it does not know, and what is left of the rule denies every connection.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {methods: [DELETE]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {methods: [DELETE], ports: ["8080"]}}]}]}
"#,
    specification: "istiod's validation webhook; security model of TCP in the AuthorizationPolicy documentation",
    check: Check::Admission(&[Cause::DenyHttpOnlyRule]),
};
