use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS154"),
    name: "claims-key-malformed",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A key on claims that istiod accepts although it leads to no claim.",
    why: "Text before the first bracket makes the translation drop the condition, with the whole rule if it is an ALLOW; text between brackets is read as the name of one claim.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}], when: [{key: "request.auth.claims.roles[x]", values: [admin]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}], when: [{key: "request.auth.claims[realm][roles]", values: [admin]}]}]}
"#,
    specification: "AuthorizationPolicy conditions, request.auth.claims",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let is_allow = policy.action.value == Action::Allow;
    for list in view.value_lists() {
        let Some(key) = list.key else { continue };
        let Some(consequence) = consequence(&list.attribute, is_allow) else { continue };
        found.push(
            RULE.at(key.span, format!("`{}` leads to no claim", key.value))
                .with_label(consequence)
                .with_help("write `request.auth.claims[NAME]`, and `[OUTER][INNER]` for a claim inside another"),
        );
    }
}

/// What becomes of a key that leads to no claim.
fn consequence(attribute: &Attribute, is_allow: bool) -> Option<&'static str> {
    if let Attribute::Claims(path) = attribute {
        let mut parts = path.split("][");
        if parts.clone().any(|part| part.contains(['[', ']'])) {
            return Some("it is read as the name of one claim");
        }
        return parts.any(|part| part.trim().is_empty()).then_some("a name is missing in the brackets");
    }
    let Attribute::Other(key) = attribute else { return None };
    let dropped = if is_allow { "the rule is dropped with it" } else { "it is dropped, and the rule matches more than it says" };
    (key.starts_with("request.auth.claims") && key.ends_with(']')).then_some(dropped)
}
