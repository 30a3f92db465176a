use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS107"),
    name: "custom-unsupported-condition",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A CUSTOM policy with a condition on the identity of the caller or on its token.",
    why: "External authorization comes before both are known to policies, so istiod refuses it. The provider itself can check them.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{when: [{key: "request.auth.claims[role]", values: [admin]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "Authorization policy conditions",
    check: Check::Admission(&[Cause::CustomUnsupportedCondition]),
};
