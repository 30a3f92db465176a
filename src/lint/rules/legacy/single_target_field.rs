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
    code: Code("MS706"),
    name: "single-target-field",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "The field `targetRef`, which names one target.",
    why: "The list `targetRefs` has taken its place.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: edge}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: edge}], action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "PolicyTargetReference reference",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if view.group != "security.istio.io" {
        return;
    }
    let Some((key, target)) = view.node.get("spec").and_then(|spec| tree::entry(spec, "targetRef")) else { return };
    let finding = RULE
        .at(key.span, "`targetRef` is the old form of `targetRefs`")
        .with_help("write the target as the only item of `targetRefs`");
    let end = Span { offset: target.span.offset + target.span.length, length: 0, ..target.span };
    let start = Span { length: 0, ..target.span };
    let is_flow = edits::slice(view.text, Span { length: 1, ..start }) == Some("{");
    found.push(if is_flow && edits::slice(view.text, key.span) == Some("targetRef") {
        finding
            .with_edit(Safety::Safe, key.span, "targetRefs")
            .with_edit(Safety::Safe, start, "[")
            .with_edit(Safety::Safe, end, "]")
    } else if let Some(dash) = dash_before(view.text, start, key.span.column) {
        finding.with_edit(Safety::Safe, key.span, "targetRefs").with_edit(Safety::Safe, dash, "- ")
    } else {
        finding
    });
}

/// The two blanks before a block mapping that a dash can take.
fn dash_before(text: &str, start: Span, column: u32) -> Option<Span> {
    let span = Span { offset: start.offset.checked_sub(2)?, length: 2, ..start };
    (start.column >= column + 2 && edits::slice(text, span) == Some("  ")).then_some(span)
}
