//! Path normalization as Envoy's connection manager does it for each setting of `pathNormalization`.
//!
//! Order: fragment, escaped slashes, parameters of dot segments, canonical form, repeated slashes. Only what stands before the
//! query is touched. There is no second round of decoding.

use std::borrow::Cow;

use crate::manifest::kinds::PathNormalization;
use crate::simulate::http::BadRequest;

/// The path policies see, query included.
///
/// # Errors
/// `%00` where the path is made canonical: Envoy answers 400.
pub fn normalize(path: &str, setting: PathNormalization) -> Result<Cow<'_, str>, BadRequest> {
    let path = path.split_once('#').map_or(path, |(before, _)| before);
    if setting == PathNormalization::None || is_plain(path, setting) {
        return Ok(Cow::Borrowed(path));
    }
    let (before_query, query) = match path.find('?') {
        Some(at) => path.split_at(at),
        None => (path, ""),
    };
    let mut bytes = Cow::Borrowed(before_query.as_bytes());
    if setting == PathNormalization::DecodeAndMergeSlashes {
        bytes = Cow::Owned(decode_slashes(&bytes));
    }
    let bytes = canonical(&drop_dot_parameters(&bytes))?;
    let bytes = match setting {
        PathNormalization::MergeSlashes | PathNormalization::DecodeAndMergeSlashes => merge_slashes(&bytes),
        PathNormalization::Base | PathNormalization::None => bytes,
    };
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    text.push_str(query);
    Ok(Cow::Owned(text))
}

/// Whether normalization cannot change the path: only bytes that stay, no dot segment, no repeated slash that would be merged.
fn is_plain(path: &str, setting: PathNormalization) -> bool {
    let keeps_slashes = setting == PathNormalization::Base;
    let mut previous = b'a';
    for byte in path.bytes() {
        match byte {
            b'?' => return true,
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'-'
            | b'_'
            | b'~'
            | b':'
            | b'@'
            | b'!'
            | b'$'
            | b'&'
            | b'='
            | b'+'
            | b',' => {}
            b'.' if previous != b'/' => {}
            b'/' if keeps_slashes || previous != b'/' => {}
            _ => return false,
        }
        previous = byte;
    }
    true
}

fn decode_slashes(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, tail @ ..] = rest {
        rest = match rest {
            [b'%', b'2', b'F' | b'f', after @ ..] => {
                out.push(b'/');
                after
            }
            [b'%', b'5', b'C' | b'c', after @ ..] => {
                out.push(b'\\');
                after
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    out
}

/// `.` and `..` written literally lose their parameters: `/a/..;x/b` reads as `/a/../b`. Other segments keep theirs.
fn drop_dot_parameters(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    for (index, segment) in path.split(|&byte| byte == b'/').enumerate() {
        if index > 0 {
            out.push(b'/');
        }
        out.extend_from_slice(match segment {
            [b'.', b';', ..] => b".",
            [b'.', b'.', b';', ..] => b"..",
            other => other,
        });
    }
    out
}

fn canonical(path: &[u8]) -> Result<Vec<u8>, BadRequest> {
    let mut out = Vec::with_capacity(path.len() + 8);
    let mut stray_percent = None;
    let mut rest = path;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'\\' => out.push(b'/'),
            b'%' => match escaped(tail) {
                Some((0, _)) => return Err(BadRequest::NulEscape),
                Some((byte, after)) if is_unreserved(byte) => {
                    out.push(byte);
                    rest = after;
                    protect_stray_percent(&mut out, stray_percent, after);
                }
                Some(_) => out.push(b'%'),
                None => {
                    stray_percent = Some(out.len());
                    out.push(b'%');
                }
            },
            b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' | 0..=b' ' | 0x7f..=0xff => {
                out.extend_from_slice(format!("%{first:02X}").as_bytes());
            }
            other => out.push(*other),
        }
    }
    Ok(resolve_dots(&out))
}

/// Decoding must not make an escape out of a stray `%` before it: `%2%30` would become `%20`. The stray one becomes `%25` then.
fn protect_stray_percent(out: &mut Vec<u8>, stray_percent: Option<usize>, after: &[u8]) {
    let Some(at) = stray_percent else { return };
    let decoded = out.get(at + 1..).unwrap_or_default();
    let would_be = match (decoded, after) {
        ([one], [next, ..]) => [*one, *next],
        ([one, two], _) => [*one, *two],
        _ => return,
    };
    if escaped(&would_be).is_some() {
        let decoded = out.split_off(at + 1);
        out.extend_from_slice(b"25");
        out.extend(decoded);
    }
}

