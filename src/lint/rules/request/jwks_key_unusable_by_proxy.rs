use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS351"),
    name: "jwks-key-unusable-by-proxy",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "Keys of an inline `jwks` that the proxy cannot use: an error when all are, a warning when some are.",
    why: "A set without a usable key makes the proxy refuse its whole listener; with some the tokens of the others are refused.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"secp256k1","x":"4PesVl09JZotkg8rWQtAyO-j9FTduyn4XlV1B9Ne6hs","y":"cYmX8ZoSp1lHy4w-Ndk-DuurKLT5Cys2vD6VzdgvTME","kid":"a","use":"sig"}]}'}
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
    specification: "RFC 7518 section 6; Envoy JWT authentication, local_jwks",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for set in view.inline_keys() {
        let unusable: Vec<_> =
            set.keys.iter().enumerate().filter_map(|(index, key)| Some((index, key, key.proxy.as_ref().err()?))).collect();
        let is_all = unusable.len() == set.keys.len();
        for (index, key, error) in unusable {
            let name = key.key_id.as_ref().map_or_else(|| format!("key {}", index + 1), |id| format!("key `{id}`"));
            let mut finding = RULE
                .at(set.place(index, "kty"), format!("the proxy cannot use {name}: {error}"))
                .with_help("use RSA with exponent 65537, EC on P-256, P-384 or P-521, or Ed25519, with an `alg` of the same family");
            if let Err(reason) = &key.key {
                finding = finding.with_note(reason.to_string());
            }
            if is_all {
                finding = finding.with_label("no other key is left, so the proxy refuses the whole listener");
            } else {
                finding = finding.with_label("tokens of this key are refused");
                finding.severity = Severity::Warning;
            }
            found.push(finding);
        }
    }
}
