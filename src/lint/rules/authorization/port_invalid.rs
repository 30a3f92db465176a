use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS117"),
    name: "port-invalid",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A value that is no port number.",
    why: "istiod refuses it: there are no ranges and no names of ports, each number is listed.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: [8000-8100]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8000", "8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.ports",
    check: Check::Admission(&[Cause::PortInvalid]),
};
