use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS103"),
    name: "custom-without-provider",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A CUSTOM policy that names no provider.",
    why: "There is nobody to ask, so istiod refuses it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, provider",
    check: Check::Admission(&[Cause::CustomWithoutProvider]),
};
