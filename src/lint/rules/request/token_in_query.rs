use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS333"),
    name: "token-in-query",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule that reads the token from a query parameter.",
    why: "URLs are kept in logs, in the history of browsers and in `Referer` headers, and the token with them.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", fromParams: [token]}
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
    specification: "RFC 6750 section 5.3; RequestAuthentication reference, JWTRule, fromParams",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for parameter in policy.jwt_rules.iter().flat_map(|rule| &rule.from_params) {
        found.push(
            RULE.at(parameter.span, format!("the token stands in the URL, as parameter `{}`", parameter.value))
                .with_label("URLs end up in logs and in the history of browsers")
                .with_help("use a header or a cookie"),
        );
    }
}
