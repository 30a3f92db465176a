use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS016"),
    name: "label-value-too-long",
    severity: Severity::Error,
    peers: &["api"],
    needs: Needs::Document,
    finds: "A label value in a selector that is longer than 63 characters.",
    why: "No workload can carry it. The API server refuses the object; istiod alone would take it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart-cart-cart-cart-cart-cart-cart-cart-cart-cart-cart-cart-cart-x}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Kubernetes labels and selectors, syntax",
    check: Check::Admission(&[Cause::LabelValueTooLong]),
};
