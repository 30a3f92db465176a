use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::cover::covers;
use crate::lint::rules::authorization::wording::is_template;
use crate::lint::rules::authorization::wording::joined;
use crate::manifest::kinds::Action;
use crate::policy;
use crate::policy::Pattern;
use crate::policy::TextPattern;

pub(super) const RULE: Rule = Rule {
    code: Code("MS171"),
    name: "deny-path-trailing-slash",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A DENY rule on an exact path without the same path with (or without) a slash at the end.",
    why: "Most web frameworks serve both under one handler, so that the other form gets past the rule.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/admin]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/admin, /admin/]}}]}]}
"#,
    specification: "Istio security best practices, path matching",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value != Action::Deny {
        return;
    }
    let lists = || view.value_lists().iter().filter(|list| list.attribute == Attribute::Paths && !list.is_negated);
    let patterns: Vec<Pattern> = lists().flat_map(|list| list.values).map(|value| pattern(value.as_str())).collect();
    for value in lists().flat_map(|list| list.values) {
        let text = value.as_str();
        // A dot means a file, or a gRPC service.
        if text.len() < 2 || !text.starts_with('/') || text.contains(['*', '.', '?', '#', '{']) {
            continue;
        }
        let sibling = text.strip_suffix('/').map_or_else(|| format!("{text}/"), str::to_owned);
        let wanted = pattern(&sibling);
        let is_covered = patterns.iter().any(|pattern| covers((&policy::Attribute::Path, pattern), (&policy::Attribute::Path, &wanted)));
        if sibling.is_empty() || is_covered {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("`{sibling}` is not denied"))
            .with_label("only exactly this path is")
            .with_help(format!("add `{sibling}`, and `{}/*` if all below it is meant", text.trim_end_matches('/')));
        found.push(joined(finding, view, value, Safety::Unsafe, &[&sibling]));
    }
}

fn pattern(path: &str) -> Pattern {
    if is_template(path) { Pattern::Template(path.to_owned()) } else { Pattern::Text(TextPattern::parse(path)) }
}
