use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS145"),
    name: "method-not-upper-case",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A method with lower-case letters.",
    why: "Methods are compared with their case, and clients send them in upper case.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {methods: [get]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {methods: [GET]}}]}]}
",
    specification: "AuthorizationPolicy reference, Operation.methods",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::Methods) {
        let upper = value.value.to_ascii_uppercase();
        if upper == value.value {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("method `{}` never matches", value.value))
            .with_label("methods are compared with their case")
            .with_help(format!("write `{upper}`"));
        found.push(replaced(finding, view, value, Safety::Safe, &upper));
    }
}
