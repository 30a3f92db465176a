use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;

pub(super) const RULE: Rule = Rule {
    code: Code("MS910"),
    name: "redundant-values",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A value that another value of the same list covers: `/a/b` beside `/a/*`.",
    why: "The narrow one suggests a limit that there is not.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {paths: ["/cart/*", /cart/items]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {paths: ["/cart/*"]}}]}]}
"#,
    specification: "AuthorizationPolicy reference, string match",
    check: Check::Document(check),
};

/// More patterns than this in one list are not compared with each other.
const PATTERNS_AT_MOST: usize = 100;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists().iter().filter(|list| is_text(&list.attribute)) {
        let wide: Vec<&Spanned<String>> =
            list.values.iter().filter(|value| value.value.starts_with('*') || value.value.ends_with('*')).collect();
        if wide.is_empty() || wide.len() > PATTERNS_AT_MOST {
            continue;
        }
        let spans: Vec<Span> = list.values.iter().map(|value| value.span).collect();
        for (index, value) in list.values.iter().enumerate() {
            let Some(wider) = wide.iter().find(|wide| wide.value != value.value && covers(&wide.value, &value.value)) else {
                continue;
            };
            let finding = RULE
                .at(value.span, format!("`{}` is covered by `{}`", value.value, wider.value))
                .with_secondary(wider.span, "matches all of it")
                .with_help("remove the narrower one, or the wider one if the limit is meant");
            found.push(match edits::item(view.text, &spans, index) {
                Some(span) => finding.with_edit(Safety::Safe, span, ""),
                None => finding,
            });
        }
    }
}

/// Attributes whose values are texts with a `*` at one end. Namespaces are left out: their `*` means more.
fn is_text(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::Principals
        | Attribute::RequestPrincipals
        | Attribute::Hosts
        | Attribute::Methods
        | Attribute::Paths
        | Attribute::Header(_)
        | Attribute::Claims(_)
        | Attribute::Sni => true,
        Attribute::Namespaces
        | Attribute::ServiceAccounts
        | Attribute::TrustDomains
        | Attribute::IpBlocks
        | Attribute::RemoteIpBlocks
        | Attribute::Ports
        | Attribute::DestinationIp
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Other(_) => false,
    }
}

/// Whether everything that the second matches, the first matches as well.
fn covers(wide: &str, narrow: &str) -> bool {
    if wide == "*" {
        return true;
    }
    let is_template = |text: &str| text.contains(['{', '}']);
    if is_template(wide) || is_template(narrow) {
        return false;
    }
    match (wide.strip_suffix('*'), wide.strip_prefix('*')) {
        (Some(start), None) => narrow.strip_suffix('*').unwrap_or(narrow).starts_with(start) && !narrow.starts_with('*'),
        (None, Some(end)) => narrow.strip_prefix('*').unwrap_or(narrow).ends_with(end) && !narrow.ends_with('*'),
        _ => false,
    }
}
