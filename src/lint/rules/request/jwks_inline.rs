use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS358"),
    name: "jwks-inline",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "An inline `jwks` for an issuer that publishes its keys.",
    why: "Keys that the issuer rotates or revokes stay in the policy until somebody changes it: good tokens are refused, and those of a stolen key accepted.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://accounts.google.com", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://accounts.google.com/*"]}}]}]}
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
    specification: "OpenID Connect Discovery 1.0 section 4",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in &policy.jwt_rules {
        let Some(jwks) = rule.jwks.as_ref().filter(|jwks| !jwks.value.is_empty()) else { continue };
        let Some(("https", host)) = jwt_rule::scheme_and_host(&rule.issuer.value) else { continue };
        let is_provider = PROVIDERS.iter().any(|provider| {
            host == *provider || host.strip_suffix(provider).is_some_and(|rest| rest.ends_with('.'))
        });
        if is_provider || rule.issuer.value.contains("/realms/") {
            found.push(
                RULE.at(jwks.span, format!("`{}` publishes its keys, these are a copy", rule.issuer.value))
                    .with_label("a rotation of the issuer does not reach it")
                    .with_help("leave `jwks` out: the keys are then discovered from the issuer; or write `jwksUri`"),
            );
        }
    }
}

/// Identity providers with OpenID discovery.
const PROVIDERS: &[&str] = &[
    "accounts.google.com",
    "securetoken.google.com",
    "login.microsoftonline.com",
    "sts.windows.net",
    "b2clogin.com",
    "auth0.com",
    "okta.com",
    "oktapreview.com",
    "onelogin.com",
    "amazonaws.com",
    "githubusercontent.com",
    "gitlab.com",
    "appleid.apple.com",
    "login.salesforce.com",
];
