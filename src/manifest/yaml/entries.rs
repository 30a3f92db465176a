use std::collections::HashMap;

use super::Node;
use super::Value;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::manifest::codes;

/// From this many keys on, a mapping is searched for duplicates through a table.
const MANY_KEYS: usize = 16;

/// How many duplicate keys of one document are worth reporting.
const FINDINGS: usize = 1_000;

/// One key of a mapping with its value, before duplicates are sorted out.
pub(super) struct Entry {
    pub(super) key: Spanned<String>,
    pub(super) value: Node,
    /// It came in through a merge key, so writing the key again is no duplicate.
    pub(super) merged: bool,
}

/// The entries with each key once, and a finding for each key that was written twice.
///
/// What is written or merged in later takes the place of what was there before, as in the Kubernetes tools.
pub(super) fn unique(entries: Vec<Entry>, findings: &mut Vec<Finding>) -> Vec<(Spanned<String>, Node)> {
    let mut kept: Vec<(Spanned<String>, Node)> = Vec::with_capacity(entries.len());
    let mut written: Vec<bool> = Vec::with_capacity(entries.len());
    let mut table: HashMap<String, usize> = HashMap::new();
    let use_table = entries.len() > MANY_KEYS;
    for Entry { key, value, merged } in entries {
        let earlier =
            if use_table { table.get(&key.value).copied() } else { kept.iter().position(|(name, _)| name.value == key.value) };
        let slot = earlier.and_then(|index| Some((kept.get_mut(index)?, written.get_mut(index)?)));
        let Some((slot, was_written)) = slot else {
            if use_table {
                table.insert(key.value.clone(), kept.len());
            }
            kept.push((key, value));
            written.push(!merged);
            continue;
        };
        if !merged && *was_written && findings.len() < FINDINGS {
            let headline = format!("the key `{}` is written twice", key.value);
            findings.push(
                Finding::new(codes::DUPLICATE_KEY, Severity::Error, headline, key.span)
                    .with_secondary(slot.0.span, "first written here")
                    .with_help("keep one of them"),
            );
        }
        *was_written |= !merged;
        *slot = (key, value);
    }
    kept
}

/// The entries that a merge key brings in; an earlier mapping of a list wins over a later one.
pub(super) fn mergeable(node: Node) -> Option<Vec<Entry>> {
    let entries = |entries: Vec<(Spanned<String>, Node)>| {
        entries.into_iter().map(|(key, value)| Entry { key, value, merged: true }).collect::<Vec<_>>()
    };
    match node.value {
        Value::Mapping(mapping) => Some(entries(mapping)),
        Value::Sequence(items) => {
            let mut merged = Vec::new();
            for item in items.into_iter().rev() {
                let Value::Mapping(mapping) = item.value else { return None };
                merged.extend(entries(mapping));
            }
            Some(merged)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
