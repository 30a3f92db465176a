//! JSON as RFC 8725 section 3.7 wants it for keys: UTF-8, one object, no name twice.

use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use thiserror::Error;

use crate::jose::ExactJson;
use crate::jose::ExactJsonError;

/// Why a text is refused by [`parse_strict_object`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StrictJsonError {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Syntax(ExactJsonError),
    /// A name stands twice in one object.
    #[error("the member `{0}` stands there twice")]
    Duplicate(String),
    /// It is JSON, but no object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A number is beyond what programs can hold.
    #[error("the number {0} is beyond every double")]
    Number(String),
}

/// Reads one object. Members keep their order, numbers their value as far as 64 bits hold it.
///
/// # Errors
/// When the text is no JSON object, is nested too deeply, or repeats a name.
pub fn parse_strict_object(text: &[u8]) -> Result<Map<String, Value>, StrictJsonError> {
    let document = ExactJson::parse(text).map_err(StrictJsonError::Syntax)?;
    if let Some(name) = document.duplicates.into_iter().next() {
        return Err(StrictJsonError::Duplicate(name));
    }
    let ExactJson::Object(members) = document.value else { return Err(StrictJsonError::NotAnObject) };
    object(members)
}

fn object(members: Vec<(String, ExactJson)>) -> Result<Map<String, Value>, StrictJsonError> {
    members.into_iter().map(|(name, member)| Ok((name, value(member)?))).collect()
}

/// The same value; texts are moved, because they may be private.
fn value(json: ExactJson) -> Result<Value, StrictJsonError> {
    Ok(match json {
        ExactJson::Null => Value::Null,
        ExactJson::Bool(value) => Value::Bool(value),
        ExactJson::Number(text) => match text.parse::<Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => return Err(StrictJsonError::Number(text)),
        },
        ExactJson::String(text) => Value::String(text),
        ExactJson::Array(elements) => Value::Array(elements.into_iter().map(value).collect::<Result<_, _>>()?),
        ExactJson::Object(members) => Value::Object(object(members)?),
    })
}

#[cfg(test)]
mod tests {
    use super::parse_strict_object;

    #[test]
    fn what_is_refused() {
        let deep = format!("{}1{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        for (name, text, wanted) in [
            ("nothing", "", "not JSON: unexpected end at byte 0"),
            ("a list", "[]", "not a JSON object"),
            ("a text", "\"x\"", "not a JSON object"),
            ("two objects", "{} {}", "not JSON: more text after the value at byte 3"),
            ("a name twice", r#"{"a":1,"a":1}"#, "the member `a` stands there twice"),
            ("a name twice, written differently", r#"{"a":1,"\u0061":1}"#, "the member `a` stands there twice"),
            ("a name twice, deeper", r#"{"a":[{"b":1,"b":2}]}"#, "the member `b` stands there twice"),
            ("a comma too many", r#"{"a":1,}"#, "not JSON: unexpected character at byte 7"),
            ("a byte order mark", "\u{feff}{}", "not JSON: unexpected character at byte 0"),
            ("too deep", &deep, "not JSON: nested more than 100 levels deep at byte 500"),
            ("a number beyond every double", r#"{"a":1e999}"#, "the number 1e999 is beyond every double"),
        ] {
            let error = parse_strict_object(text.as_bytes()).expect_err(name);
            assert_eq!(error.to_string(), wanted, "{name}");
        }
        let error = parse_strict_object(b"{\"a\":\"\xff\"}").unwrap_err();
        assert_eq!(error.to_string(), "not JSON: not UTF-8 at byte 6");
    }

    #[test]
    fn members_keep_their_order_and_numbers_their_value() {
        let object = parse_strict_object(br#" {"z":9007199254740993,"a":-1,"b":1.5,"c":[null,true]} "#).unwrap();
        assert_eq!(serde_json::to_string(&object).unwrap(), r#"{"z":9007199254740993,"a":-1,"b":1.5,"c":[null,true]}"#);
    }
}
