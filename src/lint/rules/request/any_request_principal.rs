use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::manifest::kinds::Action;

pub(super) const RULE: Rule = Rule {
    code: Code("MS345"),
    name: "any-request-principal",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A policy that admits any request principal, `*`, where tokens of several issuers are accepted, or of any.",
    why: "Whoever one of the issuers knows is admitted. Tokens without a subject have no request principal and are not.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
  - {issuer: "https://other.example", audiences: [cart], jwksUri: "https://other.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["*"]}}]}]}
"#,
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
    specification: "AuthorizationPolicy reference, Source.requestPrincipals",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mesh = view.mesh;
    let mut issuers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for policy in &mesh.request_authentications {
        issuers.entry(&policy.id.namespace).or_default().extend(policy.spec.jwt_rules.iter().map(|rule| rule.issuer.as_str()));
    }
    if issuers.is_empty() {
        return;
    }
    for policy in mesh.authorization_policies.iter().filter(|policy| policy.spec.action.value == Action::Allow) {
        let any = value_lists(&policy.spec).into_iter().find_map(|list| {
            let is_any = list.attribute == Attribute::RequestPrincipals && !list.is_negated;
            list.values.iter().find(|value| is_any && value.value == "*")
        });
        let Some(any) = any else { continue };
        let near = [policy.id.namespace.as_str(), mesh.settings.root_namespace.as_str()];
        let accepted: BTreeSet<&str> = near.iter().filter_map(|namespace| issuers.get(namespace)).flatten().copied().collect();
        if accepted.len() < 2 && !accepted.contains("") {
            continue;
        }
        let headline = if accepted.contains("") {
            "tokens of any issuer are admitted".to_owned()
        } else {
            format!("tokens of {} issuers are admitted", accepted.len())
        };
        found.push(
            RULE.at(any.span, headline)
                .with_label("any request principal")
                .with_help("name the issuer that is meant: `<issuer>/*`")
                .likely(),
        );
    }
}
