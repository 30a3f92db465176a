//! Taking a run back: every object of its journal becomes what it was, in an order that opens no hole either.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use crate::apply::Action;
use crate::apply::Change;
use crate::apply::Done;
use crate::apply::Item;
use crate::apply::Journal;
use crate::apply::Key;
use crate::apply::MANIFEST;
use crate::apply::content;
use crate::apply::plan;
use crate::apply::same_content;
use crate::apply::without_noise;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::apply::execute::item;
use crate::cli::policy::apply::journal_file::JournalFile;
use crate::cli::policy::apply::live;
use crate::cli::policy::apply::prepare::FIELD_MANAGER;
use crate::cli::policy::apply::prepare::about;
use crate::cli::policy::apply::prepare::restorable;
use crate::cli::policy::apply::prepare::tell;
use crate::cluster;
use crate::cluster::Apply;
use crate::cluster::Cluster;
use crate::cluster::Preconditions;
use crate::diag::SourceMap;

/// What becomes of an object when a run is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restored {
    /// It is as it was again.
    AsBefore,
    /// It was made by the run, and is gone again.
    Removed,
    /// It was removed by the run, and is there again.
    Recreated,
}

/// Takes every step back that was done. `told` hears of each object.
pub(super) fn run(
    cluster: &Cluster,
    file: &mut JournalFile,
    force: bool,
    env: &mut Env<'_>,
    told: &mut dyn FnMut(&Key, Restored, &mut Env<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut refusals = Vec::new();
    let mut changes = Vec::new();
    let mut steps = BTreeMap::new();
    for (index, step) in file.journal.steps.iter().enumerate() {
        let now = cluster.get(&live::object_key(&step.key)).map_err(|error| about(&step.key, error))?;
        let now_item = now.as_ref().map(|object| read(cluster, object));
        let is_done = file.journal.is_done(step, now_item.as_ref());
        if Journal::is_as_before(step, now_item.as_ref()) && !(is_done && step.manifest.is_some()) {
            continue;
        }
        let recorded = file.progress.done.get(&index);
        if !is_done && recorded.is_none() {
            // It was never done; what is there is somebody else's.
            continue;
        }
        // What somebody else has changed since is not taken back with what was done here.
        let is_touched = match (recorded, &now_item) {
            (_, Some(_)) if step.manifest.is_none() => true,
            (Some(Some(then)), Some(now)) => *then != content(&now.value),
            _ => false,
        };
        if !is_done || is_touched && !force {
            refusals.push((step.key.clone(), cluster::Error::Changed { object: live::object_key(&step.key) }));
            continue;
        }
        let before = step.before.as_ref().map(|value| Item {
            key: step.key.clone(),
            document: document(cluster, &step.key, value),
            value: value.clone(),
        });
        steps.insert(step.key.clone(), index);
        changes.extend(Change::of(now_item, before, Action::Delete).map(|change| {
            let action = if change.action == Action::Unchanged { Action::Configure } else { change.action };
            Change { action, ..change }
        }));
    }
    // Nothing is taken back when something cannot be.
    if let Err(error) = tell(refusals, env) {
        file.note(&Done::Stopped { message: error.in_one_line() })?;
        return Err(error);
    }
    let plan = plan(changes, &[], &file.journal.root_namespace);
    for step in &plan.steps {
        let change = &step.change;
        let manifest = steps.get(&change.key).and_then(|index| file.journal.steps.get(*index)?.manifest.as_ref());
        let restored = match one(cluster, change, manifest) {
            Ok(restored) => restored,
            Err(error) => {
                let error = about(&change.key, error);
                file.note(&Done::Stopped { message: error.in_one_line() })?;
                return Err(error);
            }
        };
        if let Some(index) = steps.get(&change.key) {
            file.note(&Done::Undone { step: *index })?;
            file.progress.done.remove(index);
        }
        told(&change.key, restored, env)?;
    }
    file.note(&Done::AllUndone)?;
    Ok(())
}

/// Brings one object back.
#[allow(clippy::result_large_err, reason = "it is passed on as it is")]
fn one(cluster: &Cluster, change: &Change, manifest: Option<&Value>) -> Result<Restored, cluster::Error> {
    let key = live::object_key(&change.key);
    let how = Apply { dry_run: false, force: true, field_manager: FIELD_MANAGER.to_owned() };
    match (&change.before, &change.after) {
        (Some(now), None) => {
            let only_if =
                Preconditions { uid: now.uid().map(str::to_owned), resource_version: now.resource_version().map(str::to_owned) };
            match cluster.delete(&key, &only_if, false) {
                Ok(()) | Err(cluster::Error::NotFound { .. }) => Ok(Restored::Removed),
                Err(error) => Err(error),
            }
        }
        (None, Some(then)) => {
            cluster.apply(&with_annotations_of(&then.value, restorable(&then.value)), &how)?;
            Ok(Restored::Recreated)
        }
        (Some(now), Some(then)) => {
            let mut manifest = own_fields(&then.value, &now.value, manifest);
            if let (Some(version), Some(metadata)) =
                (now.resource_version(), manifest.get_mut("metadata").and_then(Value::as_object_mut))
            {
                metadata.insert("resourceVersion".to_owned(), Value::from(version));
            }
            let applied = cluster.apply(&manifest, &how)?;
            let is_back = same_content(&applied.object.value, &then.value)
                && item(&applied.object).annotation(MANIFEST) == then.annotation(MANIFEST);
            if !is_back {
                // Fields that nobody managed are gone with ours; the whole object brings them back.
                let mut whole = with_annotations_of(&then.value, without_noise(&then.value));
                if let Some(metadata) = whole.get_mut("metadata").and_then(Value::as_object_mut) {
                    metadata.insert("resourceVersion".to_owned(), Value::from(applied.object.resource_version.as_str()));
                }
                cluster.replace(&whole, &how)?;
            }
            Ok(Restored::AsBefore)
        }
        (None, None) => Ok(Restored::Removed),
    }
}

/// What to apply so that the object is as it was and no more of it is ours than has to be: what differs now, and, when it was applied from
/// here before, what is ours now.
fn own_fields(then: &Value, now: &Value, manifest: Option<&Value>) -> Value {
    let was_ours = then.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(MANIFEST).is_some());
    let clean = with_annotations_of(then, without_noise(then));
    let mut own = mine(&clean, now, manifest.filter(|_| was_ours)).unwrap_or_else(|| Value::Object(Map::new()));
    if let Some(own) = own.as_object_mut() {
        for name in ["apiVersion", "kind"] {
            own.insert(name.to_owned(), clean.get(name).cloned().unwrap_or_default());
        }
        let metadata = own.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
        if let Some(metadata) = metadata.as_object_mut() {
            for name in ["name", "namespace"] {
                if let Some(value) = clean.get("metadata").and_then(|metadata| metadata.get(name)) {
                    metadata.insert(name.to_owned(), value.clone());
                }
            }
        }
    }
    own
}

