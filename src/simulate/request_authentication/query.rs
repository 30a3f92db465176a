//! The query of a path as Envoy's filters take it apart: everything after the first `?`, split on `&` and then the first `=`,
//! percent-decoded, `+` left alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The first value of a parameter.
pub(super) fn first_value<'p>(path: &'p str, name: &str) -> Option<Cow<'p, str>> {
    let (_, query) = path.split_once('?')?;
    let (_, value) = parameters(query).find(|(found, _)| decode(found).as_ref() == name.as_bytes())?;
    Some(match decode(value) {
        Cow::Borrowed(_) => Cow::Borrowed(value),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    })
}

/// The path without a parameter. The others come back sorted by name, decoded and each with a `=`, as Envoy writes them.
pub(super) fn without(path: &str, name: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let mut kept: BTreeMap<Cow<'_, [u8]>, Vec<Cow<'_, [u8]>>> = BTreeMap::new();
    for (found, value) in parameters(query) {
        kept.entry(decode(found)).or_default().push(decode(value));
    }
    kept.remove(name.as_bytes());
    let mut rebuilt = path.as_bytes().to_vec();
    let mut delimiter = b'?';
    for (name, values) in &kept {
        for value in values {
            rebuilt.push(delimiter);
            rebuilt.extend_from_slice(name);
            rebuilt.push(b'=');
            rebuilt.extend_from_slice(value);
            delimiter = b'&';
        }
    }
    String::from_utf8_lossy(&rebuilt).into_owned()
}

/// Names and values as written. Nothing stands after a last `&`, but an empty piece before one is a parameter without name.
fn parameters(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let query = query.strip_suffix('&').unwrap_or(query);
    let pieces = (!query.is_empty()).then(|| query.split('&'));
    pieces.into_iter().flatten().map(|piece| piece.split_once('=').unwrap_or((piece, "")))
}

fn decode(text: &str) -> Cow<'_, [u8]> {
    if !text.contains('%') {
        return Cow::Borrowed(text.as_bytes());
    }
    let hex = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high * 16 + low);
                rest = ahead;
            }
            _ => bytes.push(byte),
        }
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests {
    use super::first_value;
    use super::without;

    #[test]
    fn values_are_found_and_decoded() {
        for (path, expected) in [
            ("/p", None),
            ("/p?", None),
            ("/p?tx=1", None),
            ("/p?T=1", None),
            ("/t=1?a=2", None),
            ("/p?t", Some("")),
            ("/p?t=", Some("")),
            ("/p?a=1&t=x", Some("x")),
            ("/p?t=1&t=2", Some("1")),
            ("/p?t=a=b", Some("a=b")),
            ("/p?%74=x", Some("x")),
            ("/p?t=a%2Eb+c", Some("a.b+c")),
            ("/p?t=%2", Some("%2")),
            ("/p?t=%zz%41", Some("%zzA")),
            ("/p?a?t=1&t=2?t=3", Some("2?t=3")),
        ] {
            assert_eq!(first_value(path, "t").as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn removal_rewrites_what_is_left() {
        for (path, expected) in [
            ("/p", "/p"),
            ("/p?", "/p"),
            ("/p?t=1", "/p"),
            ("/p?t=1&z=1&b=%2F", "/p?b=/&z=1"),
            ("/p?c&t=1&c=2&t=3", "/p?c=&c=2"),
            ("/p?a=1&&t=2&", "/p?=&a=1"),
            ("/p?t=1&b=2&a=%26", "/p?a=&&b=2"),
        ] {
            assert_eq!(without(path, "t"), expected, "{path}");
        }
    }
}
