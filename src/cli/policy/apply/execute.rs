//! The steps of a journal, in order, each noted when it is done. Where the order leaves it open several are under way at once.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::apply::Done;
use crate::apply::Item;
use crate::apply::Journal;
use crate::apply::JournalStep;
use crate::apply::content;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::policy::apply::journal_file::JournalFile;
use crate::cli::policy::apply::live;
use crate::cli::policy::apply::prepare::FIELD_MANAGER;
use crate::cli::policy::apply::prepare::about;
use crate::cluster;
use crate::cluster::Apply;
use crate::cluster::Cluster;
use crate::cluster::Object;
use crate::cluster::Preconditions;

/// How many steps are under way at once.
const PARALLEL: usize = 8;

/// How often a step is tried whose outcome is not known, or that met a status somebody wrote in between.
const ATTEMPTS: u32 = 6;

/// Does every step that is not done yet. `told` hears of each that is done, in order.
pub(super) fn run(
    cluster: &Cluster,
    file: &mut JournalFile,
    env: &mut Env<'_>,
    told: &mut dyn FnMut(&JournalStep, &mut Env<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let journal = Arc::clone(&file.journal);
    let mut start = 0;
    while start < journal.steps.len() {
        let beside = journal.steps.iter().skip(start + 1).take_while(|step| step.is_beside).count();
        let end = start + 1 + beside;
        together(cluster, file, start..end, env, told)?;
        start = end;
    }
    file.note(&Done::Finished)?;
    Ok(())
}

/// Does steps that may be done at the same time, a few at once. When one fails no other is begun, and those that are under way are noted.
fn together(
    cluster: &Cluster,
    file: &mut JournalFile,
    places: Range<usize>,
    env: &mut Env<'_>,
    told: &mut dyn FnMut(&JournalStep, &mut Env<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let journal = Arc::clone(&file.journal);
    let open: Vec<usize> = places.clone().filter(|place| !file.progress.done.contains_key(place)).collect();
    let mut untold: BTreeSet<usize> = places.clone().filter(|place| file.progress.done.contains_key(place)).collect();
    let mut tell = |place: usize, env: &mut Env<'_>| journal.steps.get(place).map_or(Ok(()), |step| told(step, env));
    let mut next = places.start;
    let (begun, fails) = (AtomicUsize::new(0), AtomicBool::new(false));
    let failed = thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..PARALLEL.min(open.len()) {
            let (sender, journal, open, begun, fails) = (sender.clone(), &journal, &open, &begun, &fails);
            scope.spawn(move || {
                while !fails.load(Ordering::Relaxed)
                    && let Some(place) = open.get(begun.fetch_add(1, Ordering::Relaxed))
                    && let Some(step) = journal.steps.get(*place)
                {
                    let result = one(cluster, journal, step).map_err(|error| about(&step.key, error));
                    if sender.send((*place, result)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut failed = None;
        for (place, result) in results {
            let mut note = |object| {
                done(file, place, object)?;
                untold.insert(place);
                while untold.remove(&next) {
                    tell(next, env)?;
                    next += 1;
                }
                Ok(())
            };
            if let Err(error) = result.and_then(&mut note) {
                fails.store(true, Ordering::Relaxed);
                failed.get_or_insert(error);
            }
        }
        failed
    });
    for place in untold {
        tell(place, env)?;
    }
    let Some(error) = failed else { return Ok(()) };
    file.note(&Done::Stopped { message: error.in_one_line() })?;
    Err(error)
}

/// Notes that a step is done, and what is there now.
fn done(file: &mut JournalFile, step: usize, object: Option<Object>) -> Result<(), Error> {
    let content = object.as_ref().map(|object| content(&object.value));
    let resource_version = object.as_ref().map(|object| object.resource_version.clone());
    let uid = object.map(|object| object.uid);
    file.note(&Done::Step { step, uid, resource_version, content: content.clone() })?;
    file.progress.done.insert(step, content);
    Ok(())
}

/// Does one step; the object afterwards. Safe to repeat: what is done already is seen and left alone.
#[allow(clippy::result_large_err, reason = "it is passed on as it is")]
fn one(cluster: &Cluster, journal: &Journal, step: &JournalStep) -> Result<Option<Object>, cluster::Error> {
    let key = live::object_key(&step.key);
    let mut version = step.before.as_ref().and_then(resource_version).map(str::to_owned);
    let mut attempt = 0;
    loop {
        let failed = match attempt_one(cluster, journal, step, version.as_deref()) {
            Ok(object) => return Ok(object),
            Err(error) => error,
        };
        attempt += 1;
        let is_worth_it = failed.is_passing() || is_about_another_state(&failed);
        if !is_worth_it || attempt == ATTEMPTS {
            return Err(failed);
        }
        if failed.is_passing() {
            thread::sleep(Duration::from_millis(100) * 2_u32.saturating_pow(attempt));
        }
        // Whoever does not answer does not answer to this either; then the first failure is told.
        let now = match cluster.get(&key) {
            Ok(now) => now,
            Err(error) if error.is_passing() => continue,
            Err(error) => return Err(error),
        };
        let item = now.as_ref().map(item);
        if journal.is_done(step, item.as_ref()) {
            return Ok(now.filter(|_| step.manifest.is_some()));
        }
        if !Journal::is_as_before(step, item.as_ref()) {
            return Err(if is_about_another_state(&failed) { failed } else { cluster::Error::Changed { object: key } });
        }
        version = now.map(|object| object.resource_version);
    }
}

fn is_about_another_state(error: &cluster::Error) -> bool {
    matches!(error, cluster::Error::Changed { .. } | cluster::Error::NotFound { .. } | cluster::Error::AlreadyExists { .. })
}

#[allow(clippy::result_large_err, reason = "it is passed on as it is")]
fn attempt_one(
    cluster: &Cluster,
    journal: &Journal,
    step: &JournalStep,
    version: Option<&str>,
) -> Result<Option<Object>, cluster::Error> {
    let key = live::object_key(&step.key);
    let Some(mut manifest) = journal.sent(step) else {
        let uid = step.before.as_ref().and_then(|before| before.pointer("/metadata/uid")).and_then(Value::as_str);
        let only_if = Preconditions { uid: uid.map(str::to_owned), resource_version: version.map(str::to_owned) };
        return match cluster.delete(&key, &only_if, false) {
            Ok(()) | Err(cluster::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        };
    };
    let is_new = step.before.is_none();
    if is_new {
        // Server-side apply would join what somebody else made since.
        if let Some(object) = cluster.get(&key)? {
            let is_ours = journal.is_done(step, Some(&item(&object)));
            return if is_ours { Ok(Some(object)) } else { Err(cluster::Error::Changed { object: key }) };
        }
    } else if let (Some(version), Some(metadata)) = (version, manifest.get_mut("metadata").and_then(Value::as_object_mut)) {
        metadata.insert("resourceVersion".to_owned(), Value::from(version));
    }
    let how = Apply { dry_run: false, force: journal.force && !is_new, field_manager: FIELD_MANAGER.to_owned() };
    cluster.apply(&manifest, &how).map(|applied| Some(applied.object))
}

pub(super) fn item(object: &Object) -> Item {
    Item { key: live::key(&object.key), value: object.value.clone(), document: None }
}

fn resource_version(value: &Value) -> Option<&str> {
    value.pointer("/metadata/resourceVersion").and_then(Value::as_str)
}
