//! Base64 in keys: either alphabet, with correct padding or without, line breaks anywhere.

/// The bytes a text stands for. The two alphabets do not mix, and bits left over at the end do not matter.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let is_url_alphabet = !text.contains(['+', '/']);
    let is_padded = text.ends_with('=');
    let text: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let digits = if is_padded {
        let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
        text.len().is_multiple_of(4).then(|| text.get(..text.len() - padding)).flatten()?
    } else {
        &text
    };
    if digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut bits, mut count) = (0_u16, 0);
    for byte in digits {
        bits = bits << 6 & 0x3fff | u16::from(value(*byte, is_url_alphabet)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.extend((bits >> count & 0xff).to_be_bytes().last());
        }
    }
    Some(bytes)
}

fn value(byte: u8, is_url_alphabet: bool) -> Option<u8> {
    Some(match (byte, is_url_alphabet) {
        (b'A'..=b'Z', _) => byte - b'A',
        (b'a'..=b'z', _) => byte - b'a' + 26,
        (b'0'..=b'9', _) => byte - b'0' + 52,
        (b'-', true) | (b'+', false) => 62,
        (b'_', true) | (b'/', false) => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn texts_are_decoded_as_the_key_library_decodes_them() {
        for (text, expected) in [
            ("", Some(vec![])),
            ("AQAB", Some(vec![1, 0, 1])),
            ("AQ", Some(vec![1])),
            ("AQ==", Some(vec![1])),
            ("AR", Some(vec![1])),
            ("AQE=", Some(vec![1, 1])),
            ("A\nQ\r", Some(vec![1])),
            ("A\nQ=\n=", Some(vec![1])),
            ("-_8", Some(vec![0xfb, 0xff])),
            ("+/8=", Some(vec![0xfb, 0xff])),
            ("AQ=", None),
            ("AQ==\n", None),
            ("A", None),
            ("=", None),
            ("====", None),
            ("A===", None),
            ("AQAB=", None),
            ("AQ==AQ==", None),
            ("+_8", None),
            ("A Q", None),
            ("\u{e9}A", None),
        ] {
            assert_eq!(decode(text), expected, "{text:?}");
        }
    }
}
