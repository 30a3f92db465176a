//! Base64url as Envoy's base library decodes it: white space is skipped, padding may be absent or exactly right (a dot counts as
//! `=`), left-over bits need not be zero.

/// The bytes, or nothing when the text holds a foreign character, one character too many, or wrong padding.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let mut rest = text.iter().copied();
    let mut group: u32 = 0;
    let mut filled = 0;
    let mut padding = 0;
    for byte in rest.by_ref() {
        if let Some(six_bits) = value(byte) {
            group = (group << 6) | six_bits;
            filled += 1;
            if filled == 4 {
                let [_, first, second, third] = group.to_be_bytes();
                bytes.extend([first, second, third]);
                (group, filled) = (0, 0);
            }
        } else if is_padding(byte) {
            padding = 1;
            break;
        } else if !is_space(byte) {
            return None;
        }
    }
    let wanted_padding = match filled {
        0 => 0,
        2 => {
            let [_, first, ..] = (group << 12).to_be_bytes();
            bytes.push(first);
            2
        }
        3 => {
            let [_, first, second, _] = (group << 6).to_be_bytes();
            bytes.extend([first, second]);
            1
        }
        _ => return None,
    };
    for byte in rest {
        if is_padding(byte) {
            padding += 1;
        } else if !is_space(byte) {
            return None;
        }
    }
    (padding == 0 || padding == wanted_padding).then_some(bytes)
}

fn value(byte: u8) -> Option<u32> {
    Some(u32::from(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    }))
}

fn is_padding(byte: u8) -> bool {
    matches!(byte, b'=' | b'.')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn refused_and_accepted_texts() {
        for (text, expected) in [
            ("YQ+", None),
            ("YQ/", None),
            ("Y", None),
            ("YWJjZ", None),
            ("YQ=", None),
            ("YQ===", None),
            ("YWI==", None),
            ("YWJj=", None),
            ("YQ=Q", None),
            ("YQ==YQ==", None),
            ("YQ\0", None),
            ("Y\u{e9}", None),
            ("=", None),
            ("", Some("")),
            (" \t\r\n", Some("")),
            ("YQ", Some("a")),
            ("YQ==", Some("a")),
            ("Y Q\t=\n=\r", Some("a")),
            ("YQ..", Some("a")),
            ("YR", Some("a")),
            ("YWI", Some("ab")),
            ("YWI=", Some("ab")),
            ("YWJ", Some("ab")),
            ("YWJj", Some("abc")),
            ("\u{b}YW\u{c}Jj", Some("abc")),
            ("Pj4_Pz8-", Some(">>???>")),
        ] {
            assert_eq!(decode(text.as_bytes()).as_deref(), expected.map(str::as_bytes), "{text:?}");
        }
    }
}
