//! From a tree to the message istiod decodes it to, or the reasons why it cannot.
//!
//! These are the rules of protobuf's older JSON reader: unknown fields are passed over, a name may be written in `snake_case` (and does
//! not count beside the other spelling), null is absent in a field and the empty value in a list or mapping, a number may be in quotes,
//! a word may be its number.

use crate::admission::Cause;
use crate::admission::duration;
use crate::admission::istiod::message::Content;
use crate::admission::istiod::message::Message;
use crate::admission::istiod::number;
use crate::admission::istiod::report::Place;
use crate::admission::istiod::report::Placed;
use crate::admission::istiod::report::Report;
use crate::admission::istiod::schema::Field;
use crate::admission::istiod::schema::Schema;
use crate::admission::istiod::schema::Type;
use crate::diag::Spanned;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Reads a message; null is an empty one.
pub(super) fn message<'n>(node: &'n Node, place: Place<'n>, schema: &'static Schema, report: &mut Report) -> Message<'n> {
    let mut message = Message::empty(place, schema);
    let Some(entries) = mapping(node, &message.place, report) else { return message };
    for field in schema.fields {
        let written = |name: &str| entries.iter().find(|(key, _)| key.value == name);
        let Some((key, node)) = written(field.name).or_else(|| written(field.alias)) else { continue };
        if node.is_null() {
            continue;
        }
        let place = Place { span: node.span, path: message.place.path.field(key.value.as_str()) };
        if let Some(content) = content(field, node, &place, report) {
            message.fields.push((field.name, place, content));
        }
    }
    message
}

/// What a field holds; `None` after a refusal.
fn content<'n>(field: &'static Field, node: &'n Node, place: &Place<'n>, report: &mut Report) -> Option<Content<'n>> {
    let name = field.name;
    match field.takes {
        Type::Text => text(node, place, report).map(Content::Text),
        Type::Texts => list(node, place, report, text_item).map(Content::Texts),
        Type::Bool => {
            if let Value::Bool(value) = node.value {
                return Some(Content::Bool(value));
            }
            wrong_type(node, place, report, "`true` or `false`");
            None
        }
        Type::Int32 => integer(node, place, report, i128::from(i32::MIN)..=i128::from(i32::MAX)).map(Content::Integer),
        Type::Uint32 => integer(node, place, report, 0..=i128::from(u32::MAX)).map(Content::Integer),
        Type::Uint64 => integer(node, place, report, 0..=i128::from(u64::MAX)).map(Content::Integer),
        Type::Uint32s => list(node, place, report, weight).map(|_| Content::Integers),
        Type::Double => double(node, place, report).map(Content::Double),
        Type::Duration(cause) => nanoseconds(cause, node, place, report).map(Content::Duration),
        Type::Word(words) => word(name, words, node, place, report).map(Content::Word),
        Type::Message(schema) => Some(Content::Message(message(node, place.clone(), schema, report))),
        Type::Messages(schema) => {
            let item = |node: &'n Node, place: Place<'n>, report: &mut Report| Some(message(node, place, schema, report));
            list(node, place, report, item).map(Content::Messages)
        }
        Type::Labels => entries(node, place, report, text_item).map(Content::Labels),
        Type::Weights => entries(node, place, report, weight).map(Content::Weights),
        Type::Ports(schema) => {
            let item = |node: &'n Node, place: Place<'n>, report: &mut Report| Some(message(node, place, schema, report));
            let mut ports = Vec::new();
            for (key, message) in entries(node, place, report, item)? {
                match number::unsigned(number::in_key(key)).filter(|port| *port <= i128::from(u32::MAX)) {
                    Some(port) => ports.push((port, message)),
                    None => bad_port_key(key, &message.place, report),
                }
            }
            Some(Content::Ports(ports))
        }
    }
}

fn mapping<'n>(node: &'n Node, place: &Place<'n>, report: &mut Report) -> Option<&'n [(Spanned<String>, Node)]> {
    match &node.value {
        Value::Mapping(entries) => return Some(entries),
        Value::Null => {}
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) => wrong_type(node, place, report, "a mapping"),
    }
    None
}

fn list<'n, T>(
    node: &'n Node,
    place: &Place<'n>,
    report: &mut Report,
    mut item: impl FnMut(&'n Node, Place<'n>, &mut Report) -> Option<T>,
) -> Option<Vec<T>> {
    let Value::Sequence(items) = &node.value else {
        wrong_type(node, place, report, "a list");
        return None;
    };
    let mut values = Vec::with_capacity(items.len());
    for (index, node) in items.iter().enumerate() {
        values.extend(item(node, Place { span: node.span, path: place.path.index(index) }, report));
    }
    Some(values)
}

fn entries<'n, T>(
    node: &'n Node,
    place: &Place<'n>,
    report: &mut Report,
    mut item: impl FnMut(&'n Node, Place<'n>, &mut Report) -> Option<T>,
) -> Option<Vec<(&'n str, T)>> {
    let entries = mapping(node, place, report)?;
    let mut values = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        // A key is what is wrong with an entry as often as its value.
        let span = if node.is_null() { key.span } else { node.span };
        let place = Place { span, path: place.path.key(key.value.as_str()) };
        values.extend(item(node, place, report).map(|value| (key.value.as_str(), value)));
    }
    Some(values)
}

