use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::lint::rules::request::meeting::locations;
use crate::lint::rules::request::meeting::meetings;

pub(super) const RULE: Rule = Rule {
    code: Code("MS332"),
    name: "invalid-token-rides-along",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Manifests,
    finds: "Rules at one proxy that look for tokens in different places.",
    why: "One valid token is enough: what stands in the other place is neither checked nor taken out, and reaches the application as if it were.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", fromHeaders: [{name: x-a}]}
  - {issuer: "https://other.example", audiences: [cart], jwksUri: "https://other.example/keys", fromHeaders: [{name: x-b}]}
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
  - {issuer: "https://other.example", audiences: [cart], jwksUri: "https://other.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "Envoy JWT authentication, requires_any",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for rules in meetings(view) {
        let Some((first, others)) = rules.split_first() else { continue };
        let own = locations(first.rule);
        for met in others {
            let theirs = locations(met.rule);
            let place = jwt_rule::place_of(met.rule);
            if !own.is_disjoint(&theirs) || met.rule.issuer == first.rule.issuer || !told.insert((place.source, place.offset)) {
                continue;
            }
            let names = |locations: BTreeSet<String>| locations.into_iter().collect::<Vec<_>>().join(", ");
            found.push(
                RULE.at(place, "beside a valid token of another issuer a token here is not checked")
                    .with_label(format!("looked for in {}", names(theirs)))
                    .with_secondary(jwt_rule::place_of(first.rule), format!("looked for in {}", names(own.clone())))
                    .with_help("let the application trust what the proxy writes (`outputClaimToHeaders`), not the tokens"),
            );
        }
    }
}
