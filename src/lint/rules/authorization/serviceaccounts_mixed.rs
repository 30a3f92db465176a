use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS113"),
    name: "serviceaccounts-mixed",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "Service accounts beside principals or namespaces in one source.",
    why: "The object is refused: all three name the same identity in different words.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [web], namespaces: [shop]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source.serviceAccounts",
    check: Check::Admission(&[Cause::ServiceAccountsMixed]),
};
