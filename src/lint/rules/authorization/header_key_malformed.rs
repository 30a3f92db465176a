use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS153"),
    name: "header-key-malformed",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A key on request headers that istiod accepts although it names no header.",
    why: "Text before the bracket makes the translation drop the condition, with the whole rule if it is an ALLOW; brackets or blanks inside name a header that cannot exist.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[x-team][x]", values: [blue]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[x-team]", values: [blue]}]}]}
"#,
    specification: "AuthorizationPolicy conditions, request.headers",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let is_allow = policy.action.value == Action::Allow;
    for list in view.value_lists() {
        let Some(key) = list.key else { continue };
        let Some(consequence) = consequence(list, is_allow) else { continue };
        found.push(
            RULE.at(key.span, format!("`{}` names no header", key.value))
                .with_label(consequence)
                .with_help("write `request.headers[NAME]` with the name of one header"),
        );
    }
}

/// Characters of a header name (RFC 9110 5.6.2), and the colon of a pseudo header.
fn is_header_name(name: &str) -> bool {
    let name = name.strip_prefix(':').unwrap_or(name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// What becomes of a key that names no header.
fn consequence(list: &ValueList<'_>, is_allow: bool) -> Option<&'static str> {
    if let Attribute::Header(name) = &list.attribute {
        let always = if list.is_negated { "so the condition always holds" } else { "so the condition never holds" };
        return (!is_header_name(name)).then_some(always);
    }
    let Attribute::Other(key) = &list.attribute else { return None };
    let dropped = if is_allow { "the rule is dropped with it" } else { "it is dropped, and the rule matches more than it says" };
    (key.starts_with("request.headers") && key.ends_with(']')).then_some(dropped)
}
