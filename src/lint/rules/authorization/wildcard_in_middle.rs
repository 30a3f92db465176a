use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::is_template;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;
use crate::policy::is_template_loadable;

pub(super) const RULE: Rule = Rule {
    code: Code("MS143"),
    name: "wildcard-in-middle",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A `*` that stands neither first nor last in a value.",
    why: "Only a star at one end is a wildcard. Anywhere else it is compared as a character, so that the value matches nothing that exists.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/v1/*/items"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/v1/{*}/items"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Rule, string matching",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (list, value) in values(view, is_text) {
        let text = value.as_str();
        let inner = text.strip_prefix('*').or_else(|| text.strip_suffix('*')).unwrap_or(text);
        let is_both_ends = text.starts_with('*') && text.len() > 2 && inner.find('*') == Some(inner.len() - 1);
        let is_path = list.attribute == Attribute::Paths;
        if !inner.contains('*') || is_both_ends || (is_path && is_template(text)) || is_regex_like(&list.attribute, text) {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("`{text}` has a star that is no wildcard"))
            .with_label("only a star at the start or the end stands for something");
        let finding = if let Some(template) = template(text).filter(|_| is_path) {
            replaced(finding, view, value, Safety::Unsafe, &template).with_help(format!("write `{template}`"))
        } else if is_path {
            finding.with_help("use `{*}` for one segment and `{**}` for the rest of the path")
        } else if list.attribute == Attribute::Principals {
            finding.with_help("name each identity, or use `namespaces`, which takes a star anywhere")
        } else {
            finding.with_help("write each value out, or a prefix or suffix pattern")
        };
        // A header or claim may really hold a star.
        let is_free_text = matches!(list.attribute, Attribute::Header(_) | Attribute::Claims(_) | Attribute::RequestPrincipals);
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
            | Attribute::Audiences
            | Attribute::Presenter
            | Attribute::Sni
    )
}

/// The path as a template, when every star stands for whole segments.
fn template(path: &str) -> Option<String> {
    let count = path.split('/').count();
    let segments: Option<Vec<&str>> = path
        .split('/')
        .enumerate()
        .map(|(index, segment)| match segment {
            "*" if index + 1 == count => Some("{**}"),
            "*" => Some("{*}"),
            _ => (!segment.contains(['*', '{', '}'])).then_some(segment),
        })
        .collect();
    let template = segments?.join("/");
    is_template_loadable(&template).then_some(template)
}
