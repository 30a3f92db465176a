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
    code: Code("MS149"),
    name: "path-looks-like-regex",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A path, host or header value that is written like a regular expression.",
    why: "There are no regular expressions in this API: each of these characters is compared as it is.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/users/.*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/users/*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Rule, string matching",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (list, value) in values(view, |attribute| matches!(attribute, Attribute::Paths | Attribute::Hosts | Attribute::Header(_))) {
        let text = value.as_str();
        if !is_regex_like(&list.attribute, text) {
            continue;
        }
        let help = if list.attribute == Attribute::Paths {
            "use `/x/*` for all below a path, `{*}` for one segment and `{**}` for the rest"
        } else {
            "write each value out, or one star at the start or the end"
        };
        found.push(
            RULE.at(value.span, format!("`{text}` looks like a regular expression, but is compared as text"))
                .with_label("only a star at one end is a wildcard")
                .with_help(help),
        );
    }
}
