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
    code: Code("MS155"),
    name: "port-zero",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "Port 0, or a port with leading zeros.",
    why: "No listener has port 0, so it never matches. With leading zeros the number is read without them, which is not what most readers expect.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {ports: ["0"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {ports: ["8080"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.ports",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::Ports) {
        let Some(rest) = value.value.strip_prefix('0') else { continue };
        let number = rest.trim_start_matches('0');
        if number.is_empty() {
            found.push(
                RULE.at(value.span, "nothing listens on port 0, so it never matches").with_help("write the port of the workload"),
            );
            continue;
        }
        let finding = RULE.at(value.span, format!("port `{}` is read as `{number}`", value.value)).with_help(format!("write `{number}`"));
        let finding = Finding { severity: Severity::Info, ..finding };
        found.push(replaced(finding, view, value, Safety::Safe, number));
    }
}
