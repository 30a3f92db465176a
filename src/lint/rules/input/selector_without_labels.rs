use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS015"),
    name: "selector-without-labels",
    severity: Severity::Warning,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "A selector without labels.",
    why: "For a sidecar it selects the whole namespace, although it reads like a choice; for ztunnel the policy attaches to nothing.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "Workload selector and PolicyTargetReference reference",
    check: Check::Admission(&[Cause::SelectorWithoutLabels]),
};
