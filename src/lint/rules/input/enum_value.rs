use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS007"),
    name: "enum-value",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "A word that the field does not take.",
    why: "The object is refused.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: deny, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: DENY, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "The resource definition of the kind",
    check: Check::Told,
};
