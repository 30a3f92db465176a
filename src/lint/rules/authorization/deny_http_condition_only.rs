use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS188"),
    name: "deny-http-condition-only",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A DENY rule that is made only of `when` conditions on the HTTP request.",
    why: "On a TCP port these conditions do not exist: they are dropped, and the rule denies every connection. istiod warns of such rules with `from` or `to` only.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{when: [{key: "request.headers[x-env]", values: ["test*"]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"]}}], when: [{key: "request.headers[x-env]", values: ["test*"]}]}]}
"#,
    specification: "AuthorizationPolicy reference, action; Istio authorization on TCP ports",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value != Action::Deny {
        return;
    }
    for rule in policy.rules.iter().flatten().flatten() {
        let Some(first) = rule.when.first().filter(|_| rule.from.is_empty() && rule.to.is_empty()) else { continue };
        if !rule.when.iter().all(|condition| Attribute::of_key(condition.key.as_str()).is_http_only()) {
            continue;
        }
        found.push(
            RULE.at(first.key.span, "on TCP ports this rule denies every connection")
                .with_label("the condition exists for HTTP only and is dropped elsewhere")
                .with_help("add `to` with the ports that carry HTTP"),
        );
    }
}
