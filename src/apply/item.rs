//! One object: its name, its JSON, and what is read from it.

use aws_lc_rs::digest::SHA256;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::apply::Key;
use crate::diag::Spanned;
use crate::manifest::Document;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;

/// The annotation that names the run an object was last written by.
pub const APPLIED_BY: &str = "meshsec.dev/applied-by";
/// The annotation that holds the digest of the manifest an object was last written from.
pub const MANIFEST: &str = "meshsec.dev/manifest";
/// Annotations in which those who apply objects keep account of it: the run and the manifest here, and kubectl's copy.
pub const BOOKKEEPING: [&str; 3] = [APPLIED_BY, MANIFEST, "kubectl.kubernetes.io/last-applied-configuration"];

/// One object, live or wanted. Never a Secret.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name.
    pub key: Key,
    /// What it says.
    pub value: Value,
    /// The same as read; `None` for kinds that are not interpreted.
    pub document: Option<Document>,
}

impl Item {
    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.value.get("metadata")?.get("annotations")?.get(name)?.as_str()
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.value.get("metadata")?.get("labels")?.get(name)?.as_str()
    }

    /// `metadata.resourceVersion` of a live object.
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.value.get("metadata")?.get("resourceVersion")?.as_str()
    }

    /// `metadata.uid` of a live object.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.value.get("metadata")?.get("uid")?.as_str()
    }

    /// Whether a live object holds what a manifest wants, and was last written from this very manifest. Then applying it again writes
    /// nothing: our fields are those of the last time, and all have the value they had.
    #[must_use]
    pub fn is_as_applied(&self, wanted: &Self) -> bool {
        self.annotation(MANIFEST) == Some(digest(&wanted.value).as_str()) && holds(&self.value, &wanted.value)
    }
}

/// The digest of a manifest that [`MANIFEST`] holds: it names what was written, whatever the order of its keys.
#[must_use]
pub fn digest(manifest: &Value) -> String {
    let mut text = String::new();
    canonical(manifest, &mut text);
    let digest = aws_lc_rs::digest::digest(&SHA256, text.as_bytes());
    let hex: String = digest.as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("sha256-{hex}")
}

fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in entries {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

/// Whether a value holds everything of another. Lists have to be equal: of an object's lists most are replaced as a whole.
fn holds(live: &Value, wanted: &Value) -> bool {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => wanted.iter().all(|(name, value)| match live.get(name) {
            Some(live) => holds(live, value),
            None => value.is_null(),
        }),
        (live, wanted) => live == wanted,
    }
}

/// What the server, not its author, says about an object.
const NOISE: &[&str] =
    &["creationTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields", "resourceVersion", "selfLink", "uid"];

/// The object as its author could have written it: without `status` and what the server keeps in `metadata`.
#[must_use]
pub fn without_noise(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        object.shift_remove("status");
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            for name in NOISE {
                metadata.shift_remove(*name);
            }
            if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
                annotations.shift_remove(APPLIED_BY);
                annotations.shift_remove(MANIFEST);
            }
            if metadata.get("annotations").and_then(Value::as_object).is_some_and(Map::is_empty) {
                metadata.shift_remove("annotations");
            }
        }
    }
    value
}

/// The digest of what an object says, without what the server keeps about it.
#[must_use]
pub fn content(value: &Value) -> String {
    digest(&without_noise(value))
}

/// Whether two objects differ in nothing but what the server keeps about them.
#[must_use]
pub fn same_content(a: &Value, b: &Value) -> bool {
    without_noise(a) == without_noise(b)
}

/// The tree as JSON, as `sigs.k8s.io/yaml` would have it.
#[must_use]
pub fn json_of(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => Value::Bool(*value),
        yaml::Value::Number(number) => match number.value {
            NumberValue::Integer(number) => Value::from(number),
            NumberValue::Unsigned(number) => Value::from(number),
            NumberValue::Float(value) => Number::from_f64(value).map_or_else(|| Value::from(number.text.as_str()), Value::Number),
        },
        yaml::Value::String(text) => Value::from(text.as_str()),
        yaml::Value::Sequence(items) => items.iter().map(json_of).collect(),
        yaml::Value::Mapping(entries) => {
            let entries = entries.iter().map(|(name, value)| (Spanned::as_str(name).to_owned(), json_of(value)));
            Value::Object(entries.collect())
        }
    }
}
