use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS120"),
    name: "condition-without-values",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A condition with neither values nor `notValues`.",
    why: "istiod refuses it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.ip}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.ip, values: [10.0.0.0/8]}]}]}
"#,
    specification: "AuthorizationPolicy reference, Condition",
    check: Check::Admission(&[Cause::ConditionWithoutValues]),
};
