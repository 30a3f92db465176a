use std::collections::BTreeSet;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::MeshView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;
use crate::lint::rules::request::meeting::Met;
use crate::lint::rules::request::meeting::meetings;
use crate::lint::rules::request::meeting::outputs;

pub(super) const RULE: Rule = Rule {
    code: Code("MS338"),
    name: "header-output-across-providers",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Manifests,
    finds: "Rules of different issuers at one proxy that write different headers.",
    why: "Before Envoy 1.40 only the headers of rules that were tried are taken out of the request: with a valid token of one issuer the client may add the header of the other one itself.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-a-user, claim: sub}]}
  - {issuer: "https://other.example", audiences: [cart], jwksUri: "https://other.example/keys", outputClaimToHeaders: [{header: x-b-user, claim: sub}]}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-user, claim: sub}]}
  - {issuer: "https://other.example", audiences: [cart], jwksUri: "https://other.example/keys", outputClaimToHeaders: [{header: x-user, claim: sub}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "Envoy JWT authentication, claim_to_headers; release notes of Envoy 1.40",
    check: Check::Mesh(check),
};

fn check(view: &MeshView<'_>, found: &mut Vec<Finding>) {
    let mut told = BTreeSet::new();
    for rules in meetings(view) {
        for met in &rules {
            let own = outputs(met.rule);
            let is_other = |other: &&Met<'_>| other.rule.issuer != met.rule.issuer && !outputs(other.rule).is_superset(&own);
            let Some(other) = rules.iter().take(COMPARED).find(is_other).filter(|_| !own.is_empty()) else { continue };
            let theirs = outputs(other.rule);
            let headers = met.rule.output_payload_to_header.iter().chain(met.rule.output_claim_to_headers.iter().map(|output| &output.header));
            let Some(header) = headers.into_iter().find(|header| !theirs.contains(&header.value.to_ascii_lowercase())) else { continue };
            if !told.insert((header.span.source, header.span.offset)) {
                continue;
            }
            found.push(
                RULE.at(header.span, format!("a client with a token of `{}` may send header `{}` itself", other.rule.issuer.value, header.value))
                    .with_label("taken out of the request only when this rule is tried")
                    .with_secondary(jwt_rule::place_of(other.rule), "this rule does not write the header")
                    .with_note("since Envoy 1.40 the headers of all rules are taken out of every request")
                    .with_help("write the same headers in every rule"),
            );
        }
    }
}

/// Rules of a proxy that one is compared with.
const COMPARED: usize = 50;
