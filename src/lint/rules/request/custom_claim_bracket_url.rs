use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits::rewritten;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS343"),
    name: "custom-claim-bracket-url",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A condition on `request.auth.claims[..]` with a dot between the brackets that looks like nesting.",
    why: "What stands in brackets is one name: `[a.b]` is the claim that is called `a.b`, a claim inside another is `[a][b]`. The condition matches nothing.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{when: [{key: "request.auth.claims[realm_access.roles]", values: [admin]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{when: [{key: "request.auth.claims[realm_access][roles]", values: [admin]}]}]}
"#,
    specification: "Authorization Policy Conditions, request.auth.claims",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let lists = value_lists(policy);
    let mut told = BTreeSet::new();
    for list in &lists {
        let (Attribute::Claims(path), Some(key)) = (&list.attribute, list.key) else { continue };
        let is_nesting = |name: &&str| name.contains('.') && !name.contains(['/', ':', '[', ']']) && !is_domain(name);
        let Some(name) = path.split("][").find(is_nesting) else { continue };
        if !told.insert(key.span.offset) {
            continue;
        }
        let nested = name.replace('.', "][");
        let new = key.value.replace(&format!("[{name}]"), &format!("[{nested}]"));
        let mut finding = RULE
            .at(key.span, format!("`{name}` is the name of one claim, not a way into another"))
            .with_label("no claim is called so, unless the issuer writes it with the dot")
            .with_help(format!("for a claim inside another write `{new}`"));
        if let Some(text) = rewritten(view.text, key.span, &key.value, &new) {
            finding = finding.with_edit(Safety::Unsafe, key.span, text);
        }
        found.push(finding);
    }
}

/// Names of claims that are domain names: `kubernetes.io`.
fn is_domain(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|last| matches!(last, "io" | "com" | "org" | "net" | "dev" | "cloud" | "gov" | "edu"))
}
