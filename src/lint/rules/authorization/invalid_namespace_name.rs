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
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS165"),
    name: "invalid-namespace-name",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A namespace that cannot exist.",
    why: "Names of namespaces have lower-case letters, digits and dashes only, so the value never matches.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [Prod]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [prod]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.namespaces; Kubernetes names, RFC 1123 labels",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::Namespaces) {
        let text = value.as_str();
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '*';
        let is_everyone = text.strip_prefix('*').is_some_and(|suffix| suffix == "/sa");
        let has_bad_end = text.starts_with('-') || text.ends_with('-') || text.len() > 63 && !text.contains('*');
        if (text.chars().all(is_allowed) && !has_bad_end) || is_everyone || is_damaged(text) {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("no namespace can be named `{text}`"))
            .with_label("names have lower-case letters, digits and dashes, at most 63");
        let lower = text.to_ascii_lowercase();
        found.push(if lower.chars().all(is_allowed) && !has_bad_end {
            replaced(finding, view, value, Safety::Safe, &lower).with_help(format!("write `{lower}`"))
        } else if text.contains('/') {
            finding.with_help("write the namespace alone; for one service account use `serviceAccounts`")
        } else {
            finding.with_help("write the name of a namespace")
        });
    }
}
