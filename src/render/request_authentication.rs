//! A RequestAuthentication, and the AuthorizationPolicy that demands a token, as YAML.

use std::io;
use std::io::Write;

use crate::render::exact_json::text;
use crate::render::kubernetes_secret::quoted;

/// What the two objects say.
#[derive(Debug)]
pub struct RequestAuthenticationDraft<'a> {
    /// Namespace.
    pub namespace: Option<&'a str>,
    /// Name of both.
    pub name: &'a str,
    /// Labels of the workloads; none: the whole namespace.
    pub selector: Vec<(&'a str, &'a str)>,
    /// `issuer`.
    pub issuer: &'a str,
    /// `audiences`.
    pub audiences: Vec<&'a str>,
    /// Where the keys come from.
    pub keys: KeysOfRule<'a>,
    /// Whether the application gets the token, too.
    pub forwards_token: bool,
    /// Whether a request without a token of this issuer is refused.
    pub requires_token: bool,
}

/// Where the keys of a rule come from.
#[derive(Debug)]
pub enum KeysOfRule<'a> {
    /// In the object: the text of a key set.
    Inline(&'a str),
    /// `jwksUri`.
    Uri(&'a str),
}

/// Writes one or two YAML documents.
///
/// # Errors
/// When the writer fails.
pub fn request_authentication(out: &mut dyn Write, draft: &RequestAuthenticationDraft<'_>) -> io::Result<()> {
    writeln!(out, "apiVersion: security.istio.io/v1\nkind: RequestAuthentication")?;
    metadata(out, draft)?;
    writeln!(out, "spec:")?;
    selector(out, draft)?;
    writeln!(out, "  jwtRules:\n  - issuer: {}", text(draft.issuer))?;
    if !draft.audiences.is_empty() {
        writeln!(out, "    audiences:")?;
        for audience in &draft.audiences {
            writeln!(out, "    - {}", text(audience))?;
        }
    }
    if draft.forwards_token {
        writeln!(out, "    forwardOriginalToken: true")?;
    }
    match draft.keys {
        KeysOfRule::Uri(uri) => writeln!(out, "    jwksUri: {}", text(uri))?,
        KeysOfRule::Inline(set) => {
            writeln!(out, "    jwks: |")?;
            for line in set.trim().lines() {
                writeln!(out, "      {line}")?;
            }
        }
    }
    if draft.requires_token { require(out, draft) } else { Ok(()) }
}

/// A DENY policy, because it holds whatever ALLOW policies are there or come later.
fn require(out: &mut dyn Write, draft: &RequestAuthenticationDraft<'_>) -> io::Result<()> {
    writeln!(out, "---\n# A RequestAuthentication lets requests without a token pass; this refuses them with 403.")?;
    writeln!(out, "apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy")?;
    metadata(out, draft)?;
    writeln!(out, "spec:")?;
    selector(out, draft)?;
    let principals = text(&format!("{}/*", draft.issuer));
    writeln!(out, "  action: DENY\n  rules:\n  - from:\n    - source:\n        notRequestPrincipals:\n        - {principals}")
}

fn metadata(out: &mut dyn Write, draft: &RequestAuthenticationDraft<'_>) -> io::Result<()> {
    writeln!(out, "metadata:\n  name: {}", quoted(draft.name))?;
    draft.namespace.map_or(Ok(()), |namespace| writeln!(out, "  namespace: {}", quoted(namespace)))
}

fn selector(out: &mut dyn Write, draft: &RequestAuthenticationDraft<'_>) -> io::Result<()> {
    if draft.selector.is_empty() {
        return Ok(());
    }
    writeln!(out, "  selector:\n    matchLabels:")?;
    draft.selector.iter().try_for_each(|(key, value)| writeln!(out, "      {}: {}", quoted(key), quoted(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_objects() {
        let draft = RequestAuthenticationDraft {
            namespace: Some("shop"),
            name: "jwt",
            selector: vec![("app", "front")],
            issuer: "https://a.example/\"x",
            audiences: vec!["api"],
            keys: KeysOfRule::Inline("{\n  \"keys\": []\n}\n"),
            forwards_token: true,
            requires_token: true,
        };
        let mut out = Vec::new();
        request_authentication(&mut out, &draft).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata:
  name: jwt
  namespace: shop
spec:
  selector:
    matchLabels:
      app: front
  jwtRules:
  - issuer: "https://a.example/\"x"
    audiences:
    - "api"
    forwardOriginalToken: true
    jwks: |
      {
        "keys": []
      }
---
# A RequestAuthentication lets requests without a token pass; this refuses them with 403.
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: jwt
  namespace: shop
spec:
  selector:
    matchLabels:
      app: front
  action: DENY
  rules:
  - from:
    - source:
        notRequestPrincipals:
        - "https://a.example/\"x/*"
"#
        );
    }
}
