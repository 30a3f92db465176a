//! From what files want and what is there to changes: the server is asked what each would become.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use crate::admission;
use crate::apply::APPLIED_BY;
use crate::apply::Action;
use crate::apply::Change;
use crate::apply::Item;
use crate::apply::Key;
use crate::apply::MANIFEST;
use crate::apply::digest;
use crate::apply::same_content;
use crate::apply::without_noise;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::apply::live;
use crate::cli::policy::apply::live::Live;
use crate::cluster;
use crate::cluster::Apply;
use crate::cluster::Cluster;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest::yaml;

/// Whose fields what is applied becomes.
pub(super) const FIELD_MANAGER: &str = "meshsec";

/// What is known of the objects that would be written.
pub(super) struct Prepared {
    pub(super) changes: Vec<Change>,
    /// Objects the server was not asked about.
    pub(super) unasked: Vec<Key>,
}

/// How objects are prepared.
pub(super) struct How<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) force: bool,
    /// Whether the server is asked.
    pub(super) asks: bool,
}

/// What is to be done with each wanted object. Every refusal of the server is told before the first one stops it.
pub(super) fn prepare(
    wanted: BTreeMap<Key, Item>,
    found: &Live,
    how: &How<'_>,
    sources: &mut SourceMap,
    env: &mut Env<'_>,
) -> Result<Prepared, Error> {
    let mut prepared = Prepared { changes: Vec::new(), unasked: Vec::new() };
    let mut refusals: Vec<(Key, cluster::Error)> = Vec::new();
    let made_namespaces: Vec<String> = wanted
        .keys()
        .filter(|key| key.kind == "Namespace" && !found.items.contains_key(key))
        .map(|key| key.name.clone())
        .collect();
    let mut open = Vec::new();
    let mut asked = Vec::new();
    for (key, item) in wanted {
        let before = found.items.get(&key).cloned();
        if let Some(before) = before.as_ref().filter(|before| before.is_as_applied(&item)) {
            let before = before.clone();
            prepared.changes.push(Change { key, action: Action::Unchanged, after: Some(before.clone()), before: Some(before) });
            continue;
        }
        let is_in_new_namespace = key.namespace.as_ref().is_some_and(|namespace| made_namespaces.contains(namespace));
        let is_asked = how.asks && !is_in_new_namespace;
        if is_asked {
            asked.push(sent(&item.value, "dry-run"));
        } else {
            prepared.unasked.push(key.clone());
        }
        open.push((key, item, before, is_asked));
    }
    let dry = Apply { dry_run: true, force: how.force, field_manager: FIELD_MANAGER.to_owned() };
    let mut answers = how.cluster.apply_each(asked, &dry).into_iter();
    for (key, item, before, is_asked) in open {
        let action = if before.is_some() { Action::Configure } else { Action::Create };
        let answer = if is_asked { answers.next() } else { None };
        match answer {
            None => {
                let value = match &before {
                    Some(before) => merged(&before.value, &item.value),
                    None => item.value.clone(),
                };
                let after = Item { value, ..aged(item, before.as_ref(), env.now) };
                prepared.changes.push(Change { key, action, before, after: Some(after) });
            }
            Some(Ok(applied)) => {
                for warning in &applied.warnings {
                    writeln!(env.stderr, "{} {key}: {warning}", env.style.warning("warning:"))?;
                }
                // Lists that the server fills in tell only now that nothing would change.
                let is_as_applied = before.as_ref().is_some_and(|before| {
                    before.annotation(MANIFEST) == Some(digest(&item.value).as_str())
                        && same_content(&before.value, &applied.object.value)
                });
                let action = if is_as_applied { Action::Unchanged } else { action };
                let mut after = aged(item, before.as_ref(), env.now);
                if applied.object.value.get("spec") != after.value.get("spec") {
                    // Others have fields in it too, or the server fills some in.
                    after.document = live::document(how.cluster, &key, &applied.object, sources).1;
                }
                after.value = applied.object.value;
                prepared.changes.push(Change { key, action, before, after: Some(after) });
            }
            Some(Err(error)) => {
                if let Some(ours) = own_verdict(&item.value).filter(|_| error.is_question()) {
                    writeln!(env.stderr, "{} {key}: {ours}", env.style.note("note:"))?;
                }
                refusals.push((key, error));
            }
        }
    }
    tell(refusals, env)?;
    Ok(prepared)
}

/// A manifest with the annotations of a run.
pub(super) fn sent(manifest: &Value, id: &str) -> Value {
    let mut sent = manifest.clone();
    if let Some(metadata) = sent.get_mut("metadata").and_then(Value::as_object_mut) {
        let annotations = metadata.entry("annotations").or_insert(Value::Null);
        if !annotations.is_object() {
            *annotations = Value::Object(serde_json::Map::new());
        }
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.insert(APPLIED_BY.to_owned(), Value::from(id));
            annotations.insert(MANIFEST.to_owned(), Value::from(digest(manifest)));
        }
    }
    sent
}

/// The wanted object with the age of the live one, or as young as can be: the oldest policy counts where only one can.
fn aged(mut item: Item, before: Option<&Item>, now: Timestamp) -> Item {
    if let Some(document) = &mut item.document {
        Arc::make_mut(&mut document.header).creation_timestamp = match before {
            Some(before) => before.document.as_ref().and_then(|document| document.header.creation_timestamp),
            None => Some(now),
        };
    }
    item
}

/// What applying comes to when the server is not asked: fields that are written replace those that are there.
fn merged(live: &Value, wanted: &Value) -> Value {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            let mut merged = live.clone();
            for (name, value) in wanted {
                let value = live.get(name).map_or_else(|| value.clone(), |live| merged_field(live, value));
                merged.insert(name.clone(), value);
            }
            Value::Object(merged)
        }
        (_, wanted) => wanted.clone(),
    }
}

fn merged_field(live: &Value, wanted: &Value) -> Value {
    merged(live, wanted)
}

/// What this program itself says about an object that the server refuses; nothing of kinds it does not judge.
fn own_verdict(value: &Value) -> Option<String> {
    let text = value.to_string();
    let root = yaml::documents(SourceId::default(), &text).next()?.root?;
    let verdict = admission::judge(&root, "default")?;
    let refusals: Vec<String> = verdict
        .api_server
        .iter()
        .chain(verdict.refusals_by_istiod())
        .map(|refusal| format!("`{}`: {}", refusal.path, refusal.message))
        .collect();
    Some(match refusals.as_slice() {
        [] => "by its own content it would be accepted; the reason is in the cluster".to_owned(),
        refusals => format!("`policy check` refuses it too: {}", refusals.join("; ")),
    })
}

/// Tells every refusal; the last one, if any, is the error.
pub(super) fn tell(mut refusals: Vec<(Key, cluster::Error)>, env: &mut Env<'_>) -> Result<(), Error> {
    // A wrong question is wrong whatever the world does.
    refusals.sort_by_key(|(_, error)| error.is_question());
    let Some((key, last)) = refusals.pop() else { return Ok(()) };
    for (key, error) in refusals {
        crate::cli::describe(&about(&key, error), env);
    }
    Err(about(&key, last))
}

/// An error that says which object it is about.
pub(super) fn about(key: &Key, error: cluster::Error) -> Error {
    if error.to_string().contains(&key.name) {
        return error.into();
    }
    Error::Object { object: key.to_string(), error: Box::new(error) }
}

/// The object as it was, without what the server keeps, for a journal or for making it anew.
pub(super) fn restorable(value: &Value) -> Value {
    without_noise(value)
}
