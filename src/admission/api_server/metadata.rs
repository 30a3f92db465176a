//! `metadata`: decoded strictly into the fields every object has, then checked.
//!
//! A null is the empty value here, also inside a mapping or a list. What the server sets itself (`uid`, `generation`,
//! `creationTimestamp`, `managedFields` and their like) only has to have the right type. Whether a `resourceVersion` fits is for
//! the store to say, which is not modelled.

use crate::admission::Cause;
use crate::admission::api_server::names;
use crate::admission::api_server::refusals::Refusals;
use crate::admission::api_server::shape;
use crate::admission::api_server::wrong_type;
use crate::admission::timestamp;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::decode;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// What a field of `metadata` takes.
#[derive(Debug, Clone, Copy)]
enum Type {
    Text,
    Whole,
    Boolean,
    Time,
    Texts,
    TextMap,
    Objects(&'static [(&'static str, Type)]),
    Anything,
}

const FIELDS: &[(&str, Type)] = &[
    ("annotations", Type::TextMap),
    ("creationTimestamp", Type::Time),
    ("deletionGracePeriodSeconds", Type::Whole),
    ("deletionTimestamp", Type::Time),
    ("finalizers", Type::Texts),
    ("generateName", Type::Text),
    ("generation", Type::Whole),
    ("labels", Type::TextMap),
    ("managedFields", Type::Objects(MANAGED_FIELDS)),
    ("name", Type::Text),
    ("namespace", Type::Text),
    ("ownerReferences", Type::Objects(OWNER_REFERENCE)),
    ("resourceVersion", Type::Text),
    ("selfLink", Type::Text),
    ("uid", Type::Text),
];

const OWNER_REFERENCE: &[(&str, Type)] = &[
    ("apiVersion", Type::Text),
    ("blockOwnerDeletion", Type::Boolean),
    ("controller", Type::Boolean),
    ("kind", Type::Text),
    ("name", Type::Text),
    ("uid", Type::Text),
];

const MANAGED_FIELDS: &[(&str, Type)] = &[
    ("apiVersion", Type::Text),
    ("fieldsType", Type::Text),
    ("fieldsV1", Type::Anything),
    ("manager", Type::Text),
    ("operation", Type::Text),
    ("subresource", Type::Text),
    ("time", Type::Time),
];

/// Bytes of all keys and values of the annotations.
const ANNOTATION_BYTES: usize = 256 * 1024;

/// Bytes of a name that the server completes with five characters of its own.
const GENERATED_BYTES: usize = 58;

/// Refuses what does not fit or is not allowed in the `metadata` of an object.
pub(super) fn check(object: &Node, refusals: &mut Refusals<'_>) {
    let Value::Mapping(entries) = &object.value else { return };
    let Some((key, metadata)) = entries.iter().find(|(key, _)| key.value == "metadata") else {
        return refusals.add(
            Cause::MetadataInvalid,
            start(object),
            "the object has no `metadata`".to_owned(),
            NAME_IT.to_owned(),
        );
    };
    let mut inside = refusals.at(|path| path.field("metadata"));
    check_fields(metadata, FIELDS, &mut inside);
    check_name(metadata, key.span, &mut inside);
    check_namespace(metadata, &mut inside);
    check_labels(metadata, &mut inside);
    check_annotations(metadata, &mut inside);
    check_owners(metadata, &mut inside);
    check_finalizers(metadata, &mut inside);
}

const NAME_IT: &str = "write `metadata.name`";

fn start(node: &Node) -> Span {
    match &node.value {
        Value::Mapping(entries) => entries.first().map_or(node.span, |(key, _)| key.span),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => node.span,
    }
}

fn check_fields(node: &Node, fields: &[(&'static str, Type)], refusals: &mut Refusals<'_>) {
    let entries = match &node.value {
        Value::Null => return,
        Value::Mapping(entries) => entries,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => {
            return wrong_type::refuse(node, "a mapping", refusals);
        }
    };
    for (key, value) in entries {
        match fields.iter().find(|(name, _)| *name == key.value) {
            Some((name, kind)) => check_type(value, *kind, &mut refusals.at(|path| path.field(name))),
            None => unknown(key, fields, refusals),
        }
    }
}

fn unknown(key: &Spanned<String>, fields: &[(&str, Type)], refusals: &mut Refusals<'_>) {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let message = format!("unknown field `{}` in `{}`", key.value, refusals.path.name());
    let help = match decode::nearest(&key.value, &names) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("it takes {}", decode::listing(&names)),
    };
    refusals.at(|path| path.field(&key.value)).add(Cause::UnknownField, key.span, message, help);
}

fn check_type(node: &Node, kind: Type, refusals: &mut Refusals<'_>) {
    if node.is_null() {
        return;
    }
    match kind {
        Type::Text => check_text(node, refusals),
        Type::Whole => {
            if shape::whole(node).is_none() {
                wrong_type::refuse(node, "a whole number", refusals);
            }
        }
        Type::Boolean => {
            if !matches!(node.value, Value::Bool(_)) {
                wrong_type::refuse(node, "`true` or `false`", refusals);
            }
        }
        Type::Time => match node.as_str() {
            Some(text) if timestamp::is_valid(text) => {}
            Some(text) => {
                let message = format!("`{}` cannot be `{text}`", refusals.path.name());
                refusals.add(
                    Cause::MetadataInvalid,
                    node.span,
                    message,
                    "write a time such as `2023-05-01T00:00:00Z`".to_owned(),
                );
            }
            None => wrong_type::refuse(node, "a string", refusals),
        },
        Type::Texts => each(node, refusals, check_text),
        Type::TextMap => {
            let Value::Mapping(entries) = &node.value else { return wrong_type::refuse(node, "a mapping", refusals) };
            for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                check_text(value, &mut refusals.at(|path| path.key(&key.value)));
            }
        }
        Type::Objects(fields) => each(node, refusals, |item, refusals| check_fields(item, fields, refusals)),
        Type::Anything => {}
    }
}

