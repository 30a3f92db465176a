use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS129"),
    name: "method-unknown",
    severity: Severity::Warning,
    peers: &["KIA0102"],
    needs: Needs::Document,
    finds: "A method that HTTP does not have, or a pattern that none of its methods satisfies.",
    why: "No request carries it, so the value never matches.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [FETCH]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}], to: [{operation: {methods: [GET]}}]}]}
",
    specification: "RFC 9110 9; IANA HTTP method registry",
    check: Check::Document(check),
};

/// Registered methods, and those in wide use.
const METHODS: &[&str] = &[
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PRI",
    "PROPFIND",
    "PROPPATCH",
    "PURGE",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists().iter().filter(|list| list.attribute == Attribute::Methods) {
        for value in list.values.iter().filter(|value| !value.value.is_empty() && !is_known(&value.value)) {
            let finding = RULE
                .at(value.span, format!("`{}` is no HTTP method", value.value))
                .with_label(if list.is_negated { "excludes nothing" } else { "never matches" });
            let upper = value.value.to_ascii_uppercase();
            let nearest = METHODS.iter().find(|method| strsim::damerau_levenshtein(method, &upper) == 1);
            found.push(match nearest {
                Some(method) => finding.with_help(format!("write `{method}`")),
                None => finding.with_help("write the method that is meant, such as `GET`"),
            });
        }
    }
}

/// Another case than its own is another mistake.
fn is_known(written: &str) -> bool {
    let upper = written.to_ascii_uppercase();
    METHODS.iter().any(|method| match (upper.strip_prefix('*'), upper.strip_suffix('*')) {
        _ if upper == "*" => true,
        (Some(end), _) => method.ends_with(end),
        (None, Some(start)) => method.starts_with(start),
        (None, None) => *method == upper,
    })
}
