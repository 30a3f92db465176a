//! Objects side by side: which were made, changed or taken away, and which of their fields.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::apply::BOOKKEEPING;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;

/// What names an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName {
    /// Its kind.
    pub kind: String,
    /// API group; empty for the core group. The version takes no part: one object can be read under several.
    pub group: String,
    /// Its namespace; `None` for an object of the cluster.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl std::fmt::Display for ObjectName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectChange {
    /// The object.
    pub name: ObjectName,
    /// What became of it.
    pub what: ObjectFate,
}

/// What became of an object.
#[derive(Debug, Clone, PartialEq)]
pub enum ObjectFate {
    /// It is new.
    Created,
    /// It is gone.
    Removed,
    /// These of its fields differ.
    Changed(Vec<FieldChange>),
}

impl ObjectFate {
    /// The word in every output format.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Removed => "removed",
            Self::Changed(_) => "changed",
        }
    }
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChange {
    /// Its path: `spec.rules[0].to[0].operation.methods`.
    pub path: String,
    /// What it was; `None` when it was not there.
    pub before: Option<Value>,
    /// What it is; `None` when it is not there.
    pub after: Option<Value>,
}

/// Objects by name.
pub type Objects = BTreeMap<ObjectName, Value>;

/// Members that the API server writes; they mean nothing to the mesh.
const SERVER_SIDE: [&str; 6] = ["managedFields", "resourceVersion", "uid", "generation", "selfLink", "creationTimestamp"];

/// Kinds whose objects have no namespace.
const CLUSTER_WIDE: [&str; 12] = [
    "APIService",
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "GatewayClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "StorageClass",
    "ValidatingWebhookConfiguration",
];

/// What a secret's values are replaced by.
const HIDDEN: &str = "(hidden)";

/// Names an object and takes its values out of its tree: without `status` and what the API server writes. `None` when it has no kind or name.
#[must_use]
pub fn object(node: &Node, default_namespace: &str) -> Option<(ObjectName, Value)> {
    let text = |node: &Node, name: &str| node.get(name).and_then(Node::as_str).map(str::to_owned);
    let kind = text(node, "kind")?;
    let metadata = node.get("metadata")?;
    let group = text(node, "apiVersion")?.rsplit_once('/').map_or_else(String::new, |(group, _)| group.to_owned());
    let namespace = (!CLUSTER_WIDE.contains(&kind.as_str()))
        .then(|| text(metadata, "namespace").unwrap_or_else(|| default_namespace.to_owned()));
    let name = ObjectName { kind, group, namespace, name: text(metadata, "name")? };
    let mut value = value_of(node);
    if let Value::Object(members) = &mut value {
        for member in ["status", "apiVersion", "kind"] {
            members.remove(member);
        }
        if let Some(Value::Object(metadata)) = members.get_mut("metadata") {
            for member in SERVER_SIDE.into_iter().chain(["name", "namespace"]) {
                metadata.remove(member);
            }
            if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
                for name in BOOKKEEPING {
                    annotations.remove(name);
                }
            }
            if metadata.get("annotations").and_then(Value::as_object).is_some_and(serde_json::Map::is_empty) {
                metadata.remove("annotations");
            }
        }
    }
    Some((name, value))
}

/// A secret's values stay unseen; that they differ does not.
fn hide(name: &ObjectName, fields: &mut [FieldChange]) {
    let is_secret = name.kind == "Secret" && name.group.is_empty();
    for field in fields.iter_mut().filter(|_| is_secret) {
        if field.path.starts_with("data") || field.path.starts_with("stringData") {
            for value in [&mut field.before, &mut field.after].into_iter().flatten() {
                *value = Value::from(HIDDEN);
            }
        }
    }
}

