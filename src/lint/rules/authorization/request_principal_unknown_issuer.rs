use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::issuer_of;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS160"),
    name: "request-principal-unknown-issuer",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A request principal or `iss` claim of an issuer that no RequestAuthentication in reach accepts.",
    why: "Only tokens of these issuers are verified, so the value never matches.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ["https://old.example/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source.requestPrincipals",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut issuers: BTreeMap<&str, Vec<&Spanned<String>>> = BTreeMap::new();
    for authentication in &view.mesh.request_authentications {
        let own = issuers.entry(&authentication.id.namespace).or_default();
        own.extend(authentication.spec.jwt_rules.iter().map(|rule| &rule.issuer));
    }
    let root = view.mesh.settings.root_namespace.as_str();
    let is_checked = |attribute: &Attribute| {
        *attribute == Attribute::RequestPrincipals || matches!(attribute, Attribute::Claims(name) if name == "iss")
    };
    for policy in view.mesh.authorization_policies.iter().filter(|_| !issuers.is_empty()) {
        let namespaces = [policy.id.namespace.as_str(), root];
        let in_reach: Vec<&Spanned<String>> = if policy.id.namespace == root {
            issuers.values().flatten().copied().collect()
        } else {
            namespaces.iter().filter_map(|namespace| issuers.get(namespace)).flatten().copied().collect()
        };
        if in_reach.is_empty() {
            continue;
        }
        for list in value_lists(&policy.spec).iter().filter(|list| is_checked(&list.attribute)) {
            for value in list.values {
                let issuer = if list.attribute == Attribute::RequestPrincipals {
                    issuer_of(value.as_str()).map(|(issuer, _)| issuer)
                } else {
                    Some(value.as_str())
                };
                let Some(issuer) = issuer.filter(|issuer| !issuer.is_empty() && !issuer.contains('*')) else { continue };
                // Without an issuer any is accepted; of nearly the same text another rule speaks.
                if in_reach.iter().any(|known| known.value.is_empty() || is_alike(known.as_str(), issuer)) {
                    continue;
                }
                found.push(
                    RULE.at(value.span, format!("no token of issuer `{issuer}` is accepted here, so it never matches"))
                        .with_label("no RequestAuthentication in reach names it")
                        .with_help("correct the issuer, or add it to the RequestAuthentication of the workload")
                        .likely(),
                );
            }
        }
    }
}

/// Whether two issuers are the same but for case and slashes at the end.
fn is_alike(one: &str, other: &str) -> bool {
    one.trim_end_matches('/').eq_ignore_ascii_case(other.trim_end_matches('/'))
}
