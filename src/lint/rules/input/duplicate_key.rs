use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS002"),
    name: "duplicate-key",
    severity: Severity::Error,
    peers: &["istioctl validate"],
    needs: Needs::Document,
    finds: "A mapping that holds the same key twice.",
    why: "The last one usually wins: the first `rules:` of a policy merged by hand is gone without a trace.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: ALLOW, rules: [{from: [{source: {namespaces: [shop]}}]}], rules: [{}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "YAML 1.1 10.1.1 (keys of a mapping are unique)",
    check: Check::Told,
};
