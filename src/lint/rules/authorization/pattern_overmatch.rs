use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_granting;
use crate::lint::rules::authorization::wording::is_regex_like;
use crate::lint::rules::authorization::wording::joined;
use crate::lint::rules::authorization::wording::replaced;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS173"),
    name: "pattern-overmatch",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A pattern that lets requests through and does not end at a separator, or that spans owners.",
    why: "`/admin*` is also `/administrator`, `cluster.local/ns/a*` also namespace `a-evil`, and `*/sa/admin` is whoever may create an account of that name in any namespace.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: ["/items*"]}}]}]}
"#,
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{to: [{operation: {paths: [/items, /items/*]}}]}]}
",
    specification: "AuthorizationPolicy reference, Rule, string matching",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.authorization_policy() else { return };
    for (list, value) in values(view, |attribute| matches!(attribute, Attribute::Paths | Attribute::Principals)) {
        let text = value.as_str();
        if !is_granting(policy.action.value, list) || is_regex_like(&list.attribute, text) {
            continue;
        }
        if list.attribute == Attribute::Paths {
            let Some(prefix) = text.strip_suffix('*').filter(|prefix| prefix.starts_with('/') && ends_in_word(prefix)) else { continue };
            let other = if prefix.ends_with("admin") { "istrator" } else { "-other" };
            let finding = RULE
                .at(value.span, format!("`{text}` also matches `{prefix}{other}`"))
                .with_label("the star does not stop at the end of the segment")
                .with_help(format!("write `{prefix}` and `{prefix}/*`"));
            let finding = replaced(finding, view, value, Safety::Unsafe, &format!("{prefix}/*"));
            let has_exact = list.values.iter().any(|other| other.value == prefix);
            found.push(if has_exact { finding } else { with_exact(finding, view, value, prefix) });
        } else if let Some(prefix) = text.strip_suffix('*').filter(|prefix| ends_in_word(prefix)) {
            found.push(
                RULE.at(value.span, format!("`{text}` also matches `{prefix}-other`"))
                    .with_label("the star does not stop at the end of the name")
                    .with_help(format!("write `{prefix}/*`, or name each identity")),
            );
        } else if let Some(account) = text.strip_prefix("*/sa/").filter(|account| !account.contains('*')) {
            found.push(
                RULE.at(value.span, format!("`{text}` is an account named `{account}` of any namespace"))
                    .with_label("whoever may create an account of this name has the access")
                    .with_help("name the namespace too, such as `serviceAccounts: [\"NAMESPACE/ACCOUNT\"]`"),
            );
        }
    }
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_alphanumeric()) && !text.contains('*')
}

/// One edit that writes both values, where the list stands in brackets.
fn with_exact(finding: Finding, view: &DocumentView<'_>, value: &Spanned<String>, prefix: &str) -> Finding {
    let Some(fix) = finding.fix.clone() else { return finding };
    let with_both = joined(Finding { fix: None, ..finding.clone() }, view, value, Safety::Unsafe, &[prefix]);
    // The two edits touch; what stands between them is written by one of them.
    let (Some(added), Some(written)) = (with_both.fix.and_then(|fix| fix.edits.into_iter().next()), fix.edits.first()) else {
        return Finding { fix: None, ..finding };
    };
    let is_before = added.span.0.offset == written.span.0.offset;
    let text = if is_before { format!("{}{}", added.text, written.text) } else { format!("{}{}", written.text, added.text) };
    Finding { fix: None, ..finding }.with_edit(Safety::Unsafe, value.span, text)
}
