use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS340"),
    name: "output-header-sensitive",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule that writes a claim or the payload to a header that decides about routing, addresses or identity.",
    why: "The header is taken out of every request and set from the token: routes, client addresses or credentials change. Written to Authorization, the token itself is gone before it is looked for.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-forwarded-for, claim: ip}]}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys", outputClaimToHeaders: [{header: x-jwt-ip, claim: ip}]}
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

    for rule in &policy.jwt_rules {
        let outputs = rule.output_payload_to_header.iter().chain(rule.output_claim_to_headers.iter().map(|output| &output.header));
        for header in outputs {
            let name = header.value.to_ascii_lowercase();
            let what = match name.as_str() {
                "authorization" => "the token that comes in it is taken out before it is looked for",
                "host" => "it decides about the route",
                "cookie" => "the cookies of the client are lost",
                _ if name.starts_with(':') => "it decides about the route",
                _ if name.starts_with("x-forwarded-") => "proxies and applications take it for the client's address or name",
                _ if name.starts_with("x-envoy-") => "it steers the proxy",
                _ => continue,
            };
            found.push(
                RULE.at(header.span, format!("header `{}` is overwritten from the token", header.value))
                    .with_label(what)
                    .with_help("write to a header of your own, such as `x-jwt-user`"),
            );
        }
    }
}
