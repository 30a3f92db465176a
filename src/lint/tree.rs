//! Short questions to trees of objects that have no typed form.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;
use crate::manifest::yaml::Value;

/// The value at the end of a path of keys.
pub(super) fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

/// The items of a list.
pub(super) fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    match node.get(key).map(|list| &list.value) {
        Some(Value::Sequence(items)) => items,
        _ => &[],
    }
}

/// A text that is not empty.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Option<&'n str> {
    node.get(key).and_then(Node::as_str).filter(|text| !text.is_empty())
}

/// The texts of a list, with their places.
pub(super) fn texts<'n>(node: &'n Node, key: &str) -> impl Iterator<Item = (&'n str, Span)> + use<'n> {
    items(node, key).iter().filter_map(|item| Some((item.as_str()?, item.span)))
}

/// The keys and values of a mapping.
pub(super) fn entries(node: &Node) -> &[(Spanned<String>, Node)] {
    match &node.value {
        Value::Mapping(entries) => entries,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => &[],
    }
}

/// Where a key stands.
pub(super) fn key(node: &Node, name: &str) -> Option<Span> {
    entries(node).iter().find(|(key, _)| key.value == name).map(|(key, _)| key.span)
}

/// Whether a boolean is `true`.
pub(super) fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|node| node.value == Value::Bool(true))
}

/// A whole number.
pub(super) fn integer(node: &Node, key: &str) -> Option<i64> {
    match &node.get(key)?.value {
        Value::Number(number) => match number.value {
            NumberValue::Integer(value) => Some(value),
            NumberValue::Unsigned(_) | NumberValue::Float(_) => None,
        },
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

/// The pod that an object makes: its metadata (of the template) and its `spec`.
pub(super) fn pod<'n>(node: &'n Node, kind: &str) -> Option<(Option<&'n Node>, &'n Node)> {
    let of_template = |template: &'n Node| Some((template.get("metadata"), template.get("spec")?));
    match kind {
        "Pod" => of_template(node),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" => of_template(at(node, &["spec", "template"])?),
        "CronJob" => of_template(at(node, &["spec", "jobTemplate", "spec", "template"])?),
        _ => None,
    }
}

/// Every mapping below a node, itself included, that has a key.
pub(super) fn holders<'n>(node: &'n Node, key: &str) -> Vec<&'n Node> {
    let (mut waiting, mut found) = (vec![node], Vec::new());
    while let Some(node) = waiting.pop() {
        if node.get(key).is_some() {
            found.push(node);
        }
        match &node.value {
            Value::Mapping(entries) => waiting.extend(entries.iter().rev().map(|(_, value)| value)),
            Value::Sequence(items) => waiting.extend(items.iter().rev()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

/// Items of a list; nothing of anything else.
pub(super) fn list(node: &Node) -> &[Node] {
    match &node.value {
        Value::Sequence(items) => items,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Mapping(_) => &[],
    }
}

/// Key and value as written, `null` included.
pub(super) fn entry<'n>(node: &'n Node, name: &str) -> Option<&'n (Spanned<String>, Node)> {
    entries(node).iter().find(|(key, _)| key.value == name)
}

/// The items of a list at the end of some keys.
pub(super) fn items_at<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    at(node, path).map_or(&[], list)
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
