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
    code: Code("MS161"),
    name: "trust-domain-condition-with-slash",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A value of `source.trustDomain` with a slash.",
    why: "A trust domain is what stands before the first slash of an identity, so the value never matches. In `trustDomains` istiod refuses it, under `when` it does not.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [shop]}}], when: [{key: source.trustDomain, values: [cluster.local/ns/shop]}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {namespaces: [shop]}}], when: [{key: source.trustDomain, values: [cluster.local]}]}]}
",
    specification: "AuthorizationPolicy conditions, source.trustDomain",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (list, value) in values(view, |attribute| *attribute == Attribute::TrustDomains) {
        let Some((domain, _)) = value.value.split_once('/').filter(|_| list.key.is_some()) else { continue };
        found.push(
            RULE.at(value.span, format!("`{}` is more than a trust domain, so it never matches", value.value))
                .with_label("a trust domain holds no slash")
                .with_help(format!("write `{domain}`, or use the key `source.principal`")),
        );
    }
}
