use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_refusing;
use crate::lint::rules::authorization::wording::joined;

pub(super) const RULE: Rule = Rule {
    code: Code("MS174"),
    name: "prefix-misses-exact",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A path such as `/x/*` in a DENY, or in `notPaths` of an ALLOW, without `/x` itself.",
    why: "The bare path is not covered, and usually the application serves it too.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/admin/*]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: DENY, rules: [{to: [{operation: {ports: ["8080"], paths: [/admin, /admin/*]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.paths",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for list in view.value_lists().iter().filter(|list| list.attribute == Attribute::Paths) {
        if !is_refusing(policy.action.value, list) {
            continue;
        }
        for value in list.values {
            let text = value.as_str();
            let Some(bare) = ["/*", "/{*}", "/{**}"].iter().find_map(|end| text.strip_suffix(end)) else { continue };
            if bare.is_empty() || bare.contains(['*', '{']) || list.values.iter().any(|other| covers_bare(other.as_str(), bare)) {
                continue;
            }
            let finding = RULE
                .at(value.span, format!("`{bare}` itself is not covered"))
                .with_label("only what stands below it is")
                .with_help(format!("add `{bare}`"));
            found.push(joined(finding, view, value, Safety::Unsafe, &[bare]));
        }
    }
}

fn covers_bare(pattern: &str, bare: &str) -> bool {
    pattern == bare || pattern.strip_suffix('*').is_some_and(|prefix| bare.starts_with(prefix))
}
