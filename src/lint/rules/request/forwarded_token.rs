use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS336"),
    name: "forwarded-token",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule that lets the token go on to the application: `forwardOriginalToken: true`, or a token in a cookie, which is never taken out.",
    why: "Whoever reads the requests of the application, or the application itself, can use the token elsewhere until it expires.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", forwardOriginalToken: true}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-user, claim: sub}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule, forwardOriginalToken",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for (index, rule) in policy.jwt_rules.iter().enumerate() {
        let help = "give the application the claims it needs: `outputClaimToHeaders`";
        if rule.forward_original_token {
            let span = jwt_rule::field(view.node, index, "forwardOriginalToken").map_or_else(|| jwt_rule::place_of(rule), |node| node.span);
            found.push(RULE.at(span, "the application receives a token that it could use elsewhere").with_help(help));
        } else if let Some(cookie) = rule.from_cookies.first() {
            let headline = format!("the application receives the token in cookie `{}`, which is never taken out", cookie.value);
            found.push(RULE.at(cookie.span, headline).with_help(help));
        }
    }
}
