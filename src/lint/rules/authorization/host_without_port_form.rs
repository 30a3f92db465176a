use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_refusing;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::joined;

pub(super) const RULE: Rule = Rule {
    code: Code("MS175"),
    name: "host-without-port-form",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A host of a DENY, or in `notHosts` of an ALLOW, without its form with a port.",
    why: "`Host: shop.example:8443` is another text than `shop.example` unless the proxy strips the port, so it gets past the rule.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], hosts: [shop.example]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], hosts: [shop.example, "shop.example:*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.hosts",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for list in view.value_lists().iter().filter(|list| list.attribute == Attribute::Hosts) {
        if !is_refusing(policy.action.value, list) {
            continue;
        }
        for value in list.values {
            let text = value.as_str();
            let is_name = !text.contains(['*', ':', '/', '@', ' ']) && !is_regex_like(&list.attribute, text);
            let is_covered = |other: &Spanned<String>| {
                other.value.strip_suffix('*').is_some_and(|prefix| {
                    text.to_ascii_lowercase().starts_with(&prefix.to_ascii_lowercase())
                        || prefix.eq_ignore_ascii_case(&format!("{text}:"))
                })
            };
            if !is_name || list.values.iter().any(is_covered) {
                continue;
            }
            let with_port = format!("{text}:*");
            let finding = RULE
                .at(value.span, format!("`{text}` with a port is not covered"))
                .with_label("a client may write a port behind the name")
                .with_help(format!("add `{with_port}`"));
            found.push(joined(finding, view, value, Safety::Unsafe, &[&with_port]));
        }
    }
}
