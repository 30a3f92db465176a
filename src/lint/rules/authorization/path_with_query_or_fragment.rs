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
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS147"),
    name: "path-with-query-or-fragment",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A path with `?` or `#`.",
    why: "The query is cut off before paths are compared, and clients never send the fragment, so the value never matches.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/items?kind=*"]}}]}]}
"#,
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
        let Some((path, _)) = text.split_once(['?', '#']) else { continue };
        if is_regex_like(&list.attribute, text) {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("path `{text}` never matches"))
            .with_label("paths are compared without query and fragment");
        found.push(if path.len() > 1 {
            replaced(finding, view, value, Safety::Unsafe, path).with_help(format!("write `{path}`; the query cannot be matched"))
        } else {
            finding.with_help("match the path alone; the query cannot be matched")
        });
    }
}
