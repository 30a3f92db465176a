use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS907"),
    name: "experimental-condition",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A condition on the metadata of an Envoy filter, `experimental.envoy.filters..`.",
    why: "Nothing promises that the filter keeps writing it: an upgrade can end it in silence.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "experimental.envoy.filters.network.mysql_proxy[db.table]", values: ["[select]"]}]}]}
"#,
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.ip, values: [10.0.0.0/8]}]}]}
",
    specification: "Authorization policy conditions",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    let conditions = policy.rules.iter().flatten().flatten().flat_map(|rule| &rule.when);
    for condition in conditions.filter(|condition| condition.key.value.starts_with("experimental.envoy.filters.")) {
        found.push(
            RULE.at(condition.key.span, format!("`{}` is experimental", condition.key.value))
                .with_help("note beside it with which version of the proxy it was tried"),
        );
    }
}
