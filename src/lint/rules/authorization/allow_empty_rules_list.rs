use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;
use crate::manifest::yaml::Value;

pub(super) const RULE: Rule = Rule {
    code: Code("MS168"),
    name: "allow-empty-rules-list",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "An ALLOW policy with an empty `rules` list written out.",
    why: "It denies every request, while a reader may take it for one that allows everything.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: []}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}}
",
    specification: "AuthorizationPolicy reference, rules",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let is_empty = policy.rules.as_ref().is_none_or(Vec::is_empty);
    if policy.action.value != Action::Allow || !is_empty {
        return;
    }
    let Some(key) = rules_key(view) else { return };
    found.push(
        RULE.at(key, "an ALLOW without rules denies every request")
            .with_label("nothing is allowed")
            .with_help("if that is meant, leave `rules` out and name the policy `allow-nothing`; else write the rules"),
    );
}

/// Where the key `rules` stands, when it is written.
fn rules_key(view: &DocumentView<'_>) -> Option<Span> {
    let Value::Mapping(entries) = &view.node.get("spec")?.value else { return None };
    entries.iter().find(|(key, _)| key.value == "rules").map(|(key, _)| key.span)
}
