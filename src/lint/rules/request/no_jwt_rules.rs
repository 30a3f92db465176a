use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS321"),
    name: "no-jwt-rules",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A RequestAuthentication without `jwtRules`.",
    why: "It does nothing: rules of other policies for the same workloads are added up, so it does not take them away either.",
    example: r"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules: []
",
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    if policy.jwt_rules.is_empty() {
        let name = &view.header.name;
        found.push(
            RULE.at(name.span, format!("`{}` has no rules, so it does nothing", name.value))
                .with_label("rules of other policies for the same workloads stay in force")
                .with_help("delete it, or write the rules"),
        );
    }
}
