use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS114"),
    name: "serviceaccount-malformed",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A service account that is neither `name` nor `namespace/name`.",
    why: "istiod refuses it. There are no wildcards here: a whole namespace is `namespaces`.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: ["shop/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source.serviceAccounts",
    check: Check::Admission(&[Cause::ServiceAccountMalformed]),
};