fn check_text(node: &Node, refusals: &mut Refusals<'_>) {
    if node.as_str().is_none() {
        wrong_type::refuse(node, "a string", refusals);
    }
}

/// Looks at the items of a list that are not null.
fn each(node: &Node, refusals: &mut Refusals<'_>, check: impl Fn(&Node, &mut Refusals<'_>)) {
    let Value::Sequence(items) = &node.value else { return wrong_type::refuse(node, "a list", refusals) };
    for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_null()) {
        check(item, &mut refusals.at(|path| path.item(index)));
    }
}

/// Refuses a value that has the right type.
fn refuse(span: Span, message: String, help: &str, refusals: &mut Refusals<'_>) {
    refusals.add(Cause::MetadataInvalid, span, message, help.to_owned());
}

const SUBDOMAIN: &str = "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends";

fn check_name(metadata: &Node, key: Span, refusals: &mut Refusals<'_>) {
    let text = |name: &str| metadata.get(name).and_then(|node| Some((node.as_str().filter(|text| !text.is_empty())?, node.span)));
    let name = text("name");
    if let Some((prefix, span)) = text("generateName") {
        let is_wrong = !names::is_dns_subdomain(&masked(prefix)) || (name.is_none() && !completes(prefix));
        if is_wrong {
            let mut here = refusals.at(|path| path.field("generateName"));
            refuse(span, format!("`{prefix}` cannot begin the name of an object"), SUBDOMAIN, &mut here);
        }
    } else if name.is_none() {
        // What has another type than text was refused as such.
        let is_refused =
            ["name", "generateName"].iter().any(|name| metadata.get(name).is_some_and(|node| node.as_str().is_none()));
        let is_mapping = matches!(metadata.value, Value::Mapping(_) | Value::Null);
        if is_mapping && !is_refused {
            let span = metadata.get("name").map_or(key, |node| node.span);
            refuse(span, "the object has no name".to_owned(), NAME_IT, refusals);
        }
    }
    if let Some((name, span)) = name.filter(|(name, _)| !names::is_dns_subdomain(name)) {
        let mut here = refusals.at(|path| path.field("name"));
        refuse(span, format!("`{name}` cannot be the name of an object"), SUBDOMAIN, &mut here);
    }
}

/// The prefix as the server looks at it: a hyphen at the end takes the character before it along.
fn masked(prefix: &str) -> String {
    match prefix.as_bytes() {
        [kept @ .., _, b'-'] => String::from_utf8_lossy(kept).into_owned() + "a",
        _ => prefix.to_owned(),
    }
}

/// Whether the name that the server makes of a prefix is allowed.
fn completes(prefix: &str) -> bool {
    let kept = prefix.as_bytes().get(..GENERATED_BYTES).unwrap_or(prefix.as_bytes());
    names::is_dns_subdomain(&(String::from_utf8_lossy(kept).into_owned() + "bcdfg"))
}

fn check_namespace(metadata: &Node, refusals: &mut Refusals<'_>) {
    let Some(node) = metadata.get("namespace") else { return };
    // An empty one is filled in by the client.
    let Some(name) = node.as_str().filter(|name| !name.is_empty() && !names::is_dns_label(name)) else { return };
    let help = "use at most 63 lower-case letters, digits and `-`, with a letter or digit at both ends";
    refuse(
        node.span,
        format!("`{name}` cannot be the name of a namespace"),
        help,
        &mut refusals.at(|path| path.field("namespace")),
    );
}

const KEY: &str = "use letters, digits, `-`, `_` and `.` (at most 63), with a DNS name and `/` in front if you like";

fn check_labels(metadata: &Node, refusals: &mut Refusals<'_>) {
    let mut here = refusals.at(|path| path.field("labels"));
    for (key, value) in entries(metadata, "labels") {
        let mut here = here.at(|path| path.key(&key.value));
        if !names::is_qualified_name(&key.value) {
            refuse(key.span, format!("`{}` cannot be the key of a label", key.value), KEY, &mut here);
        }
        if let Some(text) = value.as_str().filter(|text| !names::is_label_value(text)) {
            let help = "use letters, digits, `-`, `_` and `.` (at most 63), with a letter or digit at both ends";
            refuse(value.span, format!("`{text}` cannot be the value of a label"), help, &mut here);
        }
    }
}

