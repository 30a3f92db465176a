use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Number;
use super::NumberValue;
use super::Value;

/// A tag as far as it decides what a scalar is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarTag {
    /// No tag on a plain scalar: the text decides.
    Implicit,
    /// Quotes, `!`, `!!str`, or a tag of somebody's own.
    Text,
    Int,
    Float,
    Bool,
    Null,
    Binary,
}

/// What a scalar means, as `sigs.k8s.io/yaml` reads it; `None` when the text does not fit its tag.
pub(super) fn resolve(tag: ScalarTag, text: &str) -> Option<Value> {
    match tag {
        ScalarTag::Implicit => Some(implicit(text)),
        ScalarTag::Text => Some(Value::String(text.to_owned())),
        ScalarTag::Binary => {
            let packed: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
            String::from_utf8(STANDARD.decode(packed).ok()?).ok().map(Value::String)
        }
        ScalarTag::Int => Some(implicit(text))
            .filter(|value| matches!(value, Value::Number(number) if !matches!(number.value, NumberValue::Float(_)))),
        ScalarTag::Float => Some(implicit(text)).filter(|value| matches!(value, Value::Number(_))),
        ScalarTag::Bool => Some(implicit(text)).filter(|value| matches!(value, Value::Bool(_))),
        ScalarTag::Null => Some(implicit(text)).filter(|value| matches!(value, Value::Null)),
    }
}

/// The key that a scalar makes: numbers and booleans become text. `None` for null and numbers beyond `i64`.
pub(super) fn key(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(value) => Some(if value { "true" } else { "false" }.to_owned()),
        Value::Number(number) => Some(match number.value {
            NumberValue::Integer(value) => value.to_string(),
            NumberValue::Unsigned(_) => return None,
            NumberValue::Float(value) => float_key(value),
        }),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
    }
}

pub(super) fn implicit(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        _ => match number(text) {
            Some(value) => Value::Number(Number { text: text.to_owned(), value }),
            None => Value::String(text.to_owned()),
        },
    }
}

fn number(text: &str) -> Option<NumberValue> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(NumberValue::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(NumberValue::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return Some(NumberValue::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    match text.as_bytes().first()? {
        b'.' => float(text),
        b'0'..=b'9' | b'+' | b'-' => {
            let plain = if text.contains('_') { text.replace('_', "") } else { text.to_owned() };
            integer(&plain).or_else(|| float(&plain))
        }
        _ => None,
    }
}

/// A whole number with an optional sign and a radix prefix; a leading zero means octal.
fn integer(text: &str) -> Option<NumberValue> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (unsigned.get(2..)?, 16),
        [b'0', b'o' | b'O', ..] => (unsigned.get(2..)?, 8),
        [b'0', b'b' | b'B', ..] => (unsigned.get(2..)?, 2),
        [b'0', _, ..] => (unsigned.get(1..)?, 8),
        _ => (unsigned, 10),
    };
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None; // a second sign
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(NumberValue::Integer);
    }
    match i64::try_from(magnitude) {
        Ok(value) => Some(NumberValue::Integer(value)),
        // A number this large is only read without a sign.
        Err(_) => (unsigned.len() == text.len()).then_some(NumberValue::Unsigned(magnitude)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, when it is finite.
fn float(text: &str) -> Option<NumberValue> {
    let mut rest = text.as_bytes();
    skip(&mut rest, |byte| matches!(byte, b'+' | b'-'), 1);
    let mut digits = skip(&mut rest, u8::is_ascii_digit, usize::MAX);
    if skip(&mut rest, |byte| *byte == b'.', 1) == 1 {
        digits += skip(&mut rest, u8::is_ascii_digit, usize::MAX);
    }
    if digits == 0 {
        return None;
    }
    if skip(&mut rest, |byte| matches!(byte, b'e' | b'E'), 1) == 1 {
        skip(&mut rest, |byte| matches!(byte, b'+' | b'-'), 1);
        if skip(&mut rest, u8::is_ascii_digit, usize::MAX) == 0 {
            return None;
        }
    }
    if !rest.is_empty() {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(NumberValue::Float)
}

/// Drops up to `limit` leading bytes of a kind and says how many.
fn skip(rest: &mut &[u8], is_kind: impl Fn(&u8) -> bool, limit: usize) -> usize {
    let count = rest.iter().take(limit).take_while(|byte| is_kind(byte)).count();
    *rest = rest.get(count..).unwrap_or_default();
    count
}

/// A key made of a number with a fraction: the shortest single-precision form, with an exponent when it is large or small.
fn float_key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the tools write such keys in single precision")]
    let single = value as f32;
    if single.is_nan() {
        return ".nan".to_owned();
    }
    if single.is_infinite() {
        return if single > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{single:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs());
    }
    single.to_string()
}
