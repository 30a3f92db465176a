use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS356"),
    name: "jwks-alg-or-use",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A key of an inline `jwks` that is not for signatures by its `use`, `key_ops` or `alg`; an info when `alg` is absent.",
    why: "The proxy ignores `use` and `key_ops`: a key for encryption verifies signatures there. Without `alg` the token chooses among the algorithms of the key's family.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"enc"}]}'}
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
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 7517 sections 4.2 to 4.4; Envoy JWT authentication",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for set in view.inline_keys() {
        for (index, key) in set.keys.iter().enumerate().filter(|(_, key)| key.proxy.is_ok()) {
            let Ok(key) = &key.key else { continue };
            let is_verifying = |operations: &[String]| operations.iter().any(|operation| matches!(operation.as_str(), "verify" | "sign"));
            if let Some(written) = key.key_use().filter(|written| *written != "sig" && *written != "jwt-svid") {
                found.push(
                    RULE.at(set.place(index, "use"), format!("a key for `{written}` verifies signatures here"))
                        .with_label("the proxy ignores `use`")
                        .with_help("leave the key out, or write `\"use\": \"sig\"` if it is meant for signatures"),
                );
            } else if key.operations().is_some_and(|operations| !is_verifying(operations)) {
                found.push(
                    RULE.at(set.place(index, "key_ops"), "a key that is not for verifying verifies signatures here")
                        .with_label("the proxy ignores `key_ops`")
                        .with_help("leave the key out, or write `\"key_ops\": [\"verify\"]`"),
                );
            } else if key.algorithm().is_none() && key.key_type() == "RSA" {
                let mut finding = RULE
                    .at(set.place(index, "kty"), "a key without `alg`: the token chooses among the RSA algorithms")
                    .with_help("write the algorithm of the tokens, such as `\"alg\": \"RS256\"`");
                finding.severity = Severity::Info;
                found.push(finding);
            }
        }
    }
}