fn check_annotations(metadata: &Node, refusals: &mut Refusals<'_>) {
    let mut here = refusals.at(|path| path.field("annotations"));
    let mut bytes = 0_usize;
    for (key, value) in entries(metadata, "annotations") {
        // Case does not matter, letter by letter.
        let lower: String = key.value.chars().filter_map(|letter| letter.to_lowercase().next()).collect();
        if !names::is_qualified_name(&lower) {
            let mut here = here.at(|path| path.key(&key.value));
            refuse(key.span, format!("`{}` cannot be the key of an annotation", key.value), KEY, &mut here);
        }
        bytes = bytes.saturating_add(key.value.len()).saturating_add(value.as_str().unwrap_or_default().len());
    }
    if let Some(node) = metadata.get("annotations").filter(|_| bytes > ANNOTATION_BYTES) {
        let message = format!("the annotations are {bytes} bytes long, more than the {ANNOTATION_BYTES} allowed");
        refuse(node.span, message, "put data of that size into a ConfigMap", &mut here);
    }
}

fn entries<'n>(metadata: &'n Node, field: &str) -> &'n [(Spanned<String>, Node)] {
    match metadata.get(field).map(|node| &node.value) {
        Some(Value::Mapping(entries)) => entries,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_)) | None => &[],
    }
}

fn items<'n>(metadata: &'n Node, field: &str) -> &'n [Node] {
    match metadata.get(field).map(|node| &node.value) {
        Some(Value::Sequence(items)) => items,
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Mapping(_)) | None => &[],
    }
}

fn check_owners(metadata: &Node, refusals: &mut Refusals<'_>) {
    let mut here = refusals.at(|path| path.field("ownerReferences"));
    let mut controllers: Vec<&Node> = Vec::new();
    for (index, owner) in items(metadata, "ownerReferences").iter().enumerate() {
        let mut here = here.at(|path| path.item(index));
        let text = |field: &str| owner.get(field).and_then(Node::as_str).unwrap_or_default();
        for field in ["kind", "name", "uid"] {
            let has_type = owner.get(field).is_none_or(|node| node.as_str().is_some());
            if has_type && text(field).is_empty() {
                refuse(owner.span, format!("an owner has no `{field}`"), "copy all of it from the owner", &mut here);
            }
        }
        let version = match text("apiVersion").split('/').collect::<Vec<_>>().as_slice() {
            [version] | [_, version] => version,
            _ => "",
        };
        if version.is_empty() && owner.get("apiVersion").is_none_or(|node| node.as_str().is_some()) {
            refuse(owner.span, "an owner has no version in `apiVersion`".to_owned(), "copy it from the owner", &mut here);
        }
        if matches!(text("apiVersion"), "v1" | "/v1") && text("kind") == "Event" {
            refuse(owner.span, "an Event cannot own anything".to_owned(), "remove the reference", &mut here);
        }
        if owner.get("controller").is_some_and(|node| node.value == Value::Bool(true)) {
            // The same reference written twice counts once.
            if let Some(first) = controllers.first().filter(|_| !controllers.iter().any(|other| is_same_owner(other, owner))) {
                let message = format!("two owners are the controller, also the one in line {}", first.span.line);
                refuse(owner.span, message, "leave `controller: true` with one of them", &mut here);
            }
            controllers.push(owner);
        }
    }
}

/// Whether two references say the same.
fn is_same_owner(one: &Node, other: &Node) -> bool {
    let text = |node: &Node, field: &str| node.get(field).and_then(Node::as_str).unwrap_or_default().to_owned();
    OWNER_REFERENCE.iter().all(|(field, kind)| {
        if matches!(kind, Type::Boolean) { one.get(field) == other.get(field) } else { text(one, field) == text(other, field) }
    })
}

fn check_finalizers(metadata: &Node, refusals: &mut Refusals<'_>) {
    let finalizers = items(metadata, "finalizers");
    let mut here = refusals.at(|path| path.field("finalizers"));
    for (index, node) in finalizers.iter().enumerate() {
        let text = if node.is_null() { Some("") } else { node.as_str() };
        if let Some(text) = text.filter(|text| !names::is_qualified_name(text)) {
            let mut here = here.at(|path| path.item(index));
            refuse(node.span, format!("`{text}` cannot be a finalizer"), KEY, &mut here);
        }
    }
    let find = |name: &str| finalizers.iter().find(|node| node.as_str() == Some(name));
    if let (Some(_), Some(second)) = (find("orphan"), find("foregroundDeletion")) {
        let message = "the finalizers `orphan` and `foregroundDeletion` exclude each other".to_owned();
        refuse(second.span, message, "keep one of them", &mut here);
    }
}
