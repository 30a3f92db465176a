use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::authorization::wording::is_damaged;
use crate::lint::rules::authorization::wording::values;

pub(super) const RULE: Rule = Rule {
    code: Code("MS141"),
    name: "principal-shape",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A principal that is not written `TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT`.",
    why: "Principals are compared as text with the name in the caller's certificate, which always has this form; another form never matches.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [ns/shop/sa/web]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.principals",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::Principals) {
        let text = value.as_str();
        // Other mistakes with a rule of their own.
        if text.contains('*') || text.contains("://") || is_damaged(text) {
            continue;
        }
        let Some(problem) = problem(text) else { continue };
        found.push(
            RULE.at(value.span, format!("principal `{text}` is no identity of the mesh, so it never matches"))
                .with_label(problem)
                .with_help(help(text)),
        );
    }
}

/// What is wrong with an exact principal.
fn problem(text: &str) -> Option<&'static str> {
    if text.starts_with("system:serviceaccount:") {
        return Some("this is the Kubernetes name of a service account");
    }
    if text.starts_with('/') {
        return Some("the trust domain is missing before the first slash");
    }
    if text.chars().any(char::is_whitespace) {
        return Some("identities hold no blanks");
    }
    let parts: Vec<&str> = text.split('/').collect();
    match parts.as_slice() {
        ["ns", _, "sa", _] => Some("the trust domain is missing before `ns/`"),
        [_, ns, _, sa, _] if *ns != "ns" && *sa != "sa" => None,
        [_, "ns", namespace, "sa", account] => {
            let has_upper = |text: &str| text.chars().any(|c| c.is_ascii_uppercase());
            if namespace.is_empty() || account.is_empty() {
                Some("a part is empty")
            } else if has_upper(namespace) || has_upper(account) {
                Some("names of namespaces and service accounts are lower case")
            } else {
                None
            }
        }
        [_] | [_, "ns", ..] | [_, _, _, "sa", ..] => Some("the form is `TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT`"),
        // Identities of other systems have their own paths.
        _ => None,
    }
}

fn help(text: &str) -> String {
    let account = text.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    let parts: Vec<&str> = text.split('/').collect();
    let account = match (account, parts.as_slice()) {
        (Some(account), _) => Some(account),
        (None, ["ns", namespace, "sa", account] | ["", "ns", namespace, "sa", account]) => Some((*namespace, *account)),
        (None, _) => None,
    };
    if let Some((namespace, account)) = account {
        return format!("write `serviceAccounts: [\"{namespace}/{account}\"]`, or put the trust domain before it");
    }
    match parts.as_slice() {
        [account] if !account.contains(char::is_whitespace) => {
            format!("write `serviceAccounts: [\"NAMESPACE/{account}\"]`, or the whole identity")
        }
        _ => "write the identity as `TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT`".to_owned(),
    }
}
