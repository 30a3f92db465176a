use std::net::IpAddr;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS327"),
    name: "issuer-and-keys-differ",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "A rule whose issuer and `jwksUri` are of different domains.",
    why: "Keys of another tenant, copied from elsewhere, accept that tenant's tokens for the text of your issuer.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://keys.other.example.net/keys"}
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
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "https://idp.example/keys"}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: require-token, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {requestPrincipals: ["https://idp.example/*"]}}]}]}
"#,
    specification: "RequestAuthentication reference, JWTRule, jwksUri",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for rule in &policy.jwt_rules {
        let Some(uri) = &rule.jwks_uri else { continue };
        let hosts = jwt_rule::scheme_and_host(&rule.issuer.value).zip(jwt_rule::scheme_and_host(&uri.value));
        let Some(((_, issuer), (_, keys))) = hosts else { continue };
        let is_address = [issuer, keys].iter().any(|host| host.parse::<IpAddr>().is_ok());
        if is_address || jwt_rule::is_cluster_host(keys) || jwt_rule::is_local_host(keys) {
            continue;
        }
        let (of_issuer, of_keys) = (jwt_rule::domain(issuer), jwt_rule::domain(keys));
        let is_known = |(a, b): &(&str, &str)| of_issuer.eq_ignore_ascii_case(a) && of_keys.eq_ignore_ascii_case(b);
        if of_issuer.eq_ignore_ascii_case(of_keys) || KNOWN.iter().any(is_known) {
            continue;
        }
        found.push(
            RULE.at(uri.span, format!("the keys are of `{of_keys}`, the issuer is of `{of_issuer}`"))
                .with_secondary(rule.issuer.span, "the issuer")
                .with_help("if both belong together, say so in an ignore comment"),
        );
    }
}

/// Issuers that publish their keys under another domain.
const KNOWN: &[(&str, &str)] = &[
    ("google.com", "googleapis.com"),
    ("windows.net", "microsoftonline.com"),
    ("microsoftonline.com", "windows.net"),
    ("microsoft.com", "microsoftonline.com"),
];
