use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS021"),
    name: "unsupported-api-version",
    severity: Severity::Error,
    peers: &["api"],
    needs: Needs::Document,
    finds: "An API version that nothing serves.",
    why: "The API server does not know the object, so nothing reads it. istiod alone looks at the group only.",
    example: r#"apiVersion: security.istio.io/v1alpha1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "The resource definition of the kind",
    check: Check::Admission(&[Cause::UnsupportedApiVersion]),
};
