use crate::admission::Cause;
use crate::diag::Code;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS020"),
    name: "list-too-long",
    severity: Severity::Error,
    peers: &["istiod", "api"],
    needs: Needs::Document,
    finds: "More items, or longer ones, than a list may hold.",
    why: "The object is refused, most limits only when it is applied.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web1, shop/web2, shop/web3, shop/web4, shop/web5, shop/web6, shop/web7, shop/web8, shop/web9, shop/web10, shop/web11, shop/web12, shop/web13, shop/web14, shop/web15, shop/web16, shop/web17]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
"#,
    specification: "The resource definition of the kind",
    check: Check::Admission(&[Cause::ListTooLong]),
};
