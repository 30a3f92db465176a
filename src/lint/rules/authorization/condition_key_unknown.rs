use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS121"),
    name: "condition-key-unknown",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A condition on an attribute that does not exist.",
    why: "istiod refuses it. Keys are case-sensitive, and methods, paths and hosts stand in `to`.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.principals, values: [cluster.local/ns/shop/sa/web]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.ip, values: [10.0.0.0/8]}]}]}
"#,
    specification: "Authorization policy conditions",
    check: Check::Admission(&[Cause::ConditionKeyUnknown]),
};
