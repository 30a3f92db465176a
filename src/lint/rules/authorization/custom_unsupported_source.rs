use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS106"),
    name: "custom-unsupported-source",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A CUSTOM policy that looks at the identity of the caller or at its token.",
    why: "External authorization comes before both are known to policies, so istiod refuses it. The provider itself can check them.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source",
    check: Check::Admission(&[Cause::CustomUnsupportedSource]),
};
