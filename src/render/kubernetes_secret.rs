//! A Kubernetes Secret, as YAML to be piped into `kubectl apply` and as JSON for the API server.

use std::fmt;
use std::io;
use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// What a Secret holds. Values are written in base64, as `data` wants them.
pub struct KubernetesSecret<'a> {
    /// Namespace.
    pub namespace: &'a str,
    /// Name.
    pub name: &'a str,
    /// `type`, such as `Opaque` or `kubernetes.io/tls`.
    pub secret_type: &'a str,
    /// Annotations in the order to write them.
    pub annotations: Vec<(&'a str, &'a str)>,
    /// Keys and their bytes in the order to write them.
    pub data: Vec<(&'a str, &'a [u8])>,
}

/// Without what it holds.
impl fmt::Debug for KubernetesSecret<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KubernetesSecret").field("namespace", &self.namespace).field("name", &self.name).finish_non_exhaustive()
    }
}

impl KubernetesSecret<'_> {
    /// The same object as JSON.
    #[must_use]
    pub fn value(&self) -> Value {
        let Self { namespace, name, secret_type, annotations, data } = self;
        let mut metadata = Map::from_iter([("name".to_owned(), json!(name)), ("namespace".to_owned(), json!(namespace))]);
        if !annotations.is_empty() {
            let annotations = annotations.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
            metadata.insert("annotations".to_owned(), Value::Object(annotations.collect()));
        }
        let data: Map<String, Value> =
            data.iter().map(|(key, bytes)| ((*key).to_owned(), Value::String(STANDARD.encode(bytes)))).collect();
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": secret_type, "data": data})
    }
}

/// Writes one YAML document.
///
/// # Errors
/// When the writer fails.
pub fn kubernetes_secret(out: &mut dyn Write, secret: &KubernetesSecret<'_>) -> io::Result<()> {
    writeln!(
        out,
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {}\n  namespace: {}",
        quoted(secret.name),
        quoted(secret.namespace)
    )?;
    if !secret.annotations.is_empty() {
        writeln!(out, "  annotations:")?;
        for (name, value) in &secret.annotations {
            writeln!(out, "    {name}: {}", quoted(value))?;
        }
    }
    writeln!(out, "type: {}\ndata:", secret.secret_type)?;
    for (key, bytes) in &secret.data {
        writeln!(out, "  {key}: {}", quoted(&STANDARD.encode(bytes)))?;
    }
    Ok(())
}

/// Names and base64 need quotes only where YAML would read a number, a boolean or nothing.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '+' | '/' | '='))
        && !matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if is_plain { text.to_owned() } else { format!("\"{text}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_yaml_would_misread_are_quoted() {
        let mut out = Vec::new();
        let secret = KubernetesSecret {
            namespace: "default",
            name: "istio.true",
            secret_type: "istio.io/key-and-cert",
            annotations: vec![("istio.io/service-account.name", "true")],
            data: vec![("key.pem", b"123"), ("empty", b"")],
        };
        kubernetes_secret(&mut out, &secret).unwrap();
        let read: Value = serde_saphyr::from_slice(&out).unwrap();
        assert_eq!(read, secret.value());
        assert!(!format!("{secret:?}").contains("123"));
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: istio.true\n  namespace: default\n  annotations:\n    \
             istio.io/service-account.name: \"true\"\ntype: istio.io/key-and-cert\ndata:\n  key.pem: MTIz\n  empty: \"\"\n"
        );
    }
}
