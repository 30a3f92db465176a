//! JSON that holds what was read to the last digit.

use std::io;
use std::io::Write;

use crate::jose::ExactJson;

/// Writes a value, indented by two blanks. Of a repeated name only the last is written.
///
/// # Errors
/// When the writer fails.
pub fn exact_json(out: &mut dyn Write, value: &ExactJson) -> io::Result<()> {
    write_value(out, value, 0)?;
    writeln!(out)
}

/// The same as text for people: repeated names are all there, and `remark` may say something about a member of the object itself.
pub(super) fn annotated(
    out: &mut dyn Write,
    value: &ExactJson,
    remark: &dyn Fn(&str, &ExactJson) -> Option<String>,
) -> io::Result<()> {
    let Some(members) = value.as_object().filter(|members| !members.is_empty()) else {
        write_value(out, value, 0)?;
        return writeln!(out);
    };
    writeln!(out, "{{")?;
    for (index, (name, member)) in members.iter().enumerate() {
        write!(out, "  {}: ", text(name))?;
        write_value(out, member, 1)?;
        out.write_all(if index + 1 < members.len() { b"," } else { b"" })?;
        if let Some(remark) = remark(name, member) {
            write!(out, "  {remark}")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "}}")
}

fn write_value(out: &mut dyn Write, value: &ExactJson, depth: usize) -> io::Result<()> {
    match value {
        ExactJson::Null => out.write_all(b"null"),
        ExactJson::Bool(true) => out.write_all(b"true"),
        ExactJson::Bool(false) => out.write_all(b"false"),
        ExactJson::Number(digits) => out.write_all(digits.as_bytes()),
        ExactJson::String(string) => out.write_all(text(string).as_bytes()),
        ExactJson::Array(elements) if elements.is_empty() => out.write_all(b"[]"),
        ExactJson::Array(elements) if elements.iter().all(is_short) && elements.len() <= 8 => {
            out.write_all(b"[")?;
            for (index, element) in elements.iter().enumerate() {
                out.write_all(if index > 0 { b", " } else { b"" })?;
                write_value(out, element, depth)?;
            }
            out.write_all(b"]")
        }
        ExactJson::Array(elements) => {
            out.write_all(b"[\n")?;
            for (index, element) in elements.iter().enumerate() {
                indent(out, depth + 1)?;
                write_value(out, element, depth + 1)?;
                out.write_all(if index + 1 < elements.len() { b",\n" } else { b"\n" })?;
            }
            indent(out, depth)?;
            out.write_all(b"]")
        }
        ExactJson::Object(members) => {
            let last: Vec<&(String, ExactJson)> = without_repeated(members);
            if last.is_empty() {
                return out.write_all(b"{}");
            }
            out.write_all(b"{\n")?;
            for (index, (name, member)) in last.iter().enumerate() {
                indent(out, depth + 1)?;
                write!(out, "{}: ", text(name))?;
                write_value(out, member, depth + 1)?;
                out.write_all(if index + 1 < last.len() { b",\n" } else { b"\n" })?;
            }
            indent(out, depth)?;
            out.write_all(b"}")
        }
    }
}

/// The members that count: of a repeated name the last one, at the place of the first.
fn without_repeated(members: &[(String, ExactJson)]) -> Vec<&(String, ExactJson)> {
    let mut places = std::collections::HashMap::with_capacity(members.len());
    let mut kept: Vec<&(String, ExactJson)> = Vec::with_capacity(members.len());
    for member in members {
        if let Some(earlier) = places.get(member.0.as_str()).and_then(|place: &usize| kept.get_mut(*place)) {
            *earlier = member;
        } else {
            places.insert(member.0.as_str(), kept.len());
            kept.push(member);
        }
    }
    kept
}

fn is_short(value: &ExactJson) -> bool {
    match value {
        ExactJson::Null | ExactJson::Bool(_) => true,
        ExactJson::Number(digits) => digits.len() < 24,
        ExactJson::String(string) => string.len() < 40,
        ExactJson::Array(_) | ExactJson::Object(_) => false,
    }
}

fn indent(out: &mut dyn Write, depth: usize) -> io::Result<()> {
    for _ in 0..depth {
        out.write_all(b"  ")?;
    }
    Ok(())
}

/// A JSON string. What could move a terminal's cursor or turn the direction of writing is escaped, because claims are not to be trusted.
pub(super) fn text(string: &str) -> String {
    use std::fmt::Write as _;

    let mut quoted = String::with_capacity(string.len() + 2);
    quoted.push('"');
    for character in string.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if is_unprintable(character) => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    // Writing into a String cannot fail.
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

/// Text for a terminal: the same without quotes.
pub(super) fn plain(string: &str) -> String {
    string.chars().map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect()
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = Vec::new();
        exact_json(&mut out, &ExactJson::parse(text.as_bytes()).unwrap().value).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "null",
            "1e400",
            "12345678901234567890123",
            r#""a\u001b[2J\u202e\"\\""#,
            r#"{"b":[1,{"c":[]},"x"],"a":{}}"#,
            r#"["a","b"]"#,
        ] {
            let once = written(text);
            assert_eq!(written(&once), once, "{text}");
            assert_eq!(
                ExactJson::parse(once.as_bytes()).unwrap().value,
                ExactJson::parse(text.as_bytes()).unwrap().value,
                "{text}"
            );
        }
    }

    #[test]
    fn a_repeated_name_is_written_once() {
        assert_eq!(written(r#"{"a":1,"b":2,"a":3}"#), "{\n  \"a\": 3,\n  \"b\": 2\n}\n");
    }

    #[test]
    fn nothing_reaches_the_terminal_raw() {
        assert_eq!(text("\u{1b}]0;x\u{7}\u{9b}\u{202e}"), r#""\u001b]0;x\u0007\u009b\u202e""#);
        assert_eq!(plain("a\u{1b}b"), "a\u{fffd}b");
    }
}
