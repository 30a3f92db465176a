use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS309"),
    name: "location-empty",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "An empty name of a query parameter or cookie.",
    why: "The object is refused.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", fromCookies: [""]}
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
    specification: "RequestAuthentication reference, JWTRule.fromParams, JWTRule.fromCookies",
    check: Check::Admission(&[Cause::LocationEmpty]),
};