fn text<'n>(node: &'n Node, place: &Place<'n>, report: &mut Report) -> Option<&'n str> {
    if let Value::String(text) = &node.value {
        return Some(text);
    }
    wrong_type(node, place, report, "a string");
    None
}

/// A string in a list or mapping, where null is the empty one.
fn text_item<'n>(node: &'n Node, place: Place<'n>, report: &mut Report) -> Option<Placed<'n, &'n str>> {
    let value = if node.is_null() { "" } else { text(node, &place, report)? };
    Some(Placed { value, place })
}

/// A number in a list or mapping, where null is zero.
fn weight<'n>(node: &'n Node, place: Place<'n>, report: &mut Report) -> Option<Placed<'n, i128>> {
    let value = if node.is_null() { 0 } else { integer(node, &place, report, 0..=i128::from(u32::MAX))? };
    Some(Placed { value, place })
}

fn integer(node: &Node, place: &Place<'_>, report: &mut Report, range: std::ops::RangeInclusive<i128>) -> Option<i128> {
    let written = match &node.value {
        Value::Number(number) => number::json_text(number),
        Value::String(text) => Some(number::unquoted(text).to_owned()),
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    };
    let is_signed = *range.start() < 0;
    let value = written.and_then(|text| if is_signed { number::integer(&text) } else { number::unsigned(&text) });
    match value {
        Some(value) if range.contains(&value) => return Some(value),
        Some(value) => {
            let message = format!("the number `{value}` does not fit");
            let help = format!("it takes numbers from {} to {}", range.start(), range.end());
            report.refuse_with(Cause::WrongScalarType, place, message, help);
        }
        None => wrong_type(node, place, report, "a whole number"),
    }
    None
}

fn double(node: &Node, place: &Place<'_>, report: &mut Report) -> Option<f64> {
    let value = match &node.value {
        Value::Number(number) => number::json_text(number).and_then(|text| number::double(&text)),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text => number::double(number::unquoted(text)),
        },
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    };
    if value.is_none() {
        wrong_type(node, place, report, "a number");
    }
    value
}

fn nanoseconds(cause: Cause, node: &Node, place: &Place<'_>, report: &mut Report) -> Option<i64> {
    let written = text(node, place, report)?;
    let value = duration::parse(written);
    if value.is_none() {
        let message = format!("`{written}` is not a duration");
        report.refuse_with(cause, place, message, "write a number with a unit, such as `5s`, `500ms` or `1h30m`");
    }
    value
}

fn word(name: &str, words: &[(&str, i32)], node: &Node, place: &Place<'_>, report: &mut Report) -> Option<i32> {
    match &node.value {
        Value::String(text) => {
            if let Some((_, number)) = words.iter().find(|(word, _)| word == text) {
                return Some(*number);
            }
            let message = format!("`{name}` cannot be `{text}`");
            let meant = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text.trim()));
            let help = match meant {
                Some((word, _)) => format!("write `{word}`"),
                None => format!("it takes {}", listing(words)),
            };
            report.refuse_with(Cause::EnumValue, place, message, help);
        }
        Value::Number(number) => {
            let value = number::json_text(number).and_then(|text| number::integer(&text));
            if let Some(value) = value.and_then(|value| i32::try_from(value).ok()) {
                return Some(value);
            }
            let message = format!("`{name}` cannot be `{}`", number.text);
            report.refuse_with(Cause::EnumValue, place, message, format!("it takes {}", listing(words)));
        }
        Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => wrong_type(node, place, report, "a word"),
    }
    None
}

fn listing(words: &[(&str, i32)]) -> String {
    let mut list = String::new();
    for (index, (word, _)) in words.iter().enumerate() {
        let separator = if index == 0 {
            ""
        } else if index + 1 == words.len() {
            " or "
        } else {
            ", "
        };
        list.push_str(separator);
        list.push('`');
        list.push_str(word);
        list.push('`');
    }
    list
}

fn bad_port_key(key: &str, place: &Place<'_>, report: &mut Report) {
    let message = format!("`{key}` is not a port number");
    report.refuse_with(Cause::PortModeKeyNotNumber, place, message, "write a number from 1 to 65535, such as `8080`");
}

/// Says that a value has another type than the field takes.
pub(super) fn wrong_type(node: &Node, place: &Place<'_>, report: &mut Report, wanted: &str) {
    let message = format!("{wanted} is wanted here, found {}", node.kind());
    let help = match &node.value {
        Value::Number(number) if wanted == "a string" => Some(format!("write it in quotes: `\"{}\"`", number.text)),
        Value::Bool(_) if wanted == "a string" => {
            Some("words like `yes`, `on` and `true` are booleans: write the value in quotes".to_owned())
        }
        Value::String(text) if wanted == "a list" && !text.contains('\n') => Some(format!("write it as a list: `[\"{text}\"]`")),
        Value::String(text) if wanted == "`true` or `false`" && matches!(text.as_str(), "true" | "false") => {
            Some(format!("write it without quotes: `{text}`"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    };
    match help {
        Some(help) => report.refuse_with(Cause::WrongScalarType, place, message, help),
        None => report.refuse(Cause::WrongScalarType, place, message),
    }
}
