//! Objects as the API server has them, and their names.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;

use serde_json::Map;
use serde_json::Value;

use crate::cluster::Error;

/// Names one object of a cluster.
///
/// The version in `api_version` is how it is spoken of; two keys that differ in nothing else name the same object.
#[derive(Debug, Clone)]
pub struct ObjectKey {
    /// Group and version, as `security.istio.io/v1`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// The namespace; `None` of kinds without.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl ObjectKey {
    /// The key of a manifest.
    ///
    /// # Errors
    /// When it has no `apiVersion`, `kind` or `metadata.name`.
    pub fn of(manifest: &Value) -> Result<Self, Error> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let metadata = manifest.get("metadata");
        let missing = |field: &str| Error::NotAnObject { message: format!("a manifest has no `{field}`") };
        Ok(Self {
            api_version: text(manifest.get("apiVersion")).ok_or_else(|| missing("apiVersion"))?,
            kind: text(manifest.get("kind")).ok_or_else(|| missing("kind"))?,
            namespace: text(metadata.and_then(|metadata| metadata.get("namespace"))),
            name: text(metadata.and_then(|metadata| metadata.get("name"))).ok_or_else(|| missing("metadata.name"))?,
        })
    }

    /// The API group; empty for the core one.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The version in the group.
    #[must_use]
    pub fn version(&self) -> &str {
        self.api_version.split_once('/').map_or(&self.api_version, |(_, version)| version)
    }

    fn identity(&self) -> (&str, &str, Option<&str>, &str) {
        (self.group(), &self.kind, self.namespace.as_deref(), &self.name)
    }
}

impl PartialEq for ObjectKey {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for ObjectKey {}

impl PartialOrd for ObjectKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ObjectKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl Hash for ObjectKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// One object that was read.
#[derive(Debug, Clone)]
pub struct Object {
    /// Its name.
    pub key: ObjectKey,
    /// What tells it from a later one of the same name.
    pub uid: String,
    /// Which state of it this is.
    pub resource_version: String,
    /// The object, without `metadata.managedFields` and `status`.
    pub value: Value,
}

impl Object {
    /// Takes what the API server answers. `of` gives kind and version to the member of a list, which has none.
    ///
    /// # Errors
    /// When it is no object.
    pub(super) fn of(mut value: Value, of: Option<(&str, &str)>) -> Result<Self, Error> {
        if let Some((api_version, kind)) = of {
            put_type(&mut value, api_version, kind);
        }
        // Of a pod the address counts, which only its status has.
        let address = value.pointer("/status/podIP").filter(|_| value.get("kind") == Some(&Value::from("Pod"))).cloned();
        if let Some(object) = value.as_object_mut() {
            object.shift_remove("status");
            if let Some(address) = address {
                object.insert("status".to_owned(), serde_json::json!({ "podIP": address }));
            }
        }
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.shift_remove("managedFields");
        }
        let of_metadata = |name: &str| {
            let text = value.get("metadata").and_then(|metadata| metadata.get(name)).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        Ok(Self { key: ObjectKey::of(&value)?, uid: of_metadata("uid"), resource_version: of_metadata("resourceVersion"), value })
    }
}

/// Puts the type in front, where one expects it.
fn put_type(value: &mut Value, api_version: &str, kind: &str) {
    let Some(object) = value.as_object_mut() else { return };
    let mut typed = Map::with_capacity(object.len() + 2);
    typed.insert("apiVersion".to_owned(), api_version.into());
    typed.insert("kind".to_owned(), kind.into());
    for (name, member) in std::mem::take(object) {
        if name != "apiVersion" && name != "kind" {
            typed.insert(name, member);
        }
    }
    *object = typed;
}
