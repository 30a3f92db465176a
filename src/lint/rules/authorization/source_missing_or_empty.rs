use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS110"),
    name: "source-missing-or-empty",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "A `from` entry that says nothing about the source.",
    why: "istiod refuses it: a rule for anyone has no `from`, and one for every identity has the principal `*`.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: []}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Rule.From",
    check: Check::Admission(&[Cause::SourceMissingOrEmpty]),
};
