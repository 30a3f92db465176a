use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS144"),
    name: "wildcard-both-ends",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A value with a star at both ends, such as `*shop*`.",
    why: "The first star makes it a suffix pattern, and the last one is compared as a character: nothing ends with a star.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {hosts: ["*shop*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {hosts: ["shop.example", "shop.example:*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Rule, string matching",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (list, value) in values(view, is_text) {
        let text = value.as_str();
        let Some(inner) = text.strip_prefix('*').and_then(|text| text.strip_suffix('*')) else { continue };
        // `**` is caught too: a suffix pattern on a star. `*/*` is a value that `accept` really has.
        if inner.contains('*') || inner == "/" || is_regex_like(&list.attribute, text) {
            continue;
        }
        let help = if inner.is_empty() {
            "write `*` for any value".to_owned()
        } else {
            format!("list the forms it may have, such as `{inner}*` and `*{inner}`; a part in the middle cannot be matched")
        };
        let finding = RULE
            .at(value.span, format!("`{text}` is read as values that end with `{inner}*`"))
            .with_label("only one end can be a wildcard")
            .with_help(help);
        let is_free_text = matches!(list.attribute, Attribute::Header(_) | Attribute::Claims(_));
        found.push(if is_free_text { Finding { severity: Severity::Warning, ..finding } } else { finding });
    }
}

fn is_text(attribute: &Attribute) -> bool {
    matches!(
        attribute,
        Attribute::Principals
            | Attribute::RequestPrincipals
            | Attribute::Hosts
            | Attribute::Methods
            | Attribute::Paths
            | Attribute::Header(_)
            | Attribute::Claims(_)
            | Attribute::Sni
    )
}
