use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::jose::JwksError;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::inline_keys::InlineKeys;

pub(super) const RULE: Rule = Rule {
    code: Code("MS350"),
    name: "jwks-empty-or-not-a-set",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "An inline `jwks` that is a single key, has no keys, or is followed by other text.",
    why: "istiod accepts it and the proxy refuses its whole listener: running proxies keep what they had, new ones never become ready.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig"}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 7517 section 5; Envoy JWT authentication, local_jwks",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for set in view.inline_keys() {
        let headline = match set.proxy {
            Err(JwksError::NoKeys) if set.object.as_ref().is_some_and(|object| object.contains_key("kty")) => {
                "`jwks` is a single key, not a set"
            }
            Err(JwksError::NoKeys) => "`jwks` has no member `keys`",
            Err(JwksError::BadKeys) => "`keys` is no list",
            Err(JwksError::NoValidKeys) => "the key set holds no key",
            Err(JwksError::Json) => "`jwks` is not one JSON object and nothing else",
            Err(JwksError::Key(_) | JwksError::Certificate | JwksError::CertificateKey) | Ok(()) => continue,
        };
        let finding = RULE
            .at(set.span(), headline)
            .with_label("the proxy refuses the whole listener; istiod accepts the object")
            .with_help("write a set: `{\"keys\": [..]}` with at least one key");
        found.push(match wrapping(set) {
            Some((open, close, quote)) => finding
                .with_edit(Safety::Safe, open, format!("{{{quote}keys{quote}:["))
                .with_edit(Safety::Safe, close, "]}"),
            None => finding,
        });
    }
}

/// Where a single key begins and ends, and how a quote is written there.
fn wrapping(set: &InlineKeys<'_>) -> Option<(Span, Span, &'static str)> {
    set.object.as_ref()?.get("kty")?;
    let written = set.written();
    let (open, close) = (written.find('{')?, written.rfind('}')?);
    let quote = if written.starts_with('"') { "\\\"" } else { "\"" };
    Some((set.at(open, 0)?, set.at(close + 1, 0)?, quote))
}
