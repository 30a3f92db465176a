use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_granting;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS176"),
    name: "host-lookalike",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A host pattern that also matches names of other owners.",
    why: "`*example.com` is also `evilexample.com`, and `example.*` also `example.evil.org`.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {hosts: ["*shop.example"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {hosts: [shop.example, "*.shop.example"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.hosts",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for (list, value) in values(view, |attribute| *attribute == Attribute::Hosts) {
        let text = value.as_str();
        if !is_granting(policy.action.value, list) || is_regex_like(&list.attribute, text) || text == "*" {
            continue;
        }
        let prefix = text.strip_suffix('*').filter(|prefix| !prefix.contains('*'));
        let suffix = text.strip_prefix('*').filter(|suffix| !suffix.contains('*'));
        let finding = if let Some(suffix) = suffix {
            if suffix.starts_with(['.', ':']) {
                continue;
            }
            RULE.at(value.span, format!("`{text}` also matches `evil{suffix}`"))
                .with_label("the star is not kept apart by a dot")
                .with_help(format!("write `{suffix}` and `*.{suffix}`"))
        } else if let Some(prefix) = prefix {
            // `name:*` is the name with any port; an address with a port has several colons.
            if prefix.contains(':') {
                continue;
            }
            RULE.at(value.span, format!("`{text}` also matches names of other domains"))
                .with_label(format!("such as `{prefix}{}evil.example`", if prefix.ends_with('.') { "" } else { "." }))
                .with_help("write the names out; `name:*` is the name with any port")
        } else {
            continue;
        };
        found.push(finding);
    }
}
