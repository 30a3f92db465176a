//! Whether a value fits its schema, and what of it is unknown there.

use crate::admission::Cause;
use crate::admission::api_server::refusals::Refusals;
use crate::admission::api_server::schema::Grammar;
use crate::admission::api_server::schema::Integer;
use crate::admission::api_server::schema::List;
use crate::admission::api_server::schema::Map;
use crate::admission::api_server::schema::Number;
use crate::admission::api_server::schema::Object;
use crate::admission::api_server::schema::Schema;
use crate::admission::api_server::schema::Text;
use crate::admission::api_server::wrong_type;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::decode;
use crate::manifest::yaml;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;
use crate::manifest::yaml::Value;

/// Entries of a mapping as they were written.
type Entries = [(Spanned<String>, Node)];

/// Refuses whatever does not fit.
pub(super) fn check(node: &Node, schema: &'static Schema, refusals: &mut Refusals<'_>) {
    match schema {
        Schema::Nullable(inner) => {
            if !node.is_null() {
                check(node, inner, refusals);
            }
        }
        Schema::Object(object) => {
            if let Some(entries) = mapping(node, refusals) {
                check_object(node, entries, object, refusals);
            }
        }
        Schema::Map(map) => {
            if let Some(entries) = mapping(node, refusals) {
                check_map(node.span, entries, map, refusals);
            }
        }
        Schema::List(list) => {
            let Value::Sequence(items) = &node.value else { return wrong_type::refuse(node, "a list", refusals) };
            check_list(node.span, items, list, refusals);
        }
        Schema::Text(text) => {
            let Value::String(value) = &node.value else { return wrong_type::refuse(node, "a string", refusals) };
            check_text(value, node.span, text, refusals);
        }
        Schema::Word(words) => check_word(node, words, refusals),
        Schema::Boolean => {
            if !matches!(node.value, Value::Bool(_)) {
                wrong_type::refuse(node, "`true` or `false`", refusals);
            }
        }
        Schema::Integer(integer) => check_integer(node, integer, refusals),
        Schema::Number(number) => check_number(node, number, refusals),
        Schema::IntegerOrText => {}
    }
}

fn mapping<'n>(node: &'n Node, refusals: &mut Refusals<'_>) -> Option<&'n Entries> {
    if let Value::Mapping(entries) = &node.value {
        return Some(entries);
    }
    wrong_type::refuse(node, "a mapping", refusals);
    None
}

fn check_object(node: &Node, entries: &Entries, object: &'static Object, refusals: &mut Refusals<'_>) {
    for (key, value) in entries {
        let Some((name, schema)) = object.fields.iter().find(|(name, _)| *name == key.value) else {
            unknown_field(key, object.fields, refusals);
            continue;
        };
        if value.is_null() {
            continue;
        }
        check(value, schema, &mut refusals.at(|path| path.field(name)));
    }
    for required in object.required {
        if node.get(required.field).is_none() {
            let written = entries.iter().find(|(key, _)| key.value == required.field);
            let span = written.or(entries.first()).map_or(node.span, |(key, _)| key.span);
            let message = format!("`{}` has no `{}`", refusals.path.name(), required.field);
            refusals.add(required.cause, span, message, format!("write `{}`", required.field));
        }
    }
    for alternatives in object.at_most_one {
        let present: Vec<&str> = alternatives.of.iter().filter(|name| node.get(name).is_some()).copied().collect();
        let second = entries.iter().filter(|(key, _)| present.contains(&key.value.as_str())).nth(1);
        if let Some((key, _)) = second {
            let message = format!("only one of {} can be set", decode::listing(&present));
            refusals.at(|path| path.field(&key.value)).add(alternatives.cause, key.span, message, alternatives.help.to_owned());
        }
    }
    for rule in object.rules {
        rule(node, refusals);
    }
}

/// A field of another kind or of a wish, which people believe in.
struct Misleading {
    name: &'static str,
    /// A field of the object that it is written in.
    beside: &'static str,
    cause: Cause,
    /// What the object is without it.
    effect: &'static str,
    help: &'static str,
}

