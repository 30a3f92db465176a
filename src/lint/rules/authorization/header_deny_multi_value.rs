use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_refusing;

pub(super) const RULE: Rule = Rule {
    code: Code("MS180"),
    name: "header-deny-multi-value",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A DENY on an exact header value, or `notValues` of a header in an ALLOW.",
    why: "A header may be sent twice. Proxies before the fix of March 2026 compare both values as one text, joined by a comma, so that a second value gets past the rule.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8080"]}}], when: [{key: "request.headers[x-env]", values: [test]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {ports: ["8080"]}}], when: [{key: "request.headers[x-env]", values: [live]}]}]}
"#,
    specification: "Istio security bulletin ISTIO-SECURITY-2026-001",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for list in view.value_lists() {
        let Attribute::Header(name) = &list.attribute else { continue };
        // Of these a request has one, or they are wrong for another reason.
        if name.starts_with(':') || ["host", "authorization", "cookie"].iter().any(|other| name.eq_ignore_ascii_case(other)) {
            continue;
        }
        let exact = list.values.iter().find(|value| !value.value.contains('*'));
        let Some(value) = exact.filter(|_| is_refusing(policy.action.value, list)) else { continue };
        found.push(
            RULE.at(value.span, format!("a second `{name}` header may get past this"))
                .with_label("two values are compared as one text by many proxies")
                .with_help("allow the values that are meant instead, or remove the header at the gateway"),
        );
    }
}
