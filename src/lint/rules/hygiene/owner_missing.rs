use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS908"),
    name: "owner-missing",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy that names no owner in its labels or annotations.",
    why: "When it refuses what it should not, somebody has to be asked.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop, labels: {team: checkout}}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
",
    specification: "Kubernetes, recommended labels",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let (header, wanted) = (view.header, &view.options.owner_labels);
    if header.group() != "security.istio.io" || wanted.is_empty() {
        return;
    }
    let is_there = |name: &String| {
        let value = header.labels.get(name).or_else(|| header.annotations.get(name));
        value.is_some_and(|value| !value.value.is_empty())
    };
    if !wanted.iter().any(is_there) {
        let names: Vec<String> = wanted.iter().map(|name| format!("`{name}`")).collect();
        found.push(
            RULE.at(header.name.span, format!("`{}` names no owner", header.name.value))
                .with_help(format!("add label or annotation {}", names.join(" or "))),
        );
    }
}