const MISLEADING: &[Misleading] = &[
    Misleading {
        name: "targetRef",
        beside: "portLevelMtls",
        cause: Cause::TargetOnPeerAuthentication,
        effect: "without it the policy is for the whole namespace",
        help: "write a `selector`",
    },
    Misleading {
        name: "targetRefs",
        beside: "portLevelMtls",
        cause: Cause::TargetOnPeerAuthentication,
        effect: "without it the policy is for the whole namespace",
        help: "write a `selector`",
    },
    Misleading {
        name: "presence",
        beside: "jwksUri",
        cause: Cause::PresenceNotEnforced,
        effect: "requests without a token pass",
        help: "remove it, and ask for a token with an AuthorizationPolicy",
    },
];

/// A field that the schema does not have, with what was probably meant.
pub(super) fn unknown_field(key: &Spanned<String>, fields: &[(&str, Schema)], refusals: &mut Refusals<'_>) {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let object = refusals.path.name().to_owned();
    let written = key.value.as_str();
    let otherwise_spelt = names.iter().find(|name| decode::is_snake_case_of(written, name) || written.eq_ignore_ascii_case(name));
    let misled = MISLEADING.iter().find(|misleading| misleading.name == written && names.contains(&misleading.beside));
    if let Some(misleading) = misled {
        let message = format!("unknown field `{written}` in `{object}`: {}", misleading.effect);
        refusals.at(|path| path.field(written)).add(misleading.cause, key.span, message, misleading.help.to_owned());
        return;
    }
    let (cause, help) = match (otherwise_spelt, decode::nearest(written, &names)) {
        (Some(name), _) => (Cause::FieldAliasOrCase, format!("write `{name}`")),
        (None, Some(name)) => (Cause::UnknownField, format!("did you mean `{name}`?")),
        (None, None) if names.len() <= 16 => (Cause::UnknownField, format!("`{object}` takes {}", decode::listing(&names))),
        (None, None) => (Cause::UnknownField, "correct the name, or remove the field".to_owned()),
    };
    let message = format!("unknown field `{written}` in `{object}`");
    refusals.at(|path| path.field(&key.value)).add(cause, key.span, message, help);
}

fn check_map(span: Span, entries: &Entries, map: &'static Map, refusals: &mut Refusals<'_>) {
    let count = entries.iter().filter(|(_, value)| !value.is_null()).count();
    if count < map.at_least {
        let message = format!("`{}` is empty", refusals.path.name());
        refusals.add(map.too_few, span, message, "remove it, or write an entry".to_owned());
    }
    if count > map.at_most {
        let message = format!("`{}` has {count} entries, more than the {} allowed", refusals.path.name(), map.at_most);
        refusals.add(Cause::ListTooLong, span, message, None);
    }
    for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        let mut inside = refusals.at(|path| path.key(&key.value));
        check_grammar(&key.value, key.span, map.keys, &mut inside);
        check(value, map.values, &mut inside);
    }
}

fn check_list(span: Span, items: &[Node], list: &'static List, refusals: &mut Refusals<'_>) {
    if items.len() > list.at_most {
        let message = format!("`{}` has {} items, more than the {} allowed", refusals.path.name(), items.len(), list.at_most);
        refusals.add(Cause::ListTooLong, span, message, "split it over several entries or objects".to_owned());
    }
    for (index, item) in items.iter().enumerate() {
        let mut inside = refusals.at(|path| path.item(index));
        if item.is_null() {
            let message = format!("an item of `{}` is empty", inside.path.name());
            inside.add(Cause::NullListItem, item.span, message, "remove the dash, or write the item".to_owned());
        } else {
            check(item, list.items, &mut inside);
        }
    }
}

fn check_text(value: &str, span: Span, text: &'static Text, refusals: &mut Refusals<'_>) {
    if text.at_least > 0 || text.at_most < usize::MAX {
        let length = value.chars().count();
        if length < text.at_least {
            let message = format!("an empty text cannot stand in `{}`", refusals.path.name());
            refusals.add(text.wrong_length, span, message, "write a value, or remove it".to_owned());
        } else if length > text.at_most {
            let message =
                format!("a text of {length} characters in `{}`, which takes at most {}", refusals.path.name(), text.at_most);
            refusals.add(text.wrong_length, span, message, None);
        }
    }
    check_grammar(value, span, text.grammar, refusals);
}

fn check_grammar(value: &str, span: Span, grammar: &'static [Grammar], refusals: &mut Refusals<'_>) {
    for rule in grammar.iter().filter(|rule| !(rule.allows)(value)) {
        refusals.add(rule.cause, span, format!("`{value}` {}", rule.problem), rule.help.to_owned());
    }
}

