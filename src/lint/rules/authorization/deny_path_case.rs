use globset::Glob;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_refusing;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS172"),
    name: "deny-path-case",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A path with upper-case letters that a DENY rule or `notPaths` of an ALLOW relies on; any path with letters in the namespaces of option `namespaces`.",
    why: "Paths are compared with their case. If the application ignores it, another spelling gets past the rule.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/Admin, /Admin/]}}]}]}
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
    let Some(policy) = view.authorization_policy() else { return };
    let ignores_case = view.options.case_insensitive_namespaces.iter().any(|pattern| {
        Glob::new(pattern).is_ok_and(|pattern| pattern.compile_matcher().is_match(view.namespace))
    });
    for (list, value) in values(view, |attribute| *attribute == Attribute::Paths) {
        // A dot in the first segment means a gRPC method, whose name has its case.
        let first = value.value.split('/').nth(1).unwrap_or_default();
        let is_telling = |c: char| c.is_ascii_uppercase() || (ignores_case && c.is_ascii_lowercase());
        if !is_refusing(policy.action.value, list) || first.contains('.') || !value.value.contains(is_telling) {
            continue;
        }
        let finding = RULE.at(value.span, format!("path `{}` is compared with its case", value.value));
        found.push(if ignores_case {
            finding.with_label("the application does not").with_help("allow the paths that are meant instead")
        } else {
            finding.with_help("make sure that the application does too, or allow the paths that are meant instead")
        });
    }
}