/// The byte an escape stands for and what follows it, given what follows the `%`.
fn escaped(tail: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, after @ ..] = tail else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    Some((digit(*high)? << 4 | digit(*low)?, after))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn resolve_dots(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let mut ends_in_dots = false;
    for segment in path.split(|&byte| byte == b'/').skip(1) {
        ends_in_dots = matches!(segment, b"." | b"..");
        match segment {
            b"." => {}
            b".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    if ends_in_dots {
        kept.push(b"");
    }
    let mut out = Vec::with_capacity(path.len());
    for segment in &kept {
        out.push(b'/');
        out.extend_from_slice(segment);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

/// Runs of slashes become one; a path of nothing but slashes keeps two.
fn merge_slashes(path: &[u8]) -> Vec<u8> {
    if path.len() > 1 && path.iter().all(|&byte| byte == b'/') {
        return b"//".to_vec();
    }
    let mut out: Vec<u8> = Vec::with_capacity(path.len());
    for &byte in path {
        if byte != b'/' || out.last() != Some(&b'/') {
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn table() {
        use PathNormalization::Base;
        use PathNormalization::DecodeAndMergeSlashes as Decode;
        use PathNormalization::MergeSlashes as Merge;
        use PathNormalization::None as Off;
        let mut wrong = Vec::new();
        for (setting, path, expected) in [
            (Base, "/public/../private", "/private"),
            (Base, "/public/../public/a", "/public/a"),
            (Base, "/public/%2E%2E/private", "/private"),
            (Off, "/public/../private", "/public/../private"),
            (Base, "/%61/b", "/a/b"),
            (Off, "/%61/b", "/%61/b"),
            (Base, "/a\\b", "/a/b"),
            (Base, "/a//b", "/a//b"),
            (Merge, "/a//b", "/a/b"),
            (Merge, "/a%2fb", "/a%2fb"),
            (Decode, "/a%2fb", "/a/b"),
            (Decode, "/a%2f..%2fb", "/b"),
            (Decode, "/a%5C..%5Cb", "/b"),
            (Decode, "/a%252Fb", "/a%252Fb"),
            (Base, "/a%2fb", "/a%2fb"),
            (Base, "/a%20b", "/a%20b"),
            (Base, "/a\"b", "/a%22b"),
            (Base, "/a/b/..", "/a/"),
            (Base, "/../../b", "/b"),
            (Base, "/a//../b", "/a/b"),
            (Base, "/c?x=/../d", "/c?x=/../d"),
            (Base, "/a#b", "/a"),
            (Off, "/a#b?c", "/a"),
            (Base, "/a/.", "/a/"),
            (Base, "/a/..", "/"),
            (Base, "/", "/"),
            (Base, "//", "//"),
            (Merge, "//", "//"),
            (Merge, "///", "//"),
            (Merge, "//a", "/a"),
            (Base, "/%252e", "/%252e"),
            (Base, "/a/..;x/b", "/b"),
            (Base, "/a/.;x/b", "/a/b"),
            (Base, "/..;a", "/"),
            (Base, "/a/%2e%2e;x/b", "/a/..;x/b"),
            (Base, "/a/..%3bx/b", "/a/..%3bx/b"),
            (Base, "/a/b;x/c", "/a/b;x/c"),
            (Off, "/a/..;x/b", "/a/..;x/b"),
            (Base, "/[*]%", "/[*]%"),
            (Base, "/a.b/c..d/.e", "/a.b/c..d/.e"),
            (Base, "/a%zzb", "/a%zzb"),
            (Base, "/a%2%30b", "/a%2520b"),
            (Base, "/a%%30b", "/a%250b"),
            (Base, "/a%%30", "/a%0"),
            (Base, "/a%%30z", "/a%0z"),
        ] {
            let got = normalize(path, setting).map(Cow::into_owned);
            if got.as_deref() != Ok(expected) {
                wrong.push(format!("{setting:?} {path}: {got:?}, want {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn an_escaped_nul_is_refused_only_where_paths_are_made_canonical() {
        assert_eq!(normalize("/a%00b", PathNormalization::Base), Err(BadRequest::NulEscape));
        assert_eq!(normalize("/a%00b", PathNormalization::None).unwrap(), "/a%00b");
    }

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_long_one(path in "/[a-c./%2eEfF;\\\\?#~-]{0,12}") {
            for setting in [PathNormalization::Base, PathNormalization::MergeSlashes, PathNormalization::DecodeAndMergeSlashes] {
                let cut = path.split('#').next().unwrap();
                if is_plain(cut, setting) {
                    let (before, _) = cut.split_once('?').unwrap_or((cut, ""));
                    let long = canonical(&drop_dot_parameters(before.as_bytes())).unwrap();
                    let long = if setting == PathNormalization::Base { long } else { merge_slashes(&long) };
                    // A path of only slashes is the one plain shape that merging leaves with two.
                    prop_assert_eq!(String::from_utf8(long).unwrap(), before);
                }
            }
        }

        #[test]
        fn the_result_starts_with_a_slash_and_is_stable(path in "/[ -~]{0,16}") {
            if let Ok(once) = normalize(&path, PathNormalization::MergeSlashes) {
                prop_assert!(once.starts_with('/'));
            }
        }
    }
}
