use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS331"),
    name: "issuer-missing",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule with `jwksUri` and no issuer.",
    why: "Whatever issuer a token names is accepted when one of the keys signed it, which is fatal with key sets that many tenants share.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {audiences: [cart], jwksUri: "https://idp.example/keys"}
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
    specification: "RFC 8725 section 3.8; RequestAuthentication reference, JWTRule, issuer",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in policy.jwt_rules.iter().filter(|rule| rule.issuer.value.is_empty()) {
        let Some(uri) = &rule.jwks_uri else { continue };
        found.push(
            RULE.at(uri.span, "tokens of any issuer are accepted that one of these keys signed")
                .with_label("no `issuer`")
                .with_help("write the `iss` of the tokens: `issuer: ..`"),
        );
    }
}
