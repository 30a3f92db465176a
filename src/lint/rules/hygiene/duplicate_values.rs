use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;

pub(super) const RULE: Rule = Rule {
    code: Code("MS909"),
    name: "duplicate-values",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A list that holds a value twice.",
    why: "It is noise, and one of the two will be forgotten in an edit.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET, HEAD, GET]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET, HEAD]}}]}]}
",
    specification: "Conventions of this field",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists() {
        let spans: Vec<Span> = list.values.iter().map(|value| value.span).collect();
        let mut seen = BTreeMap::new();
        for (index, value) in list.values.iter().enumerate() {
            let Some(first) = seen.insert(&value.value, value.span) else { continue };
            let finding = RULE
                .at(value.span, format!("`{}` stands in this list already", value.value))
                .with_secondary(first, "here")
                .with_help("remove it");
            found.push(match edits::item(view.text, &spans, index) {
                Some(span) => finding.with_edit(Safety::Safe, span, ""),
                None => finding,
            });
        }
    }
}
