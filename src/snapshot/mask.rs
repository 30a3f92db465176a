//! Secrets that stand where configuration should: they are no part of any answer, and a snapshot is handed on.

use serde_json::Value;

use crate::diag::SourceMap;
use crate::manifest::yaml;
use crate::snapshot::text;
use crate::snapshot::value_of;

/// What stands in place of a value that was taken out.
const MASK: &str = "(taken out)";

/// Keys whose values are secrets, in lower case, without `-` and `_`.
const SECRET_KEYS: &[&str] = &[
    "accesstoken",
    "apikey",
    "authorization",
    "clientsecret",
    "cookie",
    "hmacsecret",
    "inlinebytes",
    "inlinestring",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "token",
    "xapikey",
];

/// The members of a key that only its owner has (RFC 7518 sections 6.2.2 and 6.3.2). The `k` of a symmetric key stays: proxies verify with it.
const PRIVATE_MEMBERS: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth"];

/// Takes out the values of secret keys, tokens and private keys, at any depth. Says how many there were.
pub(super) fn mask(value: &mut Value) -> usize {
    match value {
        Value::Object(entries) => entries.iter_mut().map(|(key, value)| mask_entry(key, value)).sum(),
        Value::Array(items) => items.iter_mut().map(mask).sum(),
        Value::String(text) if is_secret(text) => take_out(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

fn mask_entry(key: &str, value: &mut Value) -> usize {
    let name: String = key.chars().filter(|letter| !matches!(letter, '-' | '_')).collect::<String>().to_ascii_lowercase();
    match value {
        Value::String(text) if !text.is_empty() && SECRET_KEYS.contains(&name.as_str()) => take_out(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => mask(value),
    }
}

fn take_out(text: &mut String) -> usize {
    MASK.clone_into(text);
    1
}

/// The same in a text that is YAML itself; a text without secrets stays as it is.
pub(super) fn mask_yaml(written: &mut String) -> usize {
    let mut sources = SourceMap::default();
    let (nodes, findings) = yaml::parse(sources.add("text", ""), written);
    let Some(node) = nodes.first().filter(|_| nodes.len() == 1 && findings.is_empty()) else {
        // What cannot be read cannot be searched.
        return if is_secret(written) { take_out(written) } else { 0 };
    };
    let mut value = value_of(node);
    let masked = mask(&mut value);
    if masked > 0 {
        *written = text::yaml(&value);
    } else if is_secret(written) {
        // In a comment, or in pieces.
        *written = text::yaml(&value);
        return 1;
    }
    masked
}

/// Takes the private members out of a set of public keys; a set without any stays as it is, letter by letter.
pub(super) fn mask_keys(written: &mut String) -> usize {
    let Ok(mut set) = serde_json::from_str::<Value>(written) else {
        return if is_secret(written) { take_out(written) } else { 0 };
    };
    let mut masked = 0;
    let keys = set.get_mut("keys").and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten().filter_map(Value::as_object_mut) {
        for member in PRIVATE_MEMBERS {
            masked += usize::from(key.shift_remove(*member).is_some());
        }
    }
    if masked > 0 {
        *written = set.to_string();
    }
    masked
}

/// Whether a text holds a private key in PEM or a signed token.
fn is_secret(text: &str) -> bool {
    let is_token =
        |word: &str| word.starts_with("eyJ") && word.len() > 40 && word.split('.').filter(|part| !part.is_empty()).count() == 3;
    text.contains("PRIVATE KEY-----")
        || text
            .split(|letter: char| !letter.is_ascii_alphanumeric() && !matches!(letter, '-' | '_' | '.'))
            .any(|word| word.contains("eyJ") && is_token(word.trim_start_matches('.')))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWFsaWNl";

    #[test]
    fn secrets_are_taken_out_wherever_they_stand() {
        let pem = "-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n";
        let mut value = json!({
            "tracing": {"lightstep": {"address": "a:1", "access_token": "s3cret"}},
            "headers": [{"x-note": format!("Bearer {TOKEN}")}, {"Authorization": "Basic eDp5"}, {"pem": pem}],
            "clientSecretName": "name", "token": {"name": "kept"}, "password": "", "host": "eyJ.b.c",
        });
        assert_eq!(mask(&mut value), 4);
        let expected = json!({
            "tracing": {"lightstep": {"address": "a:1", "access_token": MASK}},
            "headers": [{"x-note": MASK}, {"Authorization": MASK}, {"pem": MASK}],
            "clientSecretName": "name", "token": {"name": "kept"}, "password": "", "host": "eyJ.b.c",
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn a_text_without_secrets_keeps_its_letters() {
        for (before, after, count) in [
            ("# note\ntrustDomain: a\n", "# note\ntrustDomain: a\n".to_owned(), 0),
            ("a: {token: x, b: 1}\n", format!("a:\n  token: \"{MASK}\"\n  b: 1\n"), 1),
            (&format!("# {TOKEN}\na: 1\n"), "a: 1\n".to_owned(), 1),
            (&format!("a: [{TOKEN}\n"), MASK.to_owned(), 1),
        ] {
            let mut text = before.to_owned();
            assert_eq!(mask_yaml(&mut text), count, "{before}");
            assert_eq!(text, after, "{before}");
        }
    }

    #[test]
    fn private_members_leave_a_key_set_and_symmetric_keys_stay() {
        for (before, after, count) in [
            (r#"{"keys": [{"kty":"RSA","n":"1","e":"AQAB"}]}"#, r#"{"keys": [{"kty":"RSA","n":"1","e":"AQAB"}]}"#, 0),
            (
                r#"{"keys":[{"kty":"EC","x":"1","d":"2"},{"kty":"oct","k":"3"}]}"#,
                r#"{"keys":[{"kty":"EC","x":"1"},{"kty":"oct","k":"3"}]}"#,
                1,
            ),
            ("no json", "no json", 0),
        ] {
            let mut text = before.to_owned();
            assert_eq!(mask_keys(&mut text), count, "{before}");
            assert_eq!(text, after, "{before}");
        }
    }
}
