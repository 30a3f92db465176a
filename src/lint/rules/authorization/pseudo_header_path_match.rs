use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS183"),
    name: "pseudo-header-path-match",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A condition on `request.headers[:path]` or `request.headers[:method]`.",
    why: "The header `:path` holds the query as well and is matched without the rules for paths.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[:path]", values: [/items]}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {paths: [/items]}}]}]}
",
    specification: "AuthorizationPolicy reference, Operation.paths",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists() {
        let (Attribute::Header(name), Some(key)) = (&list.attribute, list.key) else { continue };
        let (headline, field) = match name.as_str() {
            ":path" => ("the query is part of what is compared here", "paths"),
            ":method" => ("the method is compared as a header here", "methods"),
            _ => continue,
        };
        found.push(RULE.at(key.span, headline).with_help(format!("use `{field}` of an operation instead")));
    }
}
