use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS123"),
    name: "condition-key-bracket",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A condition key that lacks its name in brackets.",
    why: "istiod refuses it: headers, claims and filter state are maps, and the brackets say which entry is meant.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: request.headers, values: [cart]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.ip, values: [10.0.0.0/8]}]}]}
"#,
    specification: "Authorization policy conditions",
    check: Check::Admission(&[Cause::ConditionKeyBracket]),
};