fn value_of(node: &Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value) => Value::Bool(*value),
        yaml::Value::Number(number) => match number.value {
            NumberValue::Integer(value) => Value::from(value),
            NumberValue::Unsigned(value) => Value::from(value),
            NumberValue::Float(value) => Value::from(value),
        },
        yaml::Value::String(text) => Value::from(text.as_str()),
        yaml::Value::Sequence(nodes) => nodes.iter().map(value_of).collect(),
        yaml::Value::Mapping(entries) => {
            // A null member is as good as none.
            let entries = entries.iter().filter(|(_, node)| !node.is_null());
            Value::Object(entries.map(|(name, node)| (name.value.clone(), value_of(node))).collect())
        }
    }
}

/// Adds to an object what the API server filled in when it took the other one: fields that the object leaves out, and that stay as they are
/// when it is applied. Istio's kinds have none of those. A label or annotation that is left out goes, but for those the server writes.
pub fn keep_defaults(name: &ObjectName, live: &Value, wanted: &mut Value) {
    if !name.group.ends_with(".istio.io") {
        fill(live, wanted);
    }
}

/// Members whose names are the user's own.
const MAPS: [&str; 7] = ["labels", "annotations", "matchLabels", "selector", "nodeSelector", "data", "stringData"];
/// Labels and annotations that the API server and its controllers write.
const WRITTEN: [&str; 2] = ["kubernetes.io/metadata.name", "deployment.kubernetes.io/revision"];

fn fill(live: &Value, wanted: &mut Value) {
    match (live, wanted) {
        (Value::Object(live), Value::Object(wanted)) => {
            for (name, live) in live {
                if let Some(wanted) = wanted.get_mut(name) {
                    if !MAPS.contains(&name.as_str()) {
                        fill(live, wanted);
                    } else if let (Value::Object(live), Value::Object(wanted)) = (live, wanted) {
                        let written = live.iter().filter(|(name, _)| WRITTEN.contains(&name.as_str()));
                        wanted.extend(written.map(|(name, value)| (name.clone(), value.clone())));
                    }
                } else {
                    let has_own = MAPS.contains(&name.as_str())
                        && live.as_object().is_some_and(|live| live.keys().any(|name| !WRITTEN.contains(&name.as_str())));
                    if !has_own {
                        wanted.insert(name.clone(), live.clone());
                    }
                }
            }
        }
        (Value::Array(live), Value::Array(wanted)) if live.len() == wanted.len() => {
            for (live, wanted) in live.iter().zip(wanted) {
                fill(live, wanted);
            }
        }
        _ => {}
    }
}

/// Every object that differs, by name.
#[must_use]
pub fn compare_objects(before: &Objects, after: &Objects) -> Vec<ObjectChange> {
    let mut changes = Vec::new();
    for (name, old) in before {
        let what = match after.get(name) {
            None => ObjectFate::Removed,
            Some(new) => {
                let mut fields = Vec::new();
                compare("", Some(old), Some(new), &mut fields);
                if fields.is_empty() {
                    continue;
                }
                hide(name, &mut fields);
                ObjectFate::Changed(fields)
            }
        };
        changes.push(ObjectChange { name: name.clone(), what });
    }
    let created = after.keys().filter(|name| !before.contains_key(*name));
    changes.extend(created.map(|name| ObjectChange { name: name.clone(), what: ObjectFate::Created }));
    changes.sort_by(|one, other| one.name.cmp(&other.name));
    changes
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, changes: &mut Vec<FieldChange>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for (name, old) in old {
                compare(&member(path, name), Some(old), new.get(name), changes);
            }
            for (name, new) in new.iter().filter(|(name, _)| !old.contains_key(*name)) {
                compare(&member(path, name), None, Some(new), changes);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if old.iter().chain(new).all(Value::is_object) => {
            elements(path, old, new, changes);
        }
        (old, new) if old == new => {}
        (old, new) => {
            changes.push(FieldChange { path: path.to_owned(), before: old.cloned(), after: new.cloned() });
        }
    }
}

