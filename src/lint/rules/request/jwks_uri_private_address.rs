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
    code: Code("MS325"),
    name: "jwks-uri-private-address",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A `jwksUri` that leads to a private, local or metadata address.",
    why: "Recent versions of istiod refuse to fetch from there; older ones let whoever may write the object look into the network of the control plane.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "http://169.254.169.254/keys"}
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
    specification: "RequestAuthentication reference, JWTRule, jwksUri; istiod refuses link-local and metadata addresses",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.request_authentication() else { return };

    for uri in policy.jwt_rules.iter().filter_map(|rule| rule.jwks_uri.as_ref()) {
        let Some((_, host)) = jwt_rule::scheme_and_host(&uri.value) else { continue };
        let what = match host.parse::<IpAddr>() {
            Ok(address) => kind_of(address),
            Err(_) if jwt_rule::is_local_host(host) => Some("istiod itself"),
            Err(_) if host.eq_ignore_ascii_case("metadata.google.internal") => Some("the metadata service of the cloud"),
            Err(_) => None,
        };
        let Some(what) = what else { continue };
        found.push(
            RULE.at(uri.span, format!("the keys are fetched from `{host}`"))
                .with_label(format!("this is {what}"))
                .with_help("name the issuer's public host"),
        );
    }
}

/// What is odd about an address to fetch keys from.
fn kind_of(address: IpAddr) -> Option<&'static str> {
    let address = address.to_canonical();
    match address {
        IpAddr::V4(v4) if v4.is_link_local() => Some("the metadata service of the cloud, or another link-local address"),
        IpAddr::V4(v4) if v4.is_private() => Some("a private address"),
        IpAddr::V6(v6) if v6.is_unicast_link_local() => Some("a link-local address"),
        IpAddr::V6(v6) if v6.is_unique_local() => Some("a private address"),
        _ if address.is_loopback() || address.is_unspecified() => Some("istiod itself"),
        IpAddr::V4(_) | IpAddr::V6(_) => None,
    }
}
