//! `metadata` as istiod reads it, and its checks of annotations.
//!
//! Go's JSON library reads it: names in any case, null for the empty value, unknown fields passed over. A value of another type anywhere
//! in it makes the whole object unreadable, even in fields that istiod does not look at.

use std::collections::BTreeMap;

use crate::admission::Cause;
use crate::admission::Kind;
use crate::admission::istiod::decode::wrong_type;
use crate::admission::istiod::number;
use crate::admission::istiod::report::Path;
use crate::admission::istiod::report::Place;
use crate::admission::istiod::report::Placed;
use crate::admission::istiod::report::Report;
use crate::admission::timestamp;
use crate::diag::Spanned;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

const DRY_RUN: &str = "istio.io/dry-run";

/// Annotations that only the control plane sets.
const INTERNAL: &[&str] =
    &["internal.istio.io/webhook-always-reject", "internal.istio.io/parent-namespace", "internal.istio.io/parents"];

/// What the checks look at.
#[derive(Debug, Default)]
pub(super) struct Metadata<'n> {
    pub(super) namespace: &'n str,
    annotations: BTreeMap<&'n str, Placed<'n, &'n str>>,
}

/// What a field of the metadata takes.
enum Type {
    Text,
    /// A whole number of 64 bits.
    Integer,
    Bool,
    Time,
    Texts,
    /// A mapping of strings.
    Labels,
    Structs(&'static [Field]),
    Anything,
}

type Field = (&'static str, Type);

const FIELDS: &[Field] = &[
    ("name", Type::Text),
    ("generateName", Type::Text),
    ("namespace", Type::Text),
    ("selfLink", Type::Text),
    ("uid", Type::Text),
    ("resourceVersion", Type::Text),
    ("generation", Type::Integer),
    ("creationTimestamp", Type::Time),
    ("deletionTimestamp", Type::Time),
    ("deletionGracePeriodSeconds", Type::Integer),
    ("labels", Type::Labels),
    ("annotations", Type::Labels),
    ("ownerReferences", Type::Structs(OWNER)),
    ("finalizers", Type::Texts),
    ("managedFields", Type::Structs(MANAGED)),
];

const OWNER: &[Field] = &[
    ("apiVersion", Type::Text),
    ("kind", Type::Text),
    ("name", Type::Text),
    ("uid", Type::Text),
    ("controller", Type::Bool),
    ("blockOwnerDeletion", Type::Bool),
];

const MANAGED: &[Field] = &[
    ("manager", Type::Text),
    ("operation", Type::Text),
    ("apiVersion", Type::Text),
    ("time", Type::Time),
    ("fieldsType", Type::Text),
    ("fieldsV1", Type::Anything),
    ("subresource", Type::Text),
];

/// Reads the metadata of an object.
pub(super) fn read<'n>(object: &'n Node, default_namespace: &'n str, report: &mut Report) -> Metadata<'n> {
    let mut metadata = Metadata::default();
    let Some(node) = object.get("metadata") else { return metadata };
    // The client fills in the namespace before istiod is asked.
    let written = node.get("namespace").and_then(Node::as_str).filter(|namespace| !namespace.is_empty());
    metadata.namespace = written.unwrap_or(default_namespace);
    let place = Place { span: node.span, path: Path::default().field("metadata") };
    structure(node, &place, FIELDS, report);
    for (name, key, value) in known(node, FIELDS) {
        match (name, &value.value) {
            // Go keeps what an earlier spelling of the field filled in, unless this one is null.
            ("annotations", Value::Null) => metadata.annotations.clear(),
            ("annotations", Value::Mapping(entries)) => {
                for (name, text) in entries {
                    let path = place.path.field(key.value.as_str()).key(name.value.as_str());
                    let span = if text.is_null() { name.span } else { text.span };
                    let placed = Placed { value: text.as_str().unwrap_or_default(), place: Place { span, path } };
                    metadata.annotations.insert(name.value.as_str(), placed);
                }
            }
            _ => {}
        }
    }
    metadata
}

/// The known fields of a mapping in the order Go meets them, with the name each goes by.
fn known<'n>(node: &'n Node, fields: &'static [Field]) -> Vec<(&'static str, &'n Spanned<String>, &'n Node)> {
    let Value::Mapping(entries) = &node.value else { return Vec::new() };
    let mut found: Vec<_> = entries
        .iter()
        .filter_map(|(key, value)| {
            let field = fields.iter().find(|(name, _)| is_spelling_of(&key.value, name))?;
            Some((field.0, key, value))
        })
        .collect();
    found.sort_by(|(_, left, _), (_, right, _)| left.value.cmp(&right.value));
    found
}

/// Whether Go takes a key for a name: letters of either case, and the two odd characters whose lower case is a plain letter.
fn is_spelling_of(key: &str, name: &str) -> bool {
    let plain = |letter: char| match letter {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => letter.to_ascii_lowercase(),
    };
    key == name || key.chars().map(plain).eq(name.chars().map(plain))
}

fn structure(node: &Node, place: &Place<'_>, fields: &'static [Field], report: &mut Report) {
    match &node.value {
        Value::Null => {}
        Value::Mapping(_) => {
            for (name, key, value) in known(node, fields) {
                let place = Place { span: value.span, path: place.path.field(key.value.as_str()) };
                if let Some((_, takes)) = fields.iter().find(|(field, _)| *field == name) {
                    check(value, &place, takes, report);
                }
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => wrong_type(node, place, report, "a mapping"),
    }
}

/// Refuses a value that a field does not take. Null is taken everywhere.
fn check(node: &Node, place: &Place<'_>, takes: &Type, report: &mut Report) {
    match (takes, &node.value) {
        (_, Value::Null) | (Type::Text, Value::String(_)) | (Type::Bool, Value::Bool(_)) | (Type::Anything, _) => {}
        (Type::Integer, Value::Number(number)) => {
            let value = number::json_text(number).and_then(|text| number::integer(&text));
            if value.and_then(|value| i64::try_from(value).ok()).is_none() {
                wrong_type(node, place, report, "a whole number");
            }
        }
        (Type::Time, Value::String(text)) => {
            if !timestamp::is_valid(text) {
                let message = format!("`{text}` is not a time");
                report.refuse_with(Cause::WrongScalarType, place, message, "write it like `2030-01-31T12:00:00Z`");
            }
        }
        (Type::Texts, Value::Sequence(items)) => {
            for (index, item) in items.iter().enumerate() {
                check(item, &Place { span: item.span, path: place.path.index(index) }, &Type::Text, report);
            }
        }
        (Type::Labels, Value::Mapping(entries)) => {
            for (key, value) in entries {
                let place = Place { span: value.span, path: place.path.key(key.value.as_str()) };
                check(value, &place, &Type::Text, report);
            }
        }
        (Type::Structs(fields), Value::Sequence(items)) => {
            for (index, item) in items.iter().enumerate() {
                structure(item, &Place { span: item.span, path: place.path.index(index) }, fields, report);
            }
        }
        (Type::Text | Type::Time, _) => wrong_type(node, place, report, "a string"),
        (Type::Integer, _) => wrong_type(node, place, report, "a whole number"),
        (Type::Bool, _) => wrong_type(node, place, report, "`true` or `false`"),
        (Type::Texts | Type::Structs(_), _) => wrong_type(node, place, report, "a list"),
        (Type::Labels, _) => wrong_type(node, place, report, "a mapping"),
    }
}

impl Metadata<'_> {
    /// Checks the annotations. `action` is the number of the policy's action, when the object is an `AuthorizationPolicy`.
    pub(super) fn check(&self, kind: Kind, action: i32, report: &mut Report) {
        if let Some(value) = self.annotations.get(DRY_RUN) {
            match kind {
                Kind::AuthorizationPolicy => dry_run(value, action, report),
                Kind::RequestAuthentication | Kind::PeerAuthentication | Kind::DestinationRule => report.refuse_with(
                    Cause::DryRunOnOtherKind,
                    &value.place,
                    format!("`{DRY_RUN}` is for AuthorizationPolicy only"),
                    "remove the annotation",
                ),
            }
        }
        for name in INTERNAL {
            if let Some(value) = self.annotations.get(name) {
                let message = format!("`{name}` may not be set by users");
                report.refuse_with(Cause::InternalAnnotation, &value.place, message, "remove the annotation");
            }
        }
    }
}

fn dry_run(value: &Placed<'_, &str>, action: i32, report: &mut Report) {
    /// What Go reads as a boolean.
    const WORDS: &[&str] = &["1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"];
    if !matches!(action, 0 | 1) {
        report.refuse_with(
            Cause::DryRunActionUnsupported,
            &value.place,
            "only ALLOW and DENY policies have a dry run",
            "remove the annotation `istio.io/dry-run`",
        );
    } else if !WORDS.contains(&value.value) {
        let message = format!("`{}` is not a boolean", value.value);
        report.refuse_with(Cause::DryRunValueInvalid, &value.place, message, "write `\"true\"` or `\"false\"`");
    }
}

#[cfg(test)]
mod tests {
    use super::is_spelling_of;

    #[test]
    fn field_names_are_read_in_any_case() {
        for (key, expected) in [
            ("annotations", true),
            ("Annotations", true),
            ("ANNOTATIONS", true),
            ("annotation\u{17f}", true),
            ("annotation", false),
            ("anno_tations", false),
        ] {
            assert_eq!(is_spelling_of(key, "annotations"), expected, "{key}");
        }
        assert!(is_spelling_of("\u{212a}ind", "kind"));
    }
}
