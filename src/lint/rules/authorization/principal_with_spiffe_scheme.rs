use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;

pub(super) const RULE: Rule = Rule {
    code: Code("MS104"),
    name: "principal-with-spiffe-scheme",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A principal that is written with `spiffe://`.",
    why: "Principals are compared without the scheme, so the value never matches: an ALLOW admits nobody by it, a DENY stops nobody.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: ["spiffe://cluster.local/ns/shop/sa/web"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Source.principals",
    check: Check::Document(check),
};

const SCHEME: &str = "spiffe://";

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for list in value_lists(policy).iter().filter(|list| list.attribute == Attribute::Principals) {
        for value in list.values {
            let Some(rest) = value.value.strip_prefix(SCHEME) else { continue };
            let finding = RULE
                .at(value.span, "principal starts with `spiffe://`, so it never matches")
                .with_label("principals are compared without the scheme")
                .with_help(format!("write `{rest}`"));
            // The scheme stands right behind the quote, if there is one.
            let text = view.text.get(value.span.offset as usize..).unwrap_or_default();
            let quote = u32::from(text.starts_with(['"', '\'']));
            let scheme = Span { offset: value.span.offset + quote, length: 9, ..value.span };
            let is_plain = text.get(quote as usize..).is_some_and(|text| text.starts_with(SCHEME));
            found.push(if is_plain { finding.with_edit(Safety::Safe, scheme, "") } else { finding });
        }
    }
}
