use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS115"),
    name: "trust-domain-malformed",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A trust domain with a slash, two `*`, or one inside.",
    why: "istiod refuses it; a whole identity belongs into `principals`.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {trustDomains: [cluster.local/ns/shop]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source.trustDomains",
    check: Check::Admission(&[Cause::TrustDomainMalformed]),
};
