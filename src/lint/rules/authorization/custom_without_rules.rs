use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS102"),
    name: "custom-without-rules",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A CUSTOM policy without rules.",
    why: "The provider would never be asked, so istiod refuses it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, rules",
    check: Check::Admission(&[Cause::CustomWithoutRules]),
};
