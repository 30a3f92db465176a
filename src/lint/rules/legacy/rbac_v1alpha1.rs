use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::legacy::kinds;

pub(super) const RULE: Rule = Rule {
    code: Code("MS701"),
    name: "rbac-v1alpha1",
    severity: Severity::Error,
    peers: &["IST0002"],
    needs: Needs::Document,
    finds: "A ServiceRole or ServiceRoleBinding of the first RBAC API.",
    why: "No current control plane reads them: whatever they were meant to keep out comes in.",
    example: r"apiVersion: rbac.istio.io/v1alpha1
kind: ServiceRole
metadata: {name: cart-viewer, namespace: shop}
spec: {rules: [{services: [cart.shop.svc.cluster.local], methods: [GET]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Istio 1.6 upgrade notes",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let help = "write an AuthorizationPolicy: the services become its selector, the subjects `from`, methods and paths `to`";
    found.extend(kinds::unread(&RULE, view, "rbac.istio.io", &["ServiceRole", "ServiceRoleBinding"], help));
}
