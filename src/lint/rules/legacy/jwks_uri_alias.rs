use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::tree;

pub(super) const RULE: Rule = Rule {
    code: Code("MS707"),
    name: "jwks-uri-alias",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "The field `jwks_uri`.",
    why: "It is kept for old files only; its name is `jwksUri`.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: example, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks_uri: "https://idp.example/keys"}
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
    specification: "RequestAuthentication reference, JWTRule.jwksUri",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.raw("security.istio.io", "RequestAuthentication") else { return };
    for rule in tree::items_at(policy, &["spec", "jwtRules"]) {
        let Some((key, _)) = tree::entry(rule, "jwks_uri") else { continue };
        let finding = RULE.at(key.span, "`jwks_uri` is the old name of `jwksUri`").with_help("write `jwksUri`");
        found.push(match edits::rewritten(view.text, key.span, &key.value, "jwksUri") {
            Some(text) => finding.with_edit(Safety::Safe, key.span, text),
            None => finding,
        });
    }
}
