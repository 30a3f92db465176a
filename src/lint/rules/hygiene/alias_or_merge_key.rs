use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS916"),
    name: "alias-or-merge-key",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy that takes part of itself from elsewhere in the file, by a YAML alias or a merge key.",
    why: "One edit changes many grants, and merging replaces whole lists instead of joining them.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  action: ALLOW
  rules:
  - from: &web [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {ports: ["8080"]}}]
  - from: *web
    to: [{operation: {ports: ["8443"]}}]
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {ports: ["8080", "8443"]}}]
"#,
    specification: "YAML 1.1 3.2.2.2, merge key language-independent type",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if view.group != "security.istio.io" {
        return;
    }
    let Some(spec) = view.node.get("spec") else { return };
    if let Some((span, what)) = borrowed(spec, view.text) {
        found.push(
            RULE.at(span, format!("`{}` takes part of itself from elsewhere by {what}", view.header.name.value))
                .with_help("write it out, so that a change of one grant changes one grant"),
        );
    }
}

/// The first value that was written elsewhere.
fn borrowed(node: &Node, text: &str) -> Option<(Span, &'static str)> {
    let start = edits::slice(text, Span { length: 1, ..node.span });
    // No plain text begins with a star.
    if start == Some("*") {
        return Some((node.span, "an alias"));
    }
    let merged = |at: u32| !(node.span.offset..=node.span.offset.saturating_add(node.span.length)).contains(&at);
    for (key, value) in tree::entries(node) {
        if merged(key.span.offset) {
            return Some((Span { length: 1, ..node.span }, "a merge key"));
        }
        if let Some(found) = borrowed(value, text) {
            return Some(found);
        }
    }
    tree::list(node).iter().find_map(|item| borrowed(item, text))
}
