use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS912"),
    name: "implicit-action",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy with rules that does not say its action.",
    why: "It is an ALLOW, and with the first ALLOW everything else is denied: that should stand there.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, action",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(spec) = view.raw("security.istio.io", "AuthorizationPolicy").and_then(|policy| policy.get("spec")) else { return };
    let Some((key, rules)) = tree::entry(spec, "rules") else { return };
    if tree::entry(spec, "action").is_some() || tree::list(rules).is_empty() {
        return;
    }
    let finding = RULE
        .at(key.span, format!("`{}` does not say its action", view.header.name.value))
        .with_label("without one it is an ALLOW")
        .with_help("write `action: ALLOW`");
    let start = Span { length: 0, ..key.span };
    let indent = " ".repeat((key.span.column as usize).saturating_sub(1));
    let is_flow = edits::slice(view.text, Span { length: 1, ..spec.span }) == Some("{");
    let text = if is_flow { "action: ALLOW, ".to_owned() } else { format!("action: ALLOW\n{indent}") };
    found.push(finding.with_edit(Safety::Safe, start, text));
}
