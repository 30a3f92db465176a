use std::net::IpAddr;

use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::rules::request::jwt_rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS324"),
    name: "jwks-over-http",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A `jwksUri` with the scheme `http` and a host outside the cluster.",
    why: "Whoever stands between istiod and the host can exchange the keys, and then sign tokens.",
    example: r#"apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  jwtRules:
  - {issuer: "https://idp.example", audiences: [cart], jwksUri: "http://idp.example/keys"}
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

    for uri in policy.jwt_rules.iter().filter_map(|rule| rule.jwks_uri.as_ref()) {
        let Some((scheme, host)) = jwt_rule::scheme_and_host(&uri.value) else { continue };
        // An address has a rule of its own, and so have private hosts.
        if scheme != "http" || host.parse::<IpAddr>().is_ok() || jwt_rule::is_cluster_host(host) || jwt_rule::is_local_host(host) {
            continue;
        }
        let mut finding = RULE
            .at(uri.span, format!("the keys are fetched from `{host}` without TLS"))
            .with_label("whoever stands between can replace the keys")
            .with_help("write `https://`");
        if let Some(scheme) = jwt_rule::inside(view.text, uri, "http://") {
            finding = finding.with_edit(Safety::Unsafe, scheme, "https://");
        }
        found.push(finding);
    }
}
