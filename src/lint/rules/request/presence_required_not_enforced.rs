use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS322"),
    name: "presence-required-not-enforced",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule with `presence`.",
    why: "Neither the API nor istiod knows the field: where it is not refused it is dropped, and requests without a token pass as before.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", presence: REQUIRED}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule",
    check: Check::Admission(&[Cause::PresenceNotEnforced]),
};
