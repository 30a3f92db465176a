use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS197"),
    name: "audit-without-consumer",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy with action AUDIT.",
    why: "It never blocks, and it does nothing at all unless an extension of the proxy reads its decision.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: AUDIT, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, action",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value == Action::Audit {
        found.push(
            RULE.at(policy.action.span, "AUDIT blocks nothing, and is written down only by an extension that asks for it")
                .with_help("use the dry-run annotation to try a policy, and access logs to record requests"),
        );
    }
}
