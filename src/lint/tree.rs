//! Looks into a tree as it was written, where `null` and an empty list are not the same as absence.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Keys and values of a mapping; nothing of anything else.
pub(super) fn entries(node: &Node) -> &[(Spanned<String>, Node)] {
    match &node.value {
        Value::Mapping(entries) => entries,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => &[],
    }
}

/// Items of a list; nothing of anything else.
pub(super) fn items(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Mapping(_) => &[],
    }
}

/// The value at the end of some keys.
pub(super) fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// Key and value as written, `null` included.
pub(super) fn entry<'n>(node: &'n Node, name: &str) -> Option<&'n (Spanned<String>, Node)> {
    entries(node).iter().find(|(key, _)| key.value == name)
}

/// The items of a list at the end of some keys.
pub(super) fn items_at<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    at(node, path).map_or(&[], items)
}

/// `null` or `[]`: written, and as good as not.
pub(super) fn is_empty_list(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Sequence(items) => items.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Mapping(_) => false,
    }
}

/// Shows every text: values, and keys of mappings.
pub(super) fn each_text<'n>(node: &'n Node, visit: &mut dyn FnMut(&'n str, Span)) {
    match &node.value {
        Value::String(text) => visit(text, node.span),
        Value::Sequence(items) => items.iter().for_each(|item| each_text(item, visit)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                visit(&key.value, key.span);
                each_text(value, visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
