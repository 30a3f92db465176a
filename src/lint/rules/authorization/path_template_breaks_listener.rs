use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_template;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;
use crate::policy::is_template_loadable;

pub(super) const RULE: Rule = Rule {
    code: Code("MS150"),
    name: "path-template-breaks-listener",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A path template that istiod accepts and the proxy cannot load.",
    why: "The proxy refuses the whole listener: a running workload keeps its old policies and loses every later change, a new one never becomes ready.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["{*}/items"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/{*}/items"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, Operation.paths; Envoy URI template matcher",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::Paths) {
        let text = value.as_str();
        if !is_template(text) || is_template_loadable(text) {
            continue;
        }
        let finding = RULE
            .at(value.span, format!("the proxy cannot load path template `{text}`"))
            .with_label("the listener is refused with it");
        let inner = text.trim_matches('/');
        let end = if text.ends_with('/') { "/" } else { "" };
        let repaired = format!("/{inner}{end}");
        found.push(if is_template_loadable(&repaired) {
            replaced(finding, view, value, Safety::Safe, &repaired).with_help(format!("write `{repaired}`"))
        } else {
            finding.with_help("start with one slash, end with at most one, and keep to the characters of a URL path")
        });
    }
}
