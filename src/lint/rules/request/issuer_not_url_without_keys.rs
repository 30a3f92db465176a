use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS326"),
    name: "issuer-not-url-without-keys",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule with neither `jwks` nor `jwksUri` whose issuer is no http or https URL.",
    why: "The keys are then looked for below the issuer by OpenID discovery, which needs a URL: no good token is ever accepted.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "accounts@corp.example", audiences: [cart]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["accounts@corp.example/*"]}}]}]}
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
    specification: "OpenID Connect Discovery 1.0 section 4; RequestAuthentication reference, JWTRule",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in &policy.jwt_rules {
        let has_keys = rule.jwks_uri.is_some() || rule.jwks.as_ref().is_some_and(|jwks| !jwks.value.is_empty());
        let issuer = &rule.issuer;
        let is_url = jwt_rule::scheme_and_host(&issuer.value).is_some_and(|(scheme, _)| matches!(scheme, "http" | "https"));
        if has_keys || is_url || issuer.value.is_empty() {
            continue;
        }
        found.push(
            RULE.at(issuer.span, format!("no keys for issuer `{}`: it is no URL to discover them from", issuer.value))
                .with_label("every token is refused")
                .with_help("add `jwksUri`"),
        );
    }
}
