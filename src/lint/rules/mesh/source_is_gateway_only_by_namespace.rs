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
    code: Code("MS534"),
    name: "source-is-gateway-only-by-namespace",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A policy that admits callers because they run in the namespace of a gateway.",
    why: "Every pod there qualifies, not the gateway alone.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [istio-system]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {action: ALLOW, selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account]}}]}]}
",
    specification: "Istio security best practices, gateways",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy().filter(|policy| policy.action.value == Action::Allow) else { return };
    let lists = value_lists(policy);
    let of_namespaces = lists.iter().filter(|list| list.attribute == Attribute::Namespaces && !list.is_negated);
    for value in of_namespaces.flat_map(|list| list.values) {
        let name = value.value.as_str();
        let is_of_gateway =
            name == "istio-system" || name.starts_with("istio-") || name.contains("ingress") || name.contains("gateway");
        if is_of_gateway && name != view.namespace {
            found.push(
                RULE.at(value.span, format!("every pod of namespace `{name}` is admitted, not only its gateway"))
                    .with_help("name the gateway's service account under `principals`"),
            );
        }
    }
}
