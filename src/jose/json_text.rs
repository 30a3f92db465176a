//! A JSON value as the text protobuf writes for it: no white space, doubles in the shortest of 15 or 17 digits, and more characters
//! escaped than JSON demands.

use std::fmt::Write as _;

use serde_json::Value;

/// The compact text. Members keep their order; Envoy's own order is that of a hash table and may differ.
#[must_use]
pub fn compact_text(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => text.push_str(&number_text(number.as_f64().unwrap_or_default())),
        Value::String(string) => write_string(string, text),
        Value::Array(elements) => {
            text.push('[');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_value(element, text);
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (index, (name, member)) in members.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_string(name, text);
                text.push(':');
                write_value(member, text);
            }
            text.push('}');
        }
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{c}' => text.push_str("\\f"),
            '\u{8}' => text.push_str("\\b"),
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            _ if is_escaped(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            _ => text.push(character),
        }
    }
    text.push('"');
}

/// Control characters, and those that confuse browsers and people.
fn is_escaped(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '<'
            | '>'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{600}'..='\u{603}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{206a}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}'
    )
}

/// C's `%.15g`, or `%.17g` when 15 digits do not give the same double back.
fn number_text(number: f64) -> String {
    let short = general_text(number, 15);
    if short.parse() == Ok(number) { short } else { general_text(number, 17) }
}

fn general_text(number: f64, digits: usize) -> String {
    let scientific = format!("{number:.*e}", digits - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if let Some(decimals) = i32::try_from(digits).ok().map(|digits| digits - 1 - exponent)
        && exponent >= -4
        && let Ok(decimals) = usize::try_from(decimals)
    {
        return without_trailing_zeros(&format!("{number:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.unsigned_abs())
}

fn without_trailing_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::compact_text;

    #[test]
    fn numbers_read_like_those_of_c() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-5.0, "-5"),
            (1.5, "1.5"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e14, "100000000000000"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e15, "1e+15"),
            (1_234_567_890_123_456.0, "1234567890123456"),
            (1e20, "1e+20"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.7e300, "1.7e+300"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ] {
            assert_eq!(compact_text(&json!(number)), text, "{number:e}");
        }
    }

    #[test]
    fn strings_and_structure() {
        let value = json!({"a": [1.0, true, null, "<\u{2028}\u{e0001}\"\n\u{1}é"], "b": {}});
        let expected = r#"{"a":[1,true,null,"\u003c\u2028\udb40\udc01\"\n\u0001é"],"b":{}}"#;
        assert_eq!(compact_text(&value), expected);
    }
}
