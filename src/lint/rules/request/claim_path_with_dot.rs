use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS342"),
    name: "claim-path-with-dot",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A claim for `outputClaimToHeaders` that is a URL.",
    why: "Dots lead into nested objects, so that a claim whose name is a URL is not found: the header is not written. Only proxies after Envoy 1.40 try the name as it stands.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-role, claim: "https://corp.example/role"}]}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-role, claim: role}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule, outputClaimToHeaders",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for output in policy.jwt_rules.iter().flat_map(|rule| &rule.output_claim_to_headers) {
        let claim = &output.claim;
        if !claim.value.contains('.') || !claim.value.contains(['/', ':']) {
            continue;
        }
        found.push(
            RULE.at(claim.span, format!("header `{}` is not written: the dots of `{}` are read as nesting", output.header.value, claim.value))
                .with_label("a claim whose name is a URL is not found")
                .with_help("let the issuer write the claim under a name without dots"),
        );
    }
}
