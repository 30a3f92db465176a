//! Numbers as istiod reads them: YAML written as JSON by Go, then decoded by Go's JSON library, quotes or not.

use crate::manifest::yaml::Number;
use crate::manifest::yaml::NumberValue;

/// The text of a YAML number in JSON; `None` for infinities and what is no number, which JSON does not have.
pub(super) fn json_text(number: &Number) -> Option<String> {
    match number.value {
        NumberValue::Integer(value) => Some(value.to_string()),
        NumberValue::Unsigned(value) => Some(value.to_string()),
        NumberValue::Float(value) if !value.is_finite() => None,
        NumberValue::Float(value) => {
            let size = value.abs();
            let is_plain = value == 0.0 || (1e-6..1e21).contains(&size);
            Some(if is_plain { format!("{value}") } else { format!("{value:e}") })
        }
    }
}

/// The number in the text of a JSON string, which may have blanks around it; the word `null` stands for zero.
///
/// JSON writes other white space of a string as escapes, and those are not read back here.
pub(super) fn unquoted(text: &str) -> &str {
    zero_for_null(text.trim_matches(' '))
}

/// The number in a key of a mapping, which may be in one more pair of quotes.
pub(super) fn in_key(key: &str) -> &str {
    let inner = key.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(key);
    zero_for_null(inner.trim_matches([' ', '\t', '\r', '\n']))
}

fn zero_for_null(text: &str) -> &str {
    if text == "null" { "0" } else { text }
}

/// A whole number as JSON writes it: no plus sign, no leading zero, no fraction, no exponent.
pub(super) fn integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = match digits.as_bytes() {
        [b'0'] => true,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    text.parse().ok().filter(|_| is_number)
}

/// A whole number that was written without a sign: `-0` is none.
pub(super) fn unsigned(text: &str) -> Option<i128> {
    integer(text).filter(|_| !text.starts_with('-'))
}

/// Any number as JSON writes it, when it is finite.
pub(super) fn double(text: &str) -> Option<f64> {
    if !is_json_number(text.as_bytes()) {
        return None;
    }
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// Whether a whole text is a number in JSON.
fn is_json_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || (whole > 1 && text.first() == Some(&b'0')) {
        return false;
    }
    let mut rest = text.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', exponent @ ..] => exponent,
            _ => exponent,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::double;
    use super::in_key;
    use super::integer;
    use super::json_text;
    use super::unquoted;
    use super::unsigned;
    use crate::manifest::yaml::Number;
    use crate::manifest::yaml::NumberValue;

    #[test]
    fn whole_numbers_are_those_of_json() {
        for (text, expected) in [
            ("80", Some(80)),
            ("-5", Some(-5)),
            ("-0", Some(0)),
            ("0", Some(0)),
            ("08", None),
            ("+8", None),
            ("1.0", None),
            ("1e2", None),
            ("", None),
            ("-", None),
            ("0x1", None),
            ("99999999999999999999999999999999999999999999", None),
        ] {
            assert_eq!(integer(text), expected, "{text:?}");
        }
        assert_eq!((unsigned("-0"), unsigned("7")), (None, Some(7)));
    }

    #[test]
    fn doubles_are_those_of_json() {
        for (text, expected) in [
            ("1.5", Some(1.5)),
            ("1e2", Some(100.0)),
            ("1E+2", Some(100.0)),
            ("-0", Some(-0.0)),
            (".5", None),
            ("5.", None),
            ("1e", None),
            ("01", None),
            ("1e999", None),
            ("NaN", None),
            ("1_0", None),
        ] {
            assert_eq!(double(text), expected, "{text:?}");
        }
    }

    #[test]
    fn quotes_and_blanks_around_a_number_do_not_matter() {
        assert_eq!([unquoted(" 80 "), unquoted("80\n"), unquoted("null"), unquoted("\"80\"")], ["80", "80\n", "0", "\"80\""]);
        assert_eq!([in_key("\"80\""), in_key("\n80\t"), in_key("null"), in_key("\"")], ["80", "80", "0", "\""]);
    }

    #[test]
    fn a_float_is_written_as_go_writes_it() {
        for (value, expected) in
            [(80.0, "80"), (-0.0, "-0"), (0.5, "0.5"), (1e20, "100000000000000000000"), (1e21, "1e21"), (1e-7, "1e-7")]
        {
            let number = Number { text: String::new(), value: NumberValue::Float(value) };
            assert_eq!(json_text(&number).as_deref(), Some(expected));
        }
        assert_eq!(json_text(&Number { text: String::new(), value: NumberValue::Float(f64::NAN) }), None);
    }
}
