use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::Condition;
use crate::manifest::kinds::RuleSource;

pub(super) const RULE: Rule = Rule {
    code: Code("MS178"),
    name: "any-principal",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An ALLOW source that only asks for any identity.",
    why: "Every workload of every namespace has one, and so have those of federated trust domains.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: ["*"]}}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.principals",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value != Action::Allow {
        return;
    }
    for rule in policy.rules.iter().flatten().flatten() {
        let narrows = |condition: &Condition| {
            let attribute = Attribute::of_key(condition.key.as_str());
            !matches!(attribute, Attribute::Ports | Attribute::DestinationIp | Attribute::Sni)
        };
        if rule.when.iter().any(narrows) {
            continue;
        }
        for source in rule.from.iter().flatten() {
            let others = RuleSource { principals: Vec::new(), ..source.clone() };
            let Some(any) = source.principals.iter().find(|value| is_any(value.as_str())) else { continue };
            if others != (RuleSource { place: source.place, ..RuleSource::default() }) {
                continue;
            }
            found.push(
                RULE.at(any.span, "every workload of the mesh may call")
                    .with_label("any identity matches")
                    .with_help("name the service accounts that need it, or at least their namespaces"),
            );
        }
    }
}

/// `*`, or everything of a trust domain.
fn is_any(principal: &str) -> bool {
    principal == "*"
        || principal.strip_suffix("/*").is_some_and(|domain| !domain.contains(['/', '*']))
        || principal.strip_suffix("/ns/*").is_some_and(|domain| !domain.contains(['/', '*']))
}
