use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS152"),
    name: "host-through-header-condition",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A condition on `request.headers[host]` or `request.headers[:authority]`.",
    why: "It is compared with its case and with the port as the client wrote it, so that `SHOP.example` or `shop.example:443` slip by; `hosts` ignores the case.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[host]", values: [shop.example]}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {hosts: [shop.example]}}]}]}
",
    specification: "AuthorizationPolicy reference, Operation.hosts",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists() {
        let (Attribute::Header(name), Some(key)) = (&list.attribute, list.key) else { continue };
        if !name.eq_ignore_ascii_case("host") && name != ":authority" {
            continue;
        }
        found.push(
            RULE.at(key.span, "the host is compared with its case and its port here")
                .with_help("use `hosts` of an operation instead, with `name` and `name:*`"),
        );
    }
}
