//! Numbers, bytes and foreign text in a form that can be shown.

use std::borrow::Cow;
use std::fmt::Write;

/// So many of something: `1 file`, `2 files`.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Text of a certificate that somebody else made: control characters, which could move the cursor or hide what follows, are escaped.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if is_unprintable(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(escaped).collect::<String>().into()
}

/// Control characters, and those that turn the direction of writing.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_name_cannot_write_over_the_line_it_stands_in() {
        assert_eq!(printable("spiffe://td/a"), "spiffe://td/a");
        assert_eq!(printable("CN=ä, O=b"), "CN=ä, O=b");
        assert_eq!(printable("a\r\u{1b}[2Kb\u{202e}c\n"), "a\\u{d}\\u{1b}[2Kb\\u{202e}c\\u{a}");
    }
}
