//! Inline key sets by the grammar of the library istiod reads them with, which is not how Envoy reads them.
//!
//! The first JSON value of the text must be an object. With a member `keys` every element of it must be a key, without one the object
//! itself. Members of a key have types, but nothing is checked as a number or a point of a curve.

use std::fmt;

use crate::admission::istiod::base64;
use crate::admission::istiod::json::Document;
use crate::admission::istiod::json::Value;
use crate::pki::istiod;

/// Why a key should not be where everyone can read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Secret {
    PrivateKey,
    Symmetric,
}

/// Why a key set cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    NotJson,
    NotAnObject,
    /// `keys` holds something other than a list.
    KeysNotAList,
    /// A number too large for any type, beside the keys.
    LargeNumber,
    Key(Option<usize>, KeyProblem),
}

/// Why a key cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyProblem {
    NotAnObject,
    /// `kty` is absent or none of the four types.
    Type(String),
    Missing(&'static str),
    NotText(String),
    NotBase64(String),
    NotTexts,
    Certificate,
    LargeNumber(String),
}

/// The types of keys, the bytes a public and a private one must have, and the bytes it may have.
const TYPES: &[(&str, &[&str], &[&str])] = &[
    ("RSA", &["e", "n"], &["d", "p", "q", "dp", "dq", "qi"]),
    ("EC", &["crv", "x", "y"], &["d"]),
    ("OKP", &["crv", "x"], &["d"]),
    ("oct", &["k"], &[]),
];

/// Members that are strings in a key of any type. `x58` is what the library makes of `x5u`, which may hold anything.
const TEXTS: &[&str] = &["kty", "alg", "use", "kid", "x5t", "x5t#S256", "x58"];

/// The secret keys of a set, each with its index among all keys.
pub(super) fn read(text: &str) -> Result<Vec<(usize, Secret)>, Problem> {
    let document = Document::read(text).ok_or(Problem::NotJson)?;
    let root = document.root();
    let members: Vec<_> = root.members().ok_or(Problem::NotAnObject)?.collect();
    let mut secrets = Vec::new();
    let (mut has_keys, mut index) = (false, 0);
    for (name, value) in &members {
        if *name != "keys" {
            if !value.has_small_numbers() {
                return Err(Problem::LargeNumber);
            }
            continue;
        }
        has_keys = true;
        if value.is_null() {
            continue;
        }
        for (position, element) in value.elements().ok_or(Problem::KeysNotAList)?.enumerate() {
            let secret = key(element).map_err(|problem| Problem::Key(Some(position), problem))?;
            secrets.extend(secret.map(|secret| (index, secret)));
            index += 1;
        }
    }
    if !has_keys {
        secrets.extend(key(root).map_err(|problem| Problem::Key(None, problem))?.map(|secret| (0, secret)));
    }
    Ok(secrets)
}

fn key(value: Value<'_, '_>) -> Result<Option<Secret>, KeyProblem> {
    let members: Vec<_> = value.members().ok_or(KeyProblem::NotAnObject)?.collect();
    let mut kind = "";
    let mut has_private_part = false;
    for (name, value) in &members {
        if is_kty(name) && !value.is_null() {
            kind = value.text().ok_or_else(|| KeyProblem::NotText((*name).to_owned()))?;
        }
        has_private_part |= matches!(*name, "d" | "D");
    }
    let (kind, required, private) =
        TYPES.iter().find(|(name, _, _)| *name == kind).ok_or_else(|| KeyProblem::Type(kind.to_owned()))?;
    let secret = match (*kind, has_private_part) {
        ("oct", _) => Some(Secret::Symmetric),
        (_, true) => Some(Secret::PrivateKey),
        (_, false) => None,
    };
    let private: &[&str] = if secret == Some(Secret::PrivateKey) { private } else { &[] };
    for (name, value) in &members {
        member(name, *value, kind, required.contains(name) || private.contains(name))?;
    }
    let wanted = required.iter().chain(private.iter().filter(|name| **name == "d"));
    match wanted.into_iter().find(|name| !members.iter().any(|(written, _)| written == *name)) {
        Some(name) => Err(KeyProblem::Missing(name)),
        None => Ok(secret),
    }
}

/// Whether a name is read as `kty` when the type of a key is looked for: in any case, or with the sign of kelvins.
fn is_kty(name: &str) -> bool {
    name.eq_ignore_ascii_case("kty") || name.strip_prefix('\u{212a}').is_some_and(|rest| rest.eq_ignore_ascii_case("ty"))
}

fn member(name: &str, value: Value<'_, '_>, kind: &str, is_own: bool) -> Result<(), KeyProblem> {
    let text = || if value.is_null() { Some("") } else { value.text() };
    let not_text = || KeyProblem::NotText(name.to_owned());
    if name == "kty" {
        let written = text().ok_or_else(not_text)?;
        return if written == kind { Ok(()) } else { Err(KeyProblem::Type(written.to_owned())) };
    }
    if TEXTS.contains(&name) || (is_own && name == "crv") {
        return text().map(|_| ()).ok_or_else(not_text);
    }
    if is_own {
        let encoded = text().ok_or_else(not_text)?;
        return base64::decode(encoded).map(|_| ()).ok_or_else(|| KeyProblem::NotBase64(name.to_owned()));
    }
    match name {
        "key_ops" => texts(value).map(|_| ()),
        "x5c" => {
            for encoded in texts(value)? {
                let certificate = base64::decode(encoded).ok_or_else(|| KeyProblem::NotBase64("x5c".to_owned()))?;
                if !istiod::is_certificate(&certificate) {
                    return Err(KeyProblem::Certificate);
                }
            }
            Ok(())
        }
        _ if value.has_small_numbers() => Ok(()),
        _ => Err(KeyProblem::LargeNumber(name.to_owned())),
    }
}

