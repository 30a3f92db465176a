//! Private keys are not shown, wherever they stand in a text.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN ";
const LABEL: &str = "PRIVATE KEY-----";
/// How `-----BEGIN ` starts in base64.
const ENCODED: &str = "LS0tLS1CRUdJTi";
/// Characters of base64 that hold the whole BEGIN line of any private key.
const HEAD: usize = 64;

/// The text with stars in the place of private keys, in PEM and in base64 of PEM; every place stays where it was.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let mut hidden = Vec::new();
    for (start, _) in text.match_indices(BEGIN) {
        let rest = text.get(start + BEGIN.len()..).unwrap_or_default();
        let Some(label) = rest.find("-----").filter(|end| rest.get(..end + 5).is_some_and(|label| label.ends_with(LABEL))) else {
            continue;
        };
        let body = rest.get(label + 5..).unwrap_or_default();
        let length = body.find("-----END").unwrap_or(body.len());
        let from = start + BEGIN.len() + label + 5;
        hidden.push(from..from + length);
    }
    for (start, _) in text.match_indices(ENCODED) {
        let rest = text.get(start..).unwrap_or_default();
        let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let length = rest.find(|c: char| !is_base64(c)).unwrap_or(rest.len());
        let head = rest.get(..HEAD.min(length - length % 4)).unwrap_or_default();
        let holds_key = STANDARD.decode(head).is_ok_and(|head| memchr::memmem::find(&head, b"PRIVATE KEY").is_some());
        if holds_key {
            hidden.push(start..start + length);
        }
    }
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for range in hidden {
        for byte in bytes.get_mut(range).unwrap_or_default() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=') {
                *byte = b'*';
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(""), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_starred_and_nothing_else_is() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nMHcC+/0=\n-----END EC PRIVATE KEY-----\n";
        let certificate = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        for (text, shown) in [
            (key.to_owned(), "-----BEGIN EC PRIVATE KEY-----\n********\n-----END EC PRIVATE KEY-----\n".to_owned()),
            (certificate.to_owned(), certificate.to_owned()),
            (format!("a: {}\nb: c\n", STANDARD.encode(key)), format!("a: {}\nb: c\n", "*".repeat(STANDARD.encode(key).len()))),
            (format!("a: {}\n", STANDARD.encode(certificate)), format!("a: {}\n", STANDARD.encode(certificate))),
            ("-----BEGIN PRIVATE KEY-----\nabc".to_owned(), "-----BEGIN PRIVATE KEY-----\n***".to_owned()),
            ("no key: PRIVATE KEY-----".to_owned(), "no key: PRIVATE KEY-----".to_owned()),
        ] {
            assert_eq!(masked(&text), shown, "{text}");
        }
    }
}
