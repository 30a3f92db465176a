//! A Kubernetes Secret as YAML, to be piped into `kubectl apply`.

use std::io;
use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a Secret holds. Values are written in base64, as `data` wants them.
#[derive(Debug)]
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
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: istio.true\n  namespace: default\n  annotations:\n    \
             istio.io/service-account.name: \"true\"\ntype: istio.io/key-and-cert\ndata:\n  key.pem: MTIz\n  empty: \"\"\n"
        );
    }
}
