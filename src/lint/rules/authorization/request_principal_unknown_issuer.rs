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
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A request principal or `iss` claim of an issuer that no RequestAuthentication in reach accepts.",
    why: "Only tokens of these issuers are verified, so the value never matches. A slash at the end and the case count.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: "https://idp.example/", audiences: [cart], jwksUri: "https://idp.example/keys"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, jwtRules: [{issuer: "https://idp.example/", audiences: [cart], jwksUri: "https://idp.example/keys"}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ["https://idp.example//*"]}}]}]}
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
        // A rule without an issuer takes the tokens of any.
        if in_reach.is_empty() || in_reach.iter().any(|issuer| issuer.value.is_empty()) {
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
                if in_reach.iter().any(|known| known.value == issuer) {
                    continue;
                }
                let finding = RULE
                    .at(value.span, format!("no token of issuer `{issuer}` is accepted here, so it never matches"))
                    .likely();
                found.push(match in_reach.iter().find(|known| is_alike(known.as_str(), issuer)) {
                    Some(known) => finding
                        .with_label("the issuer is compared to the letter, a slash at the end included")
                        .with_secondary(known.span, format!("this one is `{}`", known.value))
                        .with_help(format!("write `{}{}`", known.value, if list.key.is_some() { "" } else { "/SUBJECT" })),
                    None => Finding { severity: Severity::Warning, ..finding }
                        .with_label("no RequestAuthentication in reach names it")
                        .with_help("correct the issuer, or add it to the RequestAuthentication of the workload"),
                });
            }
        }
    }
}

/// Whether two issuers are the same but for case, scheme and slashes at the end.
fn is_alike(one: &str, other: &str) -> bool {
    let bare = |text: &str| {
        let lower = text.to_ascii_lowercase();
        let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
        rest.trim_end_matches('/').to_owned()
    };
    bare(one) == bare(other)
}
