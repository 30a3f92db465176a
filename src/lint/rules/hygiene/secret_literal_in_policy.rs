use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Attribute;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;

pub(super) const RULE: Rule = Rule {
    code: Code("MS914"),
    name: "secret-literal-in-policy",
    severity: Severity::Error,
    peers: &[],
    needs: Needs::Document,
    finds: "A token, password or key in a condition value or a host.",
    why: "Whoever may read the policy has the secret, and it stands in every copy of the repository.",
    example: r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/istio-system/sa/ingress]}}], when: [{key: "request.headers[x-api-key]", values: [sk_live_4eC39HqLyjWDarjtT1zdp7dc]}]}]}
"#,
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: example, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "RFC 6750 5.3",
    check: Check::Document(check),
};

/// How well-known secrets begin.
const PREFIXES: &[&str] = &[
    "Bearer ",
    "bearer ",
    "Basic ",
    "basic ",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "eyJ",
];

/// Parts of header names whose values are secrets.
const SECRET_NAMES: &[&str] = &["api-key", "apikey", "api_key", "auth-token", "access-token", "secret", "password", "passwd"];

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    for list in view.value_lists() {
        let is_secret_name = match &list.attribute {
            Attribute::Header(name) => SECRET_NAMES.iter().any(|part| name.to_ascii_lowercase().contains(part)),
            Attribute::Claims(_) | Attribute::Other(_) | Attribute::Hosts => false,
            Attribute::Principals
            | Attribute::RequestPrincipals
            | Attribute::Namespaces
            | Attribute::ServiceAccounts
            | Attribute::TrustDomains
            | Attribute::IpBlocks
            | Attribute::RemoteIpBlocks
            | Attribute::Ports
            | Attribute::Methods
            | Attribute::Paths
            | Attribute::DestinationIp
            | Attribute::Audiences
            | Attribute::Presenter
            | Attribute::Sni => continue,
        };
        let secret = list.values.iter().find(|value| is_secret(&value.value) || (is_secret_name && is_random(&value.value)));
        let Some(secret) = secret else { continue };
        // Not at the value, which would print it, unless it stands nowhere else.
        let span = list.key.map_or(secret.span, |key| key.span);
        found.push(
            RULE.at(span, "a value here looks like a secret")
                .with_label("its value is not repeated here")
                .with_help("revoke it, and check tokens with a RequestAuthentication or with an external provider"),
        );
    }
}

fn is_secret(value: &str) -> bool {
    PREFIXES.iter().any(|prefix| value.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 12 && is_token(rest)))
}

/// Letters and digits mixed, long enough that nobody means a word.
fn is_random(value: &str) -> bool {
    value.len() >= 16
        && is_token(value)
        && value.contains(|c: char| c.is_ascii_digit())
        && value.contains(|c: char| c.is_ascii_alphabetic())
}

fn is_token(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '='))
}
