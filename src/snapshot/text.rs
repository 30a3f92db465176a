//! JSON values as YAML that every reader takes for the same values, YAML 1.1 included.
//!
//! The layout is that of `kubectl get -o yaml`: a list stands below its key without further indentation. A string is written plainly only where
//! no dialect could read anything else; texts of several lines are literal blocks, so that places inside of them stay places in the file.

use serde_json::Map;
use serde_json::Value;

/// A value as one YAML document, without a marker before it.
#[must_use]
pub fn yaml(value: &Value) -> String {
    let mut out = String::new();
    write_yaml(value, &mut out);
    out
}

/// Appends a value as one YAML document.
pub(super) fn write_yaml(value: &Value, out: &mut String) {
    match value {
        Value::Object(entries) if !entries.is_empty() => mapping(entries, 0, out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, out),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            scalar(value, 0, out);
            out.push('\n');
        }
    }
}

/// Entries, the first of them where the text stands.
fn mapping(entries: &Map<String, Value>, indent: usize, out: &mut String) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        string(key, out);
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                pad(indent + 2, out);
                mapping(inner, indent + 2, out);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                pad(indent, out);
                sequence(items, indent, out);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                out.push(' ');
                scalar(value, indent, out);
                out.push('\n');
            }
        }
    }
}

fn sequence(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            pad(indent, out);
        }
        out.push_str("- ");
        match item {
            Value::Object(inner) if !inner.is_empty() => mapping(inner, indent + 2, out),
            Value::Array(inner) if !inner.is_empty() => sequence(inner, indent + 2, out),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                scalar(item, indent, out);
                out.push('\n');
            }
        }
    }
}

/// What fits behind a key or a dash that is indented this far; without the end of the line.
fn scalar(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        Value::String(text) if is_block(text) => block(text, indent + 2, out),
        Value::String(text) => string(text, out),
    }
}

fn block(text: &str, indent: usize, out: &mut String) {
    let (lines, is_ended) = text.strip_suffix('\n').map_or((text, false), |lines| (lines, true));
    out.push_str(if is_ended { "|" } else { "|-" });
    for line in lines.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(indent, out);
            out.push_str(line);
        }
    }
}

/// Whether a text is several lines that a literal block gives back as they are.
fn is_block(text: &str) -> bool {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    lines.contains('\n')
        && !lines.ends_with('\n')
        && !lines.starts_with([' ', '\t', '\n'])
        && !lines.split('\n').any(|line| line.starts_with('\t') || (!line.is_empty() && line.trim().is_empty()))
        && lines.chars().all(|letter| letter == '\n' || letter == '\t' || !needs_escape(letter))
}

fn string(text: &str, out: &mut String) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            letter if needs_escape(letter) => out.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

/// Whether no reader of any dialect takes a text for anything else when it stands without quotes.
fn is_plain(text: &str) -> bool {
    let is_harmless =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/' | '+' | '=' | '@' | ':');
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.chars().all(is_harmless)
        && !text.ends_with(':')
        && !WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// What some reader takes for a boolean or for nothing.
const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// Control characters, and what YAML takes for the end of a line or does not let through. None of them lies beyond four hexadecimal digits.
fn needs_escape(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::diag::SourceMap;
    use crate::manifest::yaml as reader;
    use crate::snapshot::value_of;

    fn read_back(value: &Value) -> Value {
        let text = yaml(value);
        let mut sources = SourceMap::default();
        let (nodes, findings) = reader::parse(sources.add("text", text.clone()), &text);
        assert!(findings.is_empty(), "{text}\n{findings:?}");
        nodes.first().map_or(Value::Null, value_of)
    }

    #[test]
    fn the_layout_is_that_of_kubectl() {
        let value = json!({
            "kind": "A", "list": [{"a": 1, "b": ["x", []]}, [1, 2], {}], "empty": {}, "on": "off", "text": "a\n b\n", "n": null,
            "version": "1.35", "word": "yes", "colon": "a: b", "sharp": "a #b", "path": "/a/*", "line": "x\ny", "zero": "017",
        });
        let expected = "kind: A\nlist:\n- a: 1\n  b:\n  - x\n  - []\n- - 1\n  - 2\n- {}\nempty: {}\n\"on\": \"off\"\ntext: |\n  a\n   b\n\
                        \"n\": null\nversion: \"1.35\"\nword: \"yes\"\ncolon: \"a: b\"\nsharp: \"a #b\"\npath: \"/a/*\"\nline: |-\n  x\n  y\n\
                        zero: \"017\"\n";
        assert_eq!(yaml(&value), expected);
        assert_eq!(read_back(&value), value);
    }

    #[test]
    fn texts_that_a_block_would_change_are_quoted() {
        for text in [
            " a\nb",
            "a\n\n",
            "\na",
            "a\n\tb",
            "a\n  \nb",
            "a\rb\nc",
            "a\u{85}b",
            "\u{feff}",
            "---\n...\n",
            "",
            "~",
            "a:",
            "=",
            "<<",
            "1e3",
        ] {
            let value = json!({"a": [text], text: text});
            assert_eq!(read_back(&value), value, "{text:?}");
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let words = prop::sample::select(vec![
            "yes",
            "a: b",
            "- a",
            "? a",
            "a\nb",
            "a\n\n b\n",
            "#",
            "*a",
            "&a",
            "!a",
            "%",
            "'",
            "\"",
            "|",
            "a\\",
        ]);
        let text = prop_oneof![any::<String>(), "[ a-z:#\\n\\t-]{0,12}", "[0-9_.eExo:+-]{0,8}", words.prop_map(str::to_owned)];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            let entries = prop::collection::btree_map(text.clone(), inner.clone(), 0..5);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                entries.prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_is_read_back_as_it_was(value in values()) {
            // A document of nothing is no document.
            let value = json!({"kind": value});
            prop_assert_eq!(read_back(&value), value);
        }
    }
}
