use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS515"),
    name: "default-service-account",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy that admits the service account `default`.",
    why: "Every pod of that namespace that was not given an account of its own has this one, those of tomorrow included.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/default]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/frontend]}}]}]}
",
    specification: "Istio security best practices, service accounts",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy().filter(|policy| policy.action.value == Action::Allow) else { return };
    for list in value_lists(policy).iter().filter(|list| !list.is_negated) {
        for value in list.values {
            let text = value.value.as_str();
            let as_principal = list.attribute == Attribute::Principals && text.ends_with("/sa/default");
            let as_account = list.attribute == Attribute::ServiceAccounts && (text == "default" || text.ends_with("/default"));
            if as_principal || as_account {
                found.push(
                    RULE.at(value.span, format!("`{text}` is every pod that was not given an account of its own"))
                        .with_help("give the caller a service account and name that"),
                );
            }
        }
    }
}
