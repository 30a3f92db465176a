use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS339"),
    name: "output-header-collision",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule that writes one header twice, or the header that the token comes in.",
    why: "Values are added, not replaced: the application that reads the first one may read the wrong one. A header that is written is taken out of the request before the token is looked for.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-user, claim: sub}, {header: X-User, claim: email}]}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-user, claim: sub}, {header: x-email, claim: email}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule, outputClaimToHeaders, outputPayloadToHeader",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in &policy.jwt_rules {
        let mut seen: BTreeMap<String, (Span, &str)> = BTreeMap::new();
        for header in &rule.from_headers {
            seen.insert(header.name.value.to_ascii_lowercase(), (header.name.span, "the token comes in it"));
        }
        let payload = rule.output_payload_to_header.iter().map(|header| (header, "the payload is written to it"));
        let claims = rule.output_claim_to_headers.iter().map(|output| (&output.header, "a claim is written to it"));
        for (header, what) in payload.chain(claims).filter(|(header, _)| !header.value.is_empty()) {
            let name = header.value.to_ascii_lowercase();
            match seen.get(&name) {
                None => {
                    seen.insert(name, (header.span, what));
                }
                Some((first, why)) => found.push(
                    RULE.at(header.span, format!("header `{}` is used twice", header.value))
                        .with_label(what)
                        .with_secondary(*first, *why)
                        .with_help("give each a header of its own"),
                ),
            }
        }
    }
}
