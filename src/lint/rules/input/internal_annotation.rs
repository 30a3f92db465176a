use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS010"),
    name: "internal-annotation",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "An annotation that only the control plane may set.",
    why: "istiod refuses the object; such annotations are usually copied out of a live one.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop, annotations: {internal.istio.io/parents: HTTPRoute/cart.shop}}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "istiod's validation webhook",
    check: Check::Admission(&[Cause::InternalAnnotation]),
};
