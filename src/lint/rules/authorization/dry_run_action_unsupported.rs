use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS109"),
    name: "dry-run-action-unsupported",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A dry run of a CUSTOM or AUDIT policy, even one that is switched off.",
    why: "Only ALLOW and DENY can be tried without effect, so istiod refuses it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "Istio annotations reference, istio.io/dry-run",
    check: Check::Admission(&[Cause::DryRunActionUnsupported]),
};
