use std::borrow::Cow;

use crate::admission::api_server::schema::Schema;
use crate::diag::Spanned;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Number;
use crate::manifest::yaml::NumberValue;
use crate::manifest::yaml::Value;

/// What an accepted object is by the time webhooks see it: without `status`, without the nulls that the schema does not ask for, and
/// with the zero that has a sign without it.
pub(super) fn over<'n>(object: &'n Node, spec: &'static Schema) -> Cow<'n, Node> {
    let Value::Mapping(entries) = &object.value else { return Cow::Borrowed(object) };
    let is_changed = |(key, value): &(Spanned<String>, Node)| match key.value.as_str() {
        "status" => true,
        "spec" => has_changes(value),
        _ => false,
    };
    if !entries.iter().any(is_changed) {
        return Cow::Borrowed(object);
    }
    let kept = entries.iter().filter_map(|(key, value)| match key.value.as_str() {
        "status" => None,
        "spec" => (!value.is_null()).then(|| (key.clone(), without_nulls(value, spec))),
        _ => Some((key.clone(), value.clone())),
    });
    Cow::Owned(Node { value: Value::Mapping(kept.collect()), span: object.span })
}

fn has_changes(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Mapping(entries) => entries.iter().any(|(_, value)| has_changes(value)),
        Value::Sequence(items) => items.iter().any(has_changes),
        Value::Number(number) => is_negative_zero(number),
        Value::Bool(_) | Value::String(_) => false,
    }
}

/// Whether a number is the zero with a sign, which the API server reads as a whole number.
fn is_negative_zero(number: &Number) -> bool {
    matches!(number.value, NumberValue::Float(value) if value == 0.0 && value.is_sign_negative())
}

/// A copy in which fields and entries that are null are gone, unless they may be null.
fn without_nulls(node: &Node, schema: &'static Schema) -> Node {
    let value = match (&node.value, schema) {
        (_, Schema::Nullable(inner)) => return without_nulls(node, inner),
        (Value::Mapping(entries), _) => {
            let kept = entries.iter().filter_map(|(key, value)| {
                let schema = match schema {
                    Schema::Object(object) => &object.fields.iter().find(|(name, _)| *name == key.value)?.1,
                    Schema::Map(map) => map.values,
                    // INVARIANT: an accepted object has mappings only where the schema has them.
                    Schema::List(_)
                    | Schema::Text(_)
                    | Schema::Word(_)
                    | Schema::Boolean
                    | Schema::Integer(_)
                    | Schema::Number(_)
                    | Schema::IntegerOrText
                    | Schema::Nullable(_) => return None,
                };
                let is_gone = value.is_null() && !matches!(schema, Schema::Nullable(_));
                (!is_gone).then(|| (key.clone(), without_nulls(value, schema)))
            });
            Value::Mapping(kept.collect())
        }
        (Value::Sequence(items), Schema::List(list)) => {
            Value::Sequence(items.iter().map(|item| without_nulls(item, list.items)).collect())
        }
        (Value::Number(number), _) if is_negative_zero(number) => {
            Value::Number(Number { text: number.text.clone(), value: NumberValue::Integer(0) })
        }
        (value, _) => value.clone(),
    };
    Node { value, span: node.span }
}