/// The strings of a list; null is a list without any, and an empty string in one.
fn texts<'v>(value: Value<'v, '_>) -> Result<Vec<&'v str>, KeyProblem> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let elements = value.elements().ok_or(KeyProblem::NotTexts)?;
    elements.map(|element| if element.is_null() { Ok("") } else { element.text().ok_or(KeyProblem::NotTexts) }).collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson => f.write_str("this is not JSON"),
            Self::NotAnObject => f.write_str("a key set is a JSON object"),
            Self::KeysNotAList => f.write_str("`keys` must be a list"),
            Self::LargeNumber => f.write_str("a number is too large"),
            Self::Key(Some(index), problem) => write!(f, "key {index} {problem}"),
            Self::Key(None, problem) => write!(f, "without `keys` the object must be a key, and it {problem}"),
        }
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => f.write_str("is not a JSON object"),
            Self::Type(kind) if kind.is_empty() => f.write_str("has no `kty`"),
            Self::Type(kind) => write!(f, "has the unknown `kty` `{kind}`"),
            Self::Missing(name) => write!(f, "has no `{name}`"),
            Self::NotText(name) => write!(f, "has a `{name}` that is no string"),
            Self::NotBase64(name) => write!(f, "has a `{name}` that is not base64"),
            Self::NotTexts => f.write_str("has a `key_ops` or `x5c` that is no list of strings"),
            Self::Certificate => f.write_str("has an `x5c` that holds no certificate"),
            Self::LargeNumber(name) => write!(f, "has a `{name}` with a number that is too large"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Secret::PrivateKey;
    use super::Secret::Symmetric;
    use super::read;

    #[test]
    fn a_key_set_is_a_list_of_keys_or_one_key() {
        let rsa = r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#;
        for text in [
            r#"{"keys":[]}"#,
            r#"{"keys":null}"#,
            r#"{"keys":[]} and more"#,
            &format!(r#"{{"keys":[{rsa}]}}"#),
            rsa,
            r#"{"kty":"EC","crv":"any","x":"AA==","y":"+/8="}"#,
            r#"{"kty":"OKP","crv":null,"x":null}"#,
            r#"{"KTY":"RSA","n":"","e":""}"#,
            "{\"\u{212a}ty\":\"RSA\",\"n\":\"\",\"e\":\"\"}",
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","key_ops":["x",null],"x5c":[],"alg":null,"use":"anything","other":{"a":[1]}}"#,
            r#"{"kty":"RSA","n":"A\nQ","e":"AQAB","dp":5,"p":[],"x5u":[],"x58":""}"#,
            r#"{"kty":"RSA","kty":"RSA","n":"AQ","n":"AQ","e":"AQAB"}"#,
        ] {
            assert_eq!(read(text), Ok(Vec::new()), "{text}");
        }
        for text in [
            "",
            "[]",
            "null",
            "5",
            "\"keys\"",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[null]}"#,
            r#"{"keys":[5]}"#,
            r#"{"keys":[{}]}"#,
            r#"{"Keys":[]}"#,
            r#"{"keys":[],"x":1e999}"#,
            r#"{"kty":"RSA","e":"AQAB"}"#,
            r#"{"kty":"rsa","n":"AQ","e":"AQAB"}"#,
            r#"{"kty":null,"n":"AQ","e":"AQAB"}"#,
            r#"{"kty":"RSA","n":5,"e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"A","e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"+_","e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"AQ=","e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","alg":5}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","x5c":[null]}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","x5c":["AQAB"]}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","key_ops":"sign"}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","x":1e999}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","D":1}"#,
            r#"{"kty":"RSA","n":"AQ","n":5,"e":"AQAB"}"#,
            r#"{"kty":"RSA","n":"AQ","e":"AQAB","x58":5}"#,
            r#"{"kty":"EC","x":"AQ","y":"AQ"}"#,
            r#"{"kty":"OKP","crv":"Ed25519"}"#,
            r#"{"kty":"oct"}"#,
            r#"{"kty":"RSA","kty":"EC","n":"AQ","e":"AQAB"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn secret_keys_are_named_by_their_index() {
        let text = r#"{"keys":[{"kty":"RSA","n":"","e":"","d":null},{"kty":"RSA","n":"","e":""},{"kty":"oct","k":""}],"keys":[{"kty":"EC","crv":"","x":"","y":"","d":"AQ"}]}"#;
        assert_eq!(read(text), Ok(vec![(0, PrivateKey), (2, Symmetric), (3, PrivateKey)]));
        assert_eq!(read(r#"{"kty":"oct","k":"AQ","d":5}"#), Ok(vec![(0, Symmetric)]));
    }
}
