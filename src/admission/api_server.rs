//! The API server: decoding, metadata, structural schema, validation rules, and the strict field validation that kubectl asks for.
//!
//! Every reason to refuse is reported, where the server itself stops at the first stage that refuses. Not modelled: whether the
//! namespace exists, quotas, the size of a request, the price of validation rules on objects with huge mappings, and that an object
//! with a `resourceVersion` can be updated but not created.

mod definition;
mod left;
mod metadata;
mod names;
mod path;
mod refusals;
mod schema;
mod shape;
mod wrong_type;

use std::borrow::Cow;

use crate::admission::Cause;
use crate::admission::Kind;
use crate::admission::Refusal;
use crate::admission::api_server::refusals::Refusals;
use crate::diag::Spanned;
use crate::manifest::decode;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Every reason to refuse.
pub(super) fn refusals(object: &Node, kind: Kind) -> Vec<Refusal> {
    let mut found = Vec::new();
    let mut refusals = Refusals::new(&mut found);
    check_version(object, kind, &mut refusals);
    metadata::check(object, &mut refusals);
    let Value::Mapping(entries) = &object.value else { return found };
    for (key, value) in entries {
        match key.value.as_str() {
            "apiVersion" | "kind" | "metadata" => {}
            "spec" if value.is_null() => {}
            "spec" => shape::check(value, definition::spec(kind), &mut refusals.at(|path| path.field("spec"))),
            "status" => shape::check_kept(value, definition::STATUS, &mut refusals.at(|path| path.field("status"))),
            _ => unknown_key(key, kind, &mut refusals),
        }
    }
    found
}

/// What webhooks get to see of an object that is not refused.
pub(super) fn left(object: &Node, kind: Kind) -> Cow<'_, Node> {
    left::over(object, definition::spec(kind))
}

fn check_version(object: &Node, kind: Kind, refusals: &mut Refusals<'_>) {
    let Some(node) = object.get("apiVersion") else { return };
    let written = node.as_str().unwrap_or_default();
    let (group, version) = written.split_once('/').unwrap_or(("", written));
    let versions = definition::versions(kind);
    if versions.contains(&version) {
        return;
    }
    let message = format!("`{written}` is not served for this kind");
    let help = match versions {
        [first, ..] => format!("write `{group}/{first}`; served are {}", decode::listing(versions)),
        [] => format!("write `{group}/v1`"),
    };
    refusals.at(|path| path.field("apiVersion")).add(Cause::UnsupportedApiVersion, node.span, message, help);
}

/// A key beside `spec` that no object has.
fn unknown_key(key: &Spanned<String>, kind: Kind, refusals: &mut Refusals<'_>) {
    let schema::Schema::Object(spec) = definition::spec(kind) else { return };
    let written = key.value.as_str();
    let help = match decode::nearest(written, &["metadata", "spec", "status"]) {
        Some(name) => format!("did you mean `{name}`?"),
        None if spec.fields.iter().any(|(name, _)| *name == written) => "indent it, so that it stands below `spec`".to_owned(),
        None => "an object has `apiVersion`, `kind`, `metadata`, `spec` and `status`: remove the key".to_owned(),
    };
    let message = format!("unknown key `{written}` beside `spec`");
    refusals.at(|path| path.field(&key.value)).add(Cause::UnknownTopLevelKey, key.span, message, help);
}
