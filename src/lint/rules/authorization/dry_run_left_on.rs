use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS137"),
    name: "dry-run-left-on",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy with the annotation `istio.io/dry-run: \"true\"`.",
    why: "It looks like protection, but nothing it says is enforced.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop, annotations: {istio.io/dry-run: "true"}}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Istio annotations, istio.io/dry-run",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    if view.authorization_policy().is_none() {
        return;
    }
    let Some(value) = view.header.annotations.get("istio.io/dry-run") else { return };
    if matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True") {
        found.push(
            RULE.at(value.span, "policy is only tried, not enforced")
                .with_label("requests pass or fail as if it were not there")
                .with_help("remove the annotation to enforce the policy, or delete the policy"),
        );
    }
}