fn check_word(node: &Node, words: &'static [&'static str], refusals: &mut Refusals<'_>) {
    let Value::String(value) = &node.value else {
        if matches!(node.value, Value::Number(_)) {
            let help = format!("the number of a word passes offline tools only: write one of {}", decode::listing(words));
            return wrong_type::refuse_with(node, "a string", Cause::EnumValue, Some(help), refusals);
        }
        return wrong_type::refuse(node, "a string", refusals);
    };
    if words.contains(&value.as_str()) {
        return;
    }
    let help = match decode::nearest(value, words) {
        Some(word) => format!("did you mean `{word}`? it takes {}", decode::listing(words)),
        None => format!("it takes {}", decode::listing(words)),
    };
    refusals.add(Cause::EnumValue, node.span, format!("`{}` cannot be `{value}`", refusals.path.name()), help);
}

fn check_integer(node: &Node, integer: &Integer, refusals: &mut Refusals<'_>) {
    let Some(value) = whole(node) else {
        return wrong_type::refuse(node, "a whole number", refusals);
    };
    if !(integer.low..=integer.high).contains(&value) {
        let help = match integer.high {
            i64::MAX => format!("write a number from {}", integer.low),
            high => format!("write a number from {} to {high}", integer.low),
        };
        refusals.add(integer.cause, node.span, format!("`{}` is out of range: {value}", refusals.path.name()), help);
    }
}

/// The whole number that the API server sees. A fraction of zero is lost on the way to JSON; numbers beyond 64 bits become fractions.
pub(super) fn whole(node: &Node) -> Option<i64> {
    let Value::Number(yaml::Number { value, .. }) = &node.value else { return None };
    match value {
        NumberValue::Integer(value) => Some(*value),
        // JSON writes smaller numbers digit by digit.
        NumberValue::Float(value) if value.fract() == 0.0 && value.abs() < 1e21 => format!("{value:.0}").parse().ok(),
        NumberValue::Float(_) | NumberValue::Unsigned(_) => None,
    }
}

fn check_number(node: &Node, number: &Number, refusals: &mut Refusals<'_>) {
    let Value::Number(yaml::Number { value, text }) = &node.value else {
        return wrong_type::refuse(node, "a number", refusals);
    };
    #[expect(clippy::cast_precision_loss, reason = "only compared with small bounds")]
    let value = match value {
        NumberValue::Integer(value) => *value as f64,
        NumberValue::Unsigned(value) => *value as f64,
        NumberValue::Float(value) => *value,
    };
    if !(number.low..=number.high).contains(&value) {
        let help = if number.high.is_finite() {
            format!("write a number from {} to {}", number.low, number.high)
        } else {
            format!("write a number from {}", number.low)
        };
        refusals.add(number.cause, node.span, format!("`{}` is out of range: {text}", refusals.path.name()), help);
    }
}

/// Refuses what is unknown below a value whose own fields are kept whatever they are.
pub(super) fn check_kept(node: &Node, fields: &'static [(&'static str, Schema)], refusals: &mut Refusals<'_>) {
    let Value::Mapping(entries) = &node.value else { return };
    for (key, value) in entries {
        if let Some((name, schema)) = fields.iter().find(|(name, _)| *name == key.value) {
            check_known(value, Some(schema), &mut refusals.at(|path| path.field(name)));
        }
    }
}

/// Refuses unknown fields only, whatever the types. A mapping where the schema has none is unknown as a whole.
fn check_known(node: &Node, schema: Option<&'static Schema>, refusals: &mut Refusals<'_>) {
    match &node.value {
        Value::Mapping(entries) => {
            let fields = if let Some(Schema::Object(object)) = schema { object.fields } else { &[] };
            for (key, value) in entries {
                match fields.iter().find(|(name, _)| *name == key.value) {
                    Some((name, schema)) => check_known(value, Some(schema), &mut refusals.at(|path| path.field(name))),
                    None => unknown_field(key, fields, refusals),
                }
            }
        }
        Value::Sequence(items) => {
            let inner = if let Some(Schema::List(list)) = schema { Some(list.items) } else { None };
            for (index, item) in items.iter().enumerate() {
                check_known(item, inner, &mut refusals.at(|path| path.item(index)));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
