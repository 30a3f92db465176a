use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::manifest::kinds::JwtRule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS334"),
    name: "implicit-query-location",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule that says nothing of where tokens stand.",
    why: "The query parameter `access_token` is then read beside the header Authorization, and when both are there both must be valid.",
    example: r#"apiVersion: security.istio.io/v1
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
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", fromHeaders: [{name: Authorization, prefix: "Bearer "}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule, fromHeaders",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    let is_silent = |rule: &&JwtRule| rule.from_headers.is_empty() && rule.from_params.is_empty() && rule.from_cookies.is_empty();
    for rule in policy.jwt_rules.iter().filter(is_silent) {
        found.push(
            RULE.at(jwt_rule::place_of(rule), "tokens are also read from the query parameter `access_token`")
                .with_help("to read the header alone, write `fromHeaders: [{name: Authorization, prefix: \"Bearer \"}]`"),
        );
    }
}
