use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS100"),
    name: "namespace-suffix-matches-everyone",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A namespace pattern such as `*a`, `*sa` or `*/sa`.",
    why: "Proxies look for it in the whole identity, where the star also crosses slashes: the element `sa` of every identity ends like this, so that every caller of the mesh matches.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: ["*a"]}}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [beta, gamma]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.namespaces",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::Namespaces) {
        let Some(suffix) = value.value.strip_prefix('*') else { continue };
        if suffix.is_empty() || !"/sa".ends_with(suffix) {
            continue;
        }
        found.push(
            RULE.at(value.span, format!("namespace pattern `{}` matches every caller with an identity", value.value))
                .with_label("the `sa` of `TD/ns/NAMESPACE/sa/ACCOUNT` ends like this, and the star crosses slashes")
                .with_help("write the namespaces out, or a pattern with the star at the end"),
        );
    }
}
