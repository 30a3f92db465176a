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
    code: Code("MS159"),
    name: "request-principal-shape",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A request principal that is not written `ISSUER/SUBJECT`.",
    why: "It is split at its last slash into issuer and subject. Without one of them it never matches.",
    example: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: [alice]}}]}]}
",
    instead: "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {requestPrincipals: [https://idp.example/alice]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.requestPrincipals",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for (_, value) in values(view, |attribute| *attribute == Attribute::RequestPrincipals) {
        let text = value.as_str();
        if text.contains('*') {
            continue;
        }
        let problem = match text.rsplit_once('/') {
            None => "there is no slash between issuer and subject",
            Some(("", _)) => "the issuer before the last slash is missing",
            Some((_, "")) => "the subject behind the last slash is missing",
            Some(_) => continue,
        };
        let help = if text.ends_with('/') {
            format!("write `{text}*` for any subject of this issuer")
        } else {
            "write `ISSUER/SUBJECT`, such as `https://idp.example/alice`, or a condition on `request.auth.claims[sub]`".to_owned()
        };
        found.push(
            RULE.at(value.span, format!("request principal `{text}` never matches")).with_label(problem).with_help(help),
        );
    }
}
