//! What a run is to do and has done, so that another run can bring it to an end.
//!
//! The journal is written before anything is done and not changed after; progress is a file of lines beside it, each written after what it
//! tells. A step whose line is missing may be done all the same: the object itself says so, in [`APPLIED_BY`](crate::apply::APPLIED_BY) and
//! [`MANIFEST`](crate::apply::MANIFEST), or by its absence.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::apply::APPLIED_BY;
use crate::apply::Action;
use crate::apply::Item;
use crate::apply::Key;
use crate::apply::MANIFEST;
use crate::apply::Plan;
use crate::apply::digest;
use crate::apply::same_content;

/// The version of the format.
const VERSION: u32 = 1;

/// What a run is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Journal {
    /// The version of the format.
    pub version: u32,
    /// Names the run.
    pub id: String,
    /// When it began.
    pub started: String,
    /// The context of the cluster.
    pub context: String,
    /// The address of the cluster.
    pub server: String,
    /// Fields of other managers are taken over.
    pub force: bool,
    /// The root namespace of the mesh.
    pub root_namespace: String,
    /// What is done, in order.
    pub steps: Vec<JournalStep>,
}

/// One object that is written or removed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JournalStep {
    /// What becomes of it.
    pub action: Action,
    /// Its name.
    pub key: Key,
    /// What is sent, without the annotations of the run; absent when the object is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Value>,
    /// The object as it was; absent when it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// It may be done at the same time as the step before, and as those beside that one.
    #[serde(default)]
    pub is_beside: bool,
}

/// Why a text is no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// It is no JSON of the format.
    #[error("it is no journal: {0}")]
    Malformed(String),
    /// It was written by another version.
    #[error("it is of version {0}, this program reads version {VERSION}")]
    Version(u64),
}

/// A line of progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "what")]
pub enum Done {
    /// A step was done.
    #[serde(rename_all = "camelCase")]
    Step {
        /// Its index.
        step: usize,
        /// The object's `metadata.uid`, when it is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        uid: Option<String>,
        /// The object's `metadata.resourceVersion` afterwards, when it is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource_version: Option<String>,
        /// The digest of its content afterwards, when it is there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
    },
    /// A step was taken back.
    Undone {
        /// Its index.
        step: usize,
    },
    /// The run stopped.
    Stopped {
        /// Why.
        message: String,
    },
    /// Everything was done.
    Finished,
    /// Everything was taken back.
    AllUndone,
}

/// How far a run has come, as its lines tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress {
    /// The steps that were done and not taken back, with the digest of what came of it.
    pub done: BTreeMap<usize, Option<String>>,
    /// Whether it has come to an end.
    pub ended: Option<State>,
    /// Why it stopped, the last time it did.
    pub stopped: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Everything was done.
    Finished,
    /// Everything was taken back.
    Undone,
}

impl Journal {
    /// The journal of a plan. `manifests` are what is sent, by name.
    #[must_use]
    pub fn of(plan: &Plan, manifests: &BTreeMap<Key, Value>, id: String, started: Timestamp) -> Self {
        let step = |step: &crate::apply::Step| JournalStep {
            action: step.change.action,
            key: step.change.key.clone(),
            manifest: step.change.after.as_ref().and_then(|_| manifests.get(&step.change.key).cloned()),
            before: step.change.before.as_ref().map(|item| item.value.clone()),
            is_beside: step.is_beside,
        };
        Self {
            version: VERSION,
            id,
            started: started.to_string(),
            context: String::new(),
            server: String::new(),
            force: false,
            root_namespace: String::new(),
            steps: plan.steps.iter().map(step).collect(),
        }
    }

    /// Reads what [`Journal::to_text`] wrote.
    ///
    /// # Errors
    /// When the text is no journal, or of another version.
    pub fn parse(text: &str) -> Result<Self, JournalError> {
        let value: Value = serde_json::from_str(text).map_err(|error| JournalError::Malformed(error.to_string()))?;
        match value.get("version").and_then(Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(JournalError::Version(version)),
            None => return Err(JournalError::Malformed("it has no `version`".to_owned())),
        }
        serde_json::from_value(value).map_err(|error| JournalError::Malformed(error.to_string()))
    }

    /// The journal as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        // A value of strings, numbers and JSON always serializes.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// What is sent for a step: its manifest with the annotations of this run.
    #[must_use]
    pub fn sent(&self, step: &JournalStep) -> Option<Value> {
        let manifest = step.manifest.as_ref()?;
        let mut sent = manifest.clone();
        annotate(&mut sent, &[(APPLIED_BY, self.id.clone()), (MANIFEST, digest(manifest))]);
        Some(sent)
    }

    /// Whether the live object shows that a step is done.
    #[must_use]
    pub fn is_done(&self, step: &JournalStep, live: Option<&Item>) -> bool {
        match (&step.manifest, live) {
            (Some(manifest), Some(live)) => {
                live.annotation(APPLIED_BY) == Some(self.id.as_str())
                    && live.annotation(MANIFEST) == Some(digest(manifest).as_str())
            }
            (Some(_), None) => false,
            (None, None) => true,
            (None, Some(live)) => step.uid_before().is_some_and(|uid| live.uid() != Some(uid)),
        }
    }

    /// Whether the live object is as it was before the step.
    #[must_use]
    pub fn is_as_before(step: &JournalStep, live: Option<&Item>) -> bool {
        match (&step.before, live) {
            (Some(before), Some(live)) => same_content(before, &live.value),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl JournalStep {
    fn uid_before(&self) -> Option<&str> {
        self.before.as_ref()?.get("metadata")?.get("uid")?.as_str()
    }
}

/// Puts annotations into a manifest.
fn annotate(manifest: &mut Value, annotations: &[(&str, String)]) {
    let into = manifest.as_object_mut().and_then(|object| {
        let metadata = object.entry("metadata").or_insert_with(|| Value::Object(serde_json::Map::new())).as_object_mut()?;
        let into = metadata.entry("annotations").or_insert(Value::Null);
        if into.is_null() {
            *into = Value::Object(serde_json::Map::new());
        }
        into.as_object_mut()
    });
    if let Some(into) = into {
        for (name, value) in annotations {
            into.insert((*name).to_owned(), Value::from(value.as_str()));
        }
    }
}

impl Done {
    /// The line.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }
}

impl Progress {
    /// Reads lines. The last one may be cut short by a run that was killed; whatever is no line is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut progress = Self::default();
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(Done::Step { step, content, .. }) => {
                    progress.done.insert(step, content);
                    progress.ended = None;
                }
                Ok(Done::Undone { step }) => {
                    progress.done.remove(&step);
                    progress.ended = None;
                }
                Ok(Done::Stopped { message }) => progress.stopped = Some(message),
                Ok(Done::Finished) => progress.ended = Some(State::Finished),
                Ok(Done::AllUndone) => progress.ended = Some(State::Undone),
                Err(_) => {}
            }
        }
        progress
    }
}
