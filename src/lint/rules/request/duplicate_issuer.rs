use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::lint::rules::request::meeting::Met;
use crate::lint::rules::request::meeting::meetings;

pub(super) const RULE: Rule = Rule {
    code: Code("MS330"),
    name: "duplicate-issuer",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "Two rules with one issuer at one proxy.",
    why: "They are not merged: a token has to satisfy one of them, and whether outputs, forwarding and locations of the other apply depends on which comes first.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
  - {issuer: "https://idp.example", audiences: [admin], jwksUri: "https://idp.example/keys"}
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
  - {issuer: "https://idp.example", audiences: [cart, admin], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "Envoy JWT authentication, requires_any; RequestAuthentication reference",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for rules in meetings(view) {
        let mut first: BTreeMap<&str, Met<'_>> = BTreeMap::new();
        for met in rules {
            let issuer = &met.rule.issuer;
            let Some(other) = first.get(issuer.as_str()) else {
                first.insert(issuer.as_str(), met);
                continue;
            };
            let place = jwt_rule::place_of(met.rule);
            if !told.insert((place.source, place.offset)) {
                continue;
            }
            let headline = if issuer.value.is_empty() {
                "two rules without an issuer at one proxy".to_owned()
            } else {
                format!("two rules for issuer `{}` at one proxy", issuer.value)
            };
            let of_other = if other.policy.id == met.policy.id { String::new() } else { format!(", in `{}`", other.policy.id.name) };
            found.push(
                RULE.at(place, headline)
                    .with_label("a token needs to satisfy one of them; they are not merged")
                    .with_secondary(jwt_rule::place_of(other.rule), format!("the first{of_other}"))
                    .with_help("write one rule with the audiences of both"),
            );
        }
    }
}
