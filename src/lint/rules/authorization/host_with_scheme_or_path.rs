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
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS151"),
    name: "host-with-scheme-or-path",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A host with a scheme, a path, a user or a blank.",
    why: "It is compared with the `Host` header, which holds a name and perhaps a port, so the value never matches.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {hosts: ["https://shop.example/"]}}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {hosts: [shop.example]}}]}]}
",
    specification: "AuthorizationPolicy reference, Operation.hosts",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (list, value) in values(view, |attribute| *attribute == Attribute::Hosts) {
        let text = value.as_str();
        if !text.contains(['/', '@', ' ']) || is_damaged(text) || is_regex_like(&list.attribute, text) {
            continue;
        }
        let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or(rest);
        let finding = RULE
            .at(value.span, format!("host `{text}` never matches"))
            .with_label("the `Host` header holds a name and perhaps a port");
        let is_clean = !host.is_empty() && !host.contains(['@', ' ']) && host != "*";
        found.push(if is_clean {
            replaced(finding, view, value, Safety::Safe, host).with_help(format!("write `{host}`"))
        } else {
            finding.with_help("write the name alone, such as `shop.example`")
        });
    }
}
