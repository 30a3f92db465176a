use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::lint::tree::entry;
use crate::lint::tree::list;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS335"),
    name: "authorization-without-prefix",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule that reads the header Authorization without a prefix.",
    why: "The whole value is taken for the token, the word `Bearer` with it: every ordinary client gets 401.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", fromHeaders: [{name: Authorization}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", fromHeaders: [{name: Authorization, prefix: "Bearer "}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RFC 6750 section 2.1; RequestAuthentication reference, JWTRule, fromHeaders",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for (index, rule) in policy.jwt_rules.iter().enumerate() {
        for (at, header) in rule.from_headers.iter().enumerate() {
            if !header.name.value.eq_ignore_ascii_case("authorization") || !header.prefix.is_empty() {
                continue;
            }
            let finding = RULE
                .at(header.name.span, "the word `Bearer` is taken for a part of the token")
                .with_label("clients that send `Authorization: Bearer ..` get 401")
                .with_help("add `prefix: \"Bearer \"`");
            let location = jwt_rule::field(view.node, index, "fromHeaders").and_then(|places| list(places).get(at));
            found.push(match location.and_then(|location| edit(view.text, location, header.name.span)) {
                Some((span, text)) => finding.with_edit(Safety::Safe, span, text),
                None => finding,
            });
        }
    }
}

/// Adds the prefix behind the name, in the style of the mapping.
fn edit(text: &str, location: &Node, name: Span) -> Option<(Span, String)> {
    if let Some((_, prefix)) = entry(location, "prefix") {
        return prefix.as_str().is_some().then(|| (prefix.span, "\"Bearer \"".to_owned()));
    }
    let behind = Span { offset: name.offset + name.length, length: 0, ..name };
    if text.get(location.span.offset as usize..)?.starts_with('{') {
        return Some((behind, ", prefix: \"Bearer \"".to_owned()));
    }
    let column = location.span.column.checked_sub(1)? as usize;
    Some((behind, format!("\n{}prefix: \"Bearer \"", " ".repeat(column))))
}
