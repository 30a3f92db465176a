use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS181"),
    name: "authorization-header-match",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A condition on the `authorization` or `cookie` header.",
    why: "The secret stands in the policy for all who may read it, nothing checks its validity, and every change of its form breaks the rule.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[authorization]", values: ["Bearer abc"]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[x-env]", values: [live]}]}]}
"#,
    specification: "AuthorizationPolicy conditions, request.headers",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists() {
        let (Attribute::Header(name), Some(key)) = (&list.attribute, list.key) else { continue };
        let is_secret = ["authorization", "cookie", "proxy-authorization"].iter().any(|secret| name.eq_ignore_ascii_case(secret));
        // Presence reveals nothing.
        if !is_secret || list.values.iter().all(|value| value.value == "*") {
            continue;
        }
        found.push(
            RULE.at(key.span, format!("`{name}` is compared as text, without being verified"))
                .with_label("whoever reads the policy knows the secret")
                .with_help("verify the token with a RequestAuthentication, and match `requestPrincipals` or claims"),
        );
    }
}
