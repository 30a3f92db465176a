use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS304"),
    name: "jwks-and-uri",
    severity: Severity::Error,
    peers: &["api"],
    needs: Needs::Document,
    finds: "Keys from more than one place: two of `jwks`, `jwksUri` and `jwks_uri`.",
    why: "The API server refuses it. Offline tools take it, and the inline keys win without a word.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", jwks: '{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"a","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw"}]}'}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule",
    check: Check::Admission(&[Cause::JwksAndUri]),
};
