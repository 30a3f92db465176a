use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS105"),
    name: "provider-without-custom",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A provider in a policy whose action is not CUSTOM.",
    why: "istiod refuses it; without a written action the policy is an ALLOW and would not ask anybody.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, provider: {name: opa}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, provider",
    check: Check::Admission(&[Cause::ProviderWithoutCustom]),
};
