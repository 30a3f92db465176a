//! Where in an object a finding points, in words that survive moved lines.

use std::cell::OnceCell;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::SourceId;
use crate::lint::ObjectName;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Where in its object a finding points.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    /// The keys down to the deepest value, without list indices.
    pub(super) path: String,
    /// That value, when it is a scalar.
    pub(super) value: String,
}

/// Places in one source, whose trees are read when the first is asked for.
pub(super) struct Places<'t> {
    source: SourceId,
    text: &'t str,
    trees: OnceCell<Vec<Node>>,
}

impl<'t> Places<'t> {
    pub(super) fn new(source: SourceId, text: &'t str) -> Self {
        Self { source, text, trees: OnceCell::new() }
    }

    /// The place of a finding; empty when it points nowhere.
    pub(super) fn of(&self, finding: &Finding) -> Place {
        let Some(span) = finding.primary.as_ref().map(|label| label.span.0) else { return Place::default() };
        let trees = self.trees.get_or_init(|| yaml::documents(self.source, self.text).filter_map(|parsed| parsed.root).collect());
        let index = trees.partition_point(|root| root.span.offset <= span.offset);
        let Some(root) = index.checked_sub(1).and_then(|index| trees.get(index)) else { return Place::default() };
        let mut path: Vec<&str> = Vec::new();
        let node = descend(root, span.offset, &mut path);
        let value = match &node.value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.text.clone(),
            Value::Bool(value) => value.to_string(),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => String::new(),
        };
        Place { path: path.join("."), value }
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
pub(super) fn fingerprint(code: Code, object: Option<&ObjectName>, Place { path, value }: &Place) -> String {
    let object = object.cloned().unwrap_or_default();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in [code.0, &object.kind, &object.namespace, &object.name, path, value] {
        for byte in part.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
