use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS329"),
    name: "audiences-missing",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule without `audiences`.",
    why: "A token that the issuer wrote for any other application is accepted here.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", jwksUri: "https://idp.example/keys"}
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
    specification: "RFC 8725 section 3.9; RequestAuthentication reference, JWTRule, audiences",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in policy.jwt_rules.iter().filter(|rule| rule.audiences.is_empty()) {
        found.push(
            RULE.at(jwt_rule::place_of(rule), "tokens for any application of the issuer are accepted")
                .with_label("no `audiences`")
                .with_help("write the names that tokens for this workload have in `aud`: `audiences: [..]`"),
        );
    }
}
