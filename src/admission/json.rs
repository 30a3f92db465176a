use crate::admission::Cause;
use crate::admission::Refusal;
use crate::diag::Span;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::NumberValue;
use crate::manifest::yaml::Value;

/// Why a tree cannot be written as JSON, which is how it travels: infinity and `.nan` are numbers in YAML only.
pub(super) fn refusal(object: &Node) -> Option<Refusal> {
    let (path, span, text) = no_number(object)?;
    Some(Refusal {
        cause: Cause::YamlSyntax,
        span,
        path: path.strip_prefix('.').map_or(path.clone(), str::to_owned),
        message: format!("`{text}` is a number that JSON does not have"),
        help: Some("write another number, or put it in quotes if it is a text".to_owned()),
    })
}

/// The first such number, with the way to it.
fn no_number(node: &Node) -> Option<(String, Span, &str)> {
    match &node.value {
        Value::Number(number) => match number.value {
            NumberValue::Float(value) if !value.is_finite() => Some((String::new(), node.span, &number.text)),
            NumberValue::Float(_) | NumberValue::Integer(_) | NumberValue::Unsigned(_) => None,
        },
        Value::Sequence(items) => items.iter().enumerate().find_map(|(index, item)| {
            let (rest, span, text) = no_number(item)?;
            Some((format!("[{index}]{rest}"), span, text))
        }),
        Value::Mapping(entries) => entries.iter().find_map(|(key, value)| {
            let (rest, span, text) = no_number(value)?;
            Some((format!(".{}{rest}", key.value), span, text))
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => None,
    }
}
