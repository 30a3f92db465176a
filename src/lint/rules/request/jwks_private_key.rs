use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS306"),
    name: "jwks-private-key",
    severity: Severity::Error,
    peers: &["istiod-warn"],
    needs: Needs::Document,
    finds: "A private key in an inline key set.",
    why: "Whoever can read the object can sign tokens with it; istiod only warns. The key must be replaced, not just removed.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"a","x":"LVU0DCda9WMVPr9gG21lnvz0VG4dt4g2QQ7ocOZHLAI","d":"Q8OMVY26wEMS1LMWStqve8Cxe4lRKpFk0mVmavVtsZc","y":"HK0c373z1xIKDWG5s27s-XQBxyJAxU2_lcvp4XCfNZE"}]}'}
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
    specification: "RFC 7517 9.2",
    check: Check::Admission(&[Cause::JwksPrivateKey]),
};