fn member(path: &str, name: &str) -> String {
    let name = if name.contains(['.', '/', '[']) { format!("[{name}]") } else { name.to_owned() };
    match path {
        "" => name,
        path if name.starts_with('[') => format!("{path}{name}"),
        path => format!("{path}.{name}"),
    }
}

/// Elements at both ends that are the same stay out of it, so that one put in or taken out of the middle is one change.
fn elements(path: &str, old: &[Value], new: &[Value], changes: &mut Vec<FieldChange>) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let old_middle = old_rest.get(..old_rest.len() - end).unwrap_or_default();
    let new_middle = new_rest.get(..new_rest.len() - end).unwrap_or_default();
    for at in 0..old_middle.len().max(new_middle.len()) {
        compare(&format!("{path}[{}]", start + at), old_middle.get(at), new_middle.get(at), changes);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(before: &Value, after: &Value) -> Vec<(String, Option<Value>, Option<Value>)> {
        let mut changes = Vec::new();
        compare("", Some(before), Some(after), &mut changes);
        changes.into_iter().map(|change| (change.path, change.before, change.after)).collect()
    }

    #[test]
    fn what_the_server_filled_in_stays_and_what_the_user_wrote_does_not() {
        let name =
            |group: &str| ObjectName { kind: "K".to_owned(), group: group.to_owned(), namespace: None, name: "n".to_owned() };
        let live = json!({
            "metadata": {"labels": {"kubernetes.io/metadata.name": "n"}, "annotations": {"a": "1", "deployment.kubernetes.io/revision": "2"}},
            "spec": {"replicas": 1, "selector": {"app": "a", "tier": "t"}, "ports": [{"port": 80, "protocol": "TCP"}], "args": ["x"]},
        });
        let file = json!({"metadata": {}, "spec": {"selector": {"app": "a"}, "ports": [{"port": 81}], "args": []}});
        let changed = |group: &str| {
            let mut wanted = file.clone();
            keep_defaults(&name(group), &live, &mut wanted);
            fields(&live, &wanted).into_iter().map(|(path, ..)| path).collect::<Vec<_>>()
        };
        let of_the_user = ["metadata.annotations", "spec.selector.tier", "spec.ports[0].port", "spec.args"];
        assert_eq!(changed("apps"), of_the_user);
        assert_eq!(changed(""), of_the_user);
        assert_eq!(changed("rbac.authorization.k8s.io"), of_the_user);
        assert!(changed("networking.istio.io").contains(&"spec.replicas".to_owned()), "a field that is left out goes");
        assert_eq!(changed("gateway.networking.k8s.io"), of_the_user);
    }

    #[test]
    fn fields_are_named_by_their_paths() {
        let rule = |method: &str| json!({"to": [{"operation": {"methods": [method]}}]});
        let cases = [
            (json!({"a": 1}), json!({"a": 1}), vec![]),
            (json!({"a": 1}), json!({"b": 1}), vec![("a", Some(json!(1)), None), ("b", None, Some(json!(1)))]),
            (
                json!({"rules": [rule("GET"), rule("PUT")]}),
                json!({"rules": [rule("GET"), rule("POST")]}),
                vec![("rules[1].to[0].operation.methods", Some(json!(["PUT"])), Some(json!(["POST"])))],
            ),
            (
                json!({"rules": [rule("GET"), rule("PUT")]}),
                json!({"rules": [rule("GET"), rule("POST"), rule("PUT")]}),
                vec![("rules[1]", None, Some(rule("POST")))],
            ),
            (
                json!({"labels": {"istio.io/rev": "a"}}),
                json!({"labels": {"istio.io/rev": "b"}}),
                vec![("labels[istio.io/rev]", Some(json!("a")), Some(json!("b")))],
            ),
        ];
        for (before, after, expected) in cases {
            let expected: Vec<_> = expected.into_iter().map(|(path, old, new)| (path.to_owned(), old, new)).collect();
            assert_eq!(fields(&before, &after), expected, "{before} {after}");
        }
    }
}
