//! JSON as RFC 8725 section 3.7 wants it for keys and tokens: UTF-8, one object, no name twice, bounded depth.

use std::cell::RefCell;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Error as _;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;
use thiserror::Error;

/// Why a text is refused by [`parse_strict_object`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StrictJsonError {
    /// It is not UTF-8.
    #[error("not UTF-8 at byte {offset}")]
    Utf8 {
        /// Offset of the first wrong byte.
        offset: usize,
    },
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A name stands twice in one object.
    #[error("the member `{0}` stands there twice")]
    Duplicate(String),
    /// It is JSON, but no object.
    #[error("not a JSON object")]
    NotAnObject,
}

/// Reads one object. Members keep their order, numbers their value as far as 64 bits hold it.
///
/// # Errors
/// When the text is no JSON object, is nested more than 128 levels deep, or repeats a name.
pub fn parse_strict_object(text: &[u8]) -> Result<Map<String, Value>, StrictJsonError> {
    let text = str::from_utf8(text).map_err(|error| StrictJsonError::Utf8 { offset: error.valid_up_to() })?;
    let duplicate = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict { duplicate: &duplicate }.deserialize(&mut deserializer);
    let value = value.and_then(|value| deserializer.end().map(|()| value));
    match (value, duplicate.into_inner()) {
        (_, Some(name)) => Err(StrictJsonError::Duplicate(name)),
        (Ok(Value::Object(members)), None) => Ok(members),
        (Ok(_), None) => Err(StrictJsonError::NotAnObject),
        (Err(error), None) => Err(StrictJsonError::Syntax(error.to_string())),
    }
}

#[derive(Clone, Copy)]
struct Strict<'d> {
    duplicate: &'d RefCell<Option<String>>,
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(self)? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                self.duplicate.replace(Some(name));
                return Err(A::Error::custom("a name stands there twice"));
            }
            let value = members.next_value_seed(self)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::StrictJsonError;
    use super::parse_strict_object;

    #[test]
    fn what_is_refused() {
        let deep = format!("{}{}", r#"{"a":"#.repeat(200), "}".repeat(200));
        for (name, text, wanted) in [
            ("nothing", "", "not JSON: EOF while parsing a value at line 1 column 0"),
            ("a list", "[]", "not a JSON object"),
            ("a text", "\"x\"", "not a JSON object"),
            ("two objects", "{} {}", "not JSON: trailing characters at line 1 column 4"),
            ("a name twice", r#"{"a":1,"a":1}"#, "the member `a` stands there twice"),
            ("a name twice, written differently", r#"{"a":1,"\u0061":1}"#, "the member `a` stands there twice"),
            ("a name twice, deeper", r#"{"a":[{"b":1,"b":2}]}"#, "the member `b` stands there twice"),
            ("a comma too many", r#"{"a":1,}"#, "not JSON: trailing comma at line 1 column 8"),
            ("a byte order mark", "\u{feff}{}", "not JSON: expected value at line 1 column 1"),
            ("too deep", &deep, "not JSON: recursion limit exceeded"),
            ("a number beyond every double", r#"{"a":1e999}"#, "not JSON: number out of range"),
            ("half a surrogate pair", r#"{"a":"\ud800"}"#, "not JSON: "),
        ] {
            let error = parse_strict_object(text.as_bytes()).expect_err(name);
            assert!(error.to_string().starts_with(wanted), "{name}: {error}");
        }
        assert_eq!(parse_strict_object(b"{\"a\":\"\xff\"}"), Err(StrictJsonError::Utf8 { offset: 6 }));
    }

    #[test]
    fn members_keep_their_order_and_numbers_their_value() {
        let object = parse_strict_object(br#" {"z":9007199254740993,"a":-1,"b":1.5,"c":[null,true]} "#).unwrap();
        assert_eq!(serde_json::to_string(&object).unwrap(), r#"{"z":9007199254740993,"a":-1,"b":1.5,"c":[null,true]}"#);
    }
}
