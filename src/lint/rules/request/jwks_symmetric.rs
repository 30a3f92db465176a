use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS352"),
    name: "jwks-symmetric",
    severity: Severity::Error,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "A symmetric key in an inline key set.",
    why: "Whoever can read the object can sign tokens; istiod only warns.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"oct","alg":"HS256","use":"sig","kid":"a","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
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
    specification: "RFC 7518 6.4",
    check: Check::Admission(&[Cause::JwksSymmetric]),
};
