use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS182"),
    name: "forwarded-header-match",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A condition of an ALLOW on a header that tells about the client or its certificate.",
    why: "Any caller can write such a header, unless every hop before the proxy overwrites it.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: "request.headers[x-forwarded-for]", values: [203.0.113.9]}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], when: [{key: source.ip, values: [10.0.0.0/8]}]}]}
",
    specification: "AuthorizationPolicy reference, Source.remoteIpBlocks",
    check: Check::Document(check),
};

const FORGEABLE: &[&str] =
    &["x-forwarded-for", "x-real-ip", "x-forwarded-client-cert", "forwarded", "x-envoy-external-address", "true-client-ip"];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    if policy.action.value != Action::Allow {
        return;
    }
    for list in view.value_lists() {
        let (Attribute::Header(name), Some(key)) = (&list.attribute, list.key) else { continue };
        if list.is_negated || !FORGEABLE.iter().any(|header| name.eq_ignore_ascii_case(header)) {
            continue;
        }
        let help = if name.eq_ignore_ascii_case("x-forwarded-client-cert") {
            "match `principals`, which are read from the verified certificate"
        } else {
            "match `remoteIpBlocks` at the gateway, with the number of trusted proxies set in the mesh configuration"
        };
        let finding = RULE
            .at(key.span, format!("access depends on `{name}`, which callers can write themselves"))
            .with_label("forgeable on every hop that does not overwrite it")
            .with_help(help);
        // An edge gateway writes this one.
        let is_written = name.eq_ignore_ascii_case("x-envoy-external-address");
        found.push(if is_written { Finding { severity: Severity::Warning, ..finding } } else { finding });
    }
}
