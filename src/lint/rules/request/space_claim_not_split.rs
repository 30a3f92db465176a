use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::value_lists;
use crate::manifest::kinds::JwtRule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS344"),
    name: "space-claim-not-split",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "A condition on one value of a claim that the issuer writes as one text with blanks, and that no rule splits: `scp` of Microsoft, and the claims of option `claims`.",
    why: "The whole text is compared: a token with two values has neither of them.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://login.microsoftonline.com/t/v2.0", audiences: [cart], jwksUri: "https://login.microsoftonline.com/t/discovery/v2.0/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{when: [{key: "request.auth.claims[scp]", values: [read]}]}]}
"#,
    instead: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://login.microsoftonline.com/t/v2.0", audiences: [cart], jwksUri: "https://login.microsoftonline.com/t/discovery/v2.0/keys", spaceDelimitedClaims: [scp]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{when: [{key: "request.auth.claims[scp]", values: [read]}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule.spaceDelimitedClaims",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    for claim in &view.options.joined_claims {
        of_claim(view, claim, found);
    }
}

fn of_claim(view: &MeshView<'_>, claim: &str, found: &mut Vec<Finding>) {
    // istiod splits these of every issuer.
    if matches!(claim, "scope" | "permission") {
        return;
    }
    let root = view.mesh.settings.root_namespace.as_str();
    // Namespaces with a rule of an issuer that writes the claim as one text, and that does not split it.
    let mut unsplit: BTreeMap<&str, &JwtRule> = BTreeMap::new();
    for policy in &view.mesh.request_authentications {
        let joins = |rule: &&JwtRule| {
            (claim != SCOPES || JOINING.iter().any(|start| rule.issuer.value.starts_with(start)))
                && !rule.space_delimited_claims.iter().any(|other| other.value == claim)
        };
        if let Some(rule) = policy.spec.jwt_rules.iter().find(joins) {
            unsplit.entry(&policy.id.namespace).or_insert(rule);
        }
    }
    if unsplit.is_empty() {
        return;
    }
    for policy in &view.mesh.authorization_policies {
        let Some(rule) = unsplit.get(policy.id.namespace.as_str()).or_else(|| unsplit.get(root)) else { continue };
        for list in value_lists(&policy.spec) {
            let is_meant = matches!(&list.attribute, Attribute::Claims(name) if name == claim);
            let Some(value) = list.values.iter().find(|value| is_meant && !value.value.contains(['*', ' '])) else { continue };
            found.push(
                RULE.at(value.span, format!("`{}` matches only tokens that have nothing else in `{claim}`", value.value))
                    .with_label("the claim is one text with all of them")
                    .with_secondary(rule.issuer.span, "this rule does not split it")
                    .with_help(format!("add `spaceDelimitedClaims: [{claim}]` to the rule"))
                    .likely(),
            );
        }
    }
}

/// The claim of which only some issuers are known to write it as one text.
const SCOPES: &str = "scp";

/// Issuers that write `scp` as one text.
const JOINING: &[&str] = &["https://login.microsoftonline.com/", "https://sts.windows.net/"];
