use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::Operation;

pub(super) const RULE: Rule = Rule {
    code: Code("MS169"),
    name: "allow-negative-only",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "An operation of an ALLOW policy that is made of `not` fields only.",
    why: "Everything nobody thought of is allowed, and whatever slips past the exception as well.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {notPaths: [/admin, /admin/*]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/items, /items/*]}}]}]}
",
    specification: "Istio security best practices, use ALLOW-with-positive-matching",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value != Action::Allow {
        return;
    }
    for operation in policy.rules.iter().flatten().flatten().flat_map(|rule| rule.to.iter().flatten()) {
        let Operation { hosts, not_hosts, ports, not_ports, methods, not_methods, paths, not_paths, place: _ } = operation;
        if [hosts, ports, methods, paths].iter().any(|list| !list.is_empty()) {
            continue;
        }
        let Some(first) = [not_paths, not_methods, not_hosts, not_ports].into_iter().find_map(|list| list.first()) else { continue };
        found.push(
            RULE.at(first.span, "everything but this is allowed")
                .with_label("the operation says only what it is not")
                .with_help("list what is allowed, or put the exception into a DENY policy"),
        );
    }
}
