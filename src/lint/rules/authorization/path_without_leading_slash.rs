use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_damaged;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::is_template;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS146"),
    name: "path-without-leading-slash",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A path that starts with neither `/` nor `*`.",
    why: "The path of every request starts with a slash, so the value never matches.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [items]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/items]}}]}]}
",
    specification: "AuthorizationPolicy reference, Operation.paths",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (list, value) in values(view, |attribute| *attribute == Attribute::Paths) {
        let text = value.as_str();
        if text.starts_with(['/', '*']) || is_template(text) || is_damaged(text) || is_regex_like(&list.attribute, text) {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("path `{text}` does not start with a slash, so it never matches"))
            .with_label("every request path starts with `/`");
        let of_url = text.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        found.push(if let Some(path) = of_url {
            finding.with_help(format!("write `{path}`, and the host under `hosts`"))
        } else {
            let path = format!("/{text}");
            replaced(finding, view, value, Safety::Safe, &path).with_help(format!("write `{path}`"))
        });
    }
}
