use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS305"),
    name: "jwks-invalid",
    severity: Severity::Error,
    peers: &["istiod"],
    needs: Needs::Document,
    finds: "An inline key set that cannot be read.",
    why: "istiod refuses it: no token could be checked with it.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"RSA","e":"AQAB"}]}'}
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
    specification: "RFC 7517",
    check: Check::Admission(&[Cause::JwksInvalid]),
};
