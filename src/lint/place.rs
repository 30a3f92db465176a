//! Where in an object a finding points, in words that survive moved lines.

use crate::diag::Code;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::lint::ObjectName;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Paths of places, with the trees of the source that was asked for last.
pub(super) struct Places<'s> {
    sources: &'s SourceMap,
    trees: Option<(SourceId, Vec<Node>)>,
}

impl<'s> Places<'s> {
    pub(super) fn new(sources: &'s SourceMap) -> Self {
        Self { sources, trees: None }
    }

    /// The path of the deepest value that holds a place, without list indices, and the value when it is a scalar.
    pub(super) fn of(&mut self, span: Span) -> (String, String) {
        let trees = match self.trees.take() {
            Some((source, trees)) if source == span.source => trees,
            _ => {
                let text = self.sources.get(span.source).map_or("", |source| &source.text);
                yaml::documents(span.source, text).filter_map(|parsed| parsed.root).collect()
            }
        };
        let (_, trees) = self.trees.insert((span.source, trees));
        let index = trees.partition_point(|root| root.span.offset <= span.offset);
        let Some(root) = index.checked_sub(1).and_then(|index| trees.get(index)) else { return Default::default() };
        let mut path: Vec<&str> = Vec::new();
        let node = descend(root, span.offset, &mut path);
        let value = match &node.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.text.clone(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => String::new(),
        };
        (path.join("."), value)
    }
}

fn descend<'n>(mut node: &'n Node, offset: u32, path: &mut Vec<&'n str>) -> &'n Node {
    loop {
        let next = match &node.value {
            Value::Mapping(entries) => {
                let index = entries.partition_point(|(key, _)| key.span.offset <= offset);
                let Some((key, value)) = index.checked_sub(1).and_then(|index| entries.get(index)) else { return node };
                path.push(&key.value);
                value
            }
            Value::Sequence(items) => {
                let index = items.partition_point(|item| item.span.offset <= offset);
                let Some(item) = index.checked_sub(1).and_then(|index| items.get(index)) else { return node };
                item
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return node,
        };
        node = next;
    }
}

/// Code, object, path and value, as 64 bits of FNV-1a in hexadecimal.
pub(super) fn fingerprint(code: Code, object: Option<&ObjectName>, path: &str, value: &str) -> String {
    let object = object.cloned().unwrap_or_default();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in [code.0, &object.kind, &object.namespace, &object.name, path, value] {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
