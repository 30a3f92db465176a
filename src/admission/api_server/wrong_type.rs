use crate::admission::Cause;
use crate::admission::api_server::refusals::Refusals;
use crate::manifest::yaml::Node;
use crate::manifest::yaml::Value;

/// Says that a value has another type than its place takes, and how to write what was probably meant.
pub(super) fn refuse(node: &Node, wanted: &str, refusals: &mut Refusals<'_>) {
    refuse_with(node, wanted, Cause::WrongScalarType, help(node, wanted), refusals);
}

/// The same, with a cause and an advice of its own.
pub(super) fn refuse_with(node: &Node, wanted: &str, cause: Cause, help: Option<String>, refusals: &mut Refusals<'_>) {
    let message = format!("`{}` must be {wanted}, found {}", refusals.path.name(), node.kind());
    refusals.add(cause, node.span, message, help);
}

fn help(node: &Node, wanted: &str) -> Option<String> {
    match &node.value {
        Value::Number(number) if wanted == "a string" => Some(format!("write it in quotes: `\"{}\"`", number.text)),
        Value::Bool(_) if wanted == "a string" => {
            Some("words like `yes`, `on` and `true` are booleans: write the value in quotes".to_owned())
        }
        Value::String(text) if wanted == "a whole number" && text.parse::<i64>().is_ok() => {
            Some(format!("write it without quotes: `{text}`"))
        }
        Value::String(text) if wanted == "a number" && text.parse::<f64>().is_ok() => {
            Some(format!("write it without quotes: `{text}`"))
        }
        Value::String(text) if wanted == "a list" && !text.contains('\n') => Some(format!("write it as a list: `[\"{text}\"]`")),
        Value::String(text) if wanted == "`true` or `false`" && matches!(text.as_str(), "true" | "false") => {
            Some(format!("write it without quotes: `{text}`"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}