/// The fields of `then` that `now` has otherwise or not at all, and those that the manifest has too.
fn mine(then: &Value, now: &Value, manifest: Option<&Value>) -> Option<Value> {
    match (then, now) {
        (Value::Object(then), Value::Object(now)) => {
            let fields = then.iter().filter_map(|(name, value)| {
                let of_manifest = manifest.and_then(|manifest| manifest.get(name));
                let own = match now.get(name) {
                    None => Some(value.clone()),
                    Some(now) => mine(value, now, of_manifest),
                };
                own.map(|value| (name.clone(), value))
            });
            let fields: Map<String, Value> = fields.collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        (then, now) => (then != now || manifest.is_some()).then(|| then.clone()),
    }
}

/// The annotations that name the run and the manifest an object was from belong to what it was.
fn with_annotations_of(then: &Value, mut manifest: Value) -> Value {
    let annotations = then.pointer("/metadata/annotations").cloned();
    if let (Some(annotations), Some(metadata)) = (annotations, manifest.get_mut("metadata").and_then(Value::as_object_mut)) {
        metadata.insert("annotations".to_owned(), annotations);
    }
    manifest
}

fn read(cluster: &Cluster, object: &cluster::Object) -> Item {
    let key = live::key(&object.key);
    let (_, document, _) = live::document(cluster, &key, object, &mut SourceMap::default());
    Item { key, value: object.value.clone(), document }
}

fn document(cluster: &Cluster, key: &Key, value: &Value) -> Option<crate::manifest::Document> {
    let object =
        cluster::Object { key: live::object_key(key), uid: String::new(), resource_version: String::new(), value: value.clone() };
    live::document(cluster, key, &object, &mut SourceMap::default()).1
}
