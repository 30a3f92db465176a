use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS328"),
    name: "issuer-slash-or-case",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "An issuer that differs from another one only by a final slash or by case.",
    why: "Issuers are compared byte for byte: tokens of the one are not those of the other.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: pay, namespace: shop}
spec:
  selector: {matchLabels: {app: pay}}
  jwtRules:
  - {issuer: "https://idp.example/", audiences: [pay], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: pay, namespace: shop}
spec: {selector: {matchLabels: {app: pay}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example//*"]}}]}]}
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
    specification: "RFC 7519 section 4.1.1; RequestAuthentication reference, JWTRule.issuer",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut known: BTreeMap<String, BTreeMap<&str, Span>> = BTreeMap::new();
    for policy in &view.mesh.request_authentications {
        for issuer in policy.spec.jwt_rules.iter().map(|rule| &rule.issuer).filter(|issuer| !issuer.value.is_empty()) {
            let same = known.entry(plain(&issuer.value)).or_default();
            if let Some((other, place)) = same.iter().next()
                && !same.contains_key(issuer.as_str())
            {
                // Both in one object are meant so.
                let is_own = policy.spec.jwt_rules.iter().any(|rule| rule.issuer.value == *other);
                if !is_own {
                    found.push(told(issuer, other, *place));
                }
            }
            same.entry(issuer.as_str()).or_insert(issuer.span);
        }
    }
    if known.is_empty() {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        for list in value_lists(&policy.spec) {
            for value in list.values {
                let issuer = match &list.attribute {
                    Attribute::RequestPrincipals => value.value.rsplit_once('/').map_or("", |(issuer, _)| issuer),
                    Attribute::Claims(name) if name == "iss" => value.as_str(),
                    Attribute::Principals
                    | Attribute::Namespaces
                    | Attribute::ServiceAccounts
                    | Attribute::TrustDomains
                    | Attribute::IpBlocks
                    | Attribute::RemoteIpBlocks
                    | Attribute::Hosts
                    | Attribute::Ports
                    | Attribute::Methods
                    | Attribute::Paths
                    | Attribute::DestinationIp
                    | Attribute::Header(_)
                    | Attribute::Claims(_)
                    | Attribute::Audiences
                    | Attribute::Presenter
                    | Attribute::Sni
                    | Attribute::Other(_) => continue,
                };
                let Some(same) = known.get(&plain(issuer)).filter(|same| !issuer.is_empty() && !same.contains_key(issuer)) else {
                    continue;
                };
                if let Some((other, place)) = same.iter().next() {
                    found.push(told(&Spanned::new(issuer.to_owned(), value.span), other, *place));
                }
            }
        }
    }
}

fn told(issuer: &Spanned<String>, other: &str, place: Span) -> Finding {
    RULE.at(issuer.span, format!("issuer `{}` is not `{other}`", issuer.value))
        .with_label("issuers are compared byte for byte")
        .with_secondary(place, "the other one")
        .with_help("write both exactly as `iss` stands in the tokens")
}

fn plain(issuer: &str) -> String {
    issuer.trim_end_matches('/').to_lowercase()
}
