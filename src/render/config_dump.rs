//! Listeners as Envoy's `/config_dump` shows them: without keys.

use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::render::masked::masked;

/// Members of a JSON Web Key that are secret (RFC 7518 sections 6.2.2, 6.3.2 and 6.4).
const SECRET: [&str; 8] = ["d", "dp", "dq", "k", "oth", "p", "q", "qi"];
/// What Envoy writes in place of a secret.
const REDACTED: &str = "[redacted]";

/// Writes listeners.
///
/// # Errors
/// When the writer fails.
pub fn config_dump(out: &mut dyn Write, listeners: Vec<Value>) -> io::Result<()> {
    let listeners = listeners.into_iter().map(|mut listener| {
        redact(&mut listener);
        json!({
            "name": listener.get("name"),
            "activeState": {"listener": typed(listener)},
        })
    });
    let dump = json!({"configs": [{
        "@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump",
        "dynamicListeners": listeners.collect::<Vec<_>>(),
    }]});
    serde_json::to_writer_pretty(&mut *out, &dump)?;
    writeln!(out)
}

fn typed(mut listener: Value) -> Value {
    if let Some(fields) = listener.as_object_mut() {
        fields.insert("@type".to_owned(), json!("type.googleapis.com/envoy.config.listener.v3.Listener"));
    }
    listener
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Value::String(text) = value
                    && matches!(name.as_str(), "inlineString" | "inlineBytes")
                {
                    *text = public(text);
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(redact),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text that may hold keys, with what is secret taken out.
fn public(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        let shown = masked(text);
        return if shown == text && !text.trim_start().starts_with('{') { text.to_owned() } else { REDACTED.to_owned() };
    };
    for key in value.get_mut("keys").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut) {
        for (_, value) in key.iter_mut().filter(|(name, _)| SECRET.contains(&name.as_str())) {
            *value = json!(REDACTED);
        }
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_shown_and_all_else_is() {
        let jwks = r#"{"keys":[{"kty":"oct","kid":"a","k":"c2VjcmV0"},{"kty":"RSA","n":"AQAB","e":"AQAB","d":"c2VjcmV0"}]}"#;
        for (text, shown) in [
            (jwks, Some("AQAB")),
            (r#"{"keys":[{"k":"c2VjcmV0""#, Some(REDACTED)),
            ("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", Some(REDACTED)),
            ("any text", Some("any text")),
        ] {
            let listener = json!({"name": "l", "filters": [{"localJwks": {"inlineString": text}}]});
            let mut out = Vec::new();
            config_dump(&mut out, vec![listener]).unwrap();
            let out = String::from_utf8(out).unwrap();
            assert!(!out.contains("c2VjcmV0"), "{text}: {out}");
            assert!(shown.is_none_or(|shown| out.contains(shown)), "{text}: {out}");
        }
    }
}
