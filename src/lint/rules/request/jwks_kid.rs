use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS355"),
    name: "jwks-kid",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "Keys of an inline `jwks` that their `kid` does not tell apart: repeated, absent beside others, or different in case only.",
    why: "Keys with one `kid` are all tried, one without is tried for every token; an Ed25519 key without `kid` and `alg` ends the search for tokens of the keys behind it.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig"},{"kty":"EC","crv":"P-256","x":"nXFPsP5jhf9RC0CDfqiJ3KZ0iLQgUd7Il3rJR5wTm_g","y":"GW2qvGYpjV_LXf-hT5ewLxJT1hl-0XLoVkNh05ZCrrI","kid":"a","alg":"ES256","use":"sig"}]}'}
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
  - {issuer: "https://idp.example", audiences: [cart], jwks: '{"keys":[{"kty":"EC","crv":"P-256","x":"qXfDidMM1Eky9Jm8B83gVWu2pUJs--l62PD5YIEVG6E","y":"8EoinQvEuoxlD1ZgnlLChgOcIdfWO64zuPvuSP2juNw","kid":"a","alg":"ES256","use":"sig"},{"kty":"EC","crv":"P-256","x":"nXFPsP5jhf9RC0CDfqiJ3KZ0iLQgUd7Il3rJR5wTm_g","y":"GW2qvGYpjV_LXf-hT5ewLxJT1hl-0XLoVkNh05ZCrrI","kid":"b","alg":"ES256","use":"sig"}]}'}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 7517 section 4.5; Envoy JWT authentication",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for set in view.inline_keys().iter().filter(|set| set.keys.len() > 1) {
        let mut seen: BTreeMap<String, (usize, &str)> = BTreeMap::new();
        for (index, key) in set.keys.iter().enumerate() {
            let Some(id) = key.key_id.as_deref().filter(|id| !id.is_empty()) else {
                let ends = key.key.as_ref().is_ok_and(|key| key.key_type() == "OKP" && key.algorithm().is_none());
                let label = if ends && key.proxy.is_ok() && index + 1 < set.keys.len() {
                    "tried for every token, and the keys behind it are then not tried"
                } else {
                    "tried for every token, whatever key it names"
                };
                found.push(
                    RULE.at(set.place(index, "kid"), "a key without `kid` beside others")
                        .with_label(label)
                        .with_help("give each key a `kid`, such as its thumbprint"),
                );
                continue;
            };
            match seen.get(&id.to_lowercase()) {
                None => {
                    seen.insert(id.to_lowercase(), (index, id));
                }
                Some((first, other)) => {
                    let headline = if *other == id {
                        format!("two keys are called `{id}`")
                    } else {
                        format!("`{other}` and `{id}` differ in case only")
                    };
                    found.push(
                        RULE.at(set.place(index, "kid"), headline)
                            .with_secondary(set.place(*first, "kid"), "the first")
                            .with_help("give each key a `kid` of its own"),
                    );
                }
            }
        }
    }
}
