use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Safety;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::edits;
use crate::lint::istio_version;
use crate::lint::tree;
use crate::manifest::yaml::Node;

pub(super) const RULE: Rule = Rule {
    code: Code("MS911"),
    name: "principals-could-be-service-accounts",
    severity: Severity::Info,
    peers: &[],
    needs: Needs::Document,
    finds: "Principals that are service accounts of the mesh's own trust domain, written out.",
    why: "`serviceAccounts` names them without the trust domain, so the policy survives a change of it.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {serviceAccounts: [shop/web]}}]}]}
",
    specification: "AuthorizationPolicy reference, Source.serviceAccounts",
    check: Check::Document(check),
};

/// The minor version since which the field is there.
const SINCE: u32 = 25;

/// How many service accounts a list may have.
const MOST: usize = 16;

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let Some(policy) = view.raw("security.istio.io", "AuthorizationPolicy") else { return };
    let version = view.options.istio_version.as_deref().and_then(istio_version::parse);
    if version.is_some_and(|(minor, _)| minor < SINCE) {
        return;
    }
    for rule in tree::items_at(policy, &["spec", "rules"]) {
        for source in tree::items(rule, "from").iter().filter_map(|from| from.get("source")) {
            found.extend(in_source(view, source));
        }
    }
}

/// A source may name identities in one way only.
fn in_source(view: &DocumentView<'_>, source: &Node) -> Option<Finding> {
    const OTHERS: [&str; 5] = ["namespaces", "notNamespaces", "notPrincipals", "serviceAccounts", "notServiceAccounts"];
    let (key, list) = tree::entry(source, "principals")?;
    let values = tree::list(list);
    if values.is_empty() || values.len() > MOST || OTHERS.iter().any(|other| source.get(other).is_some()) {
        return None;
    }
    let own = view.options.trust_domain.as_deref();
    let accounts: Option<Vec<(&Node, &str, String)>> = values
        .iter()
        .map(|value| {
            let text = value.as_str()?;
            Some((value, text, account(text, own)?))
        })
        .collect();
    let accounts = accounts?;
    let (first, _, account) = accounts.first()?;
    let mut finding = RULE
        .at(first.span, format!("this is service account `{account}` of the mesh"))
        .with_label("written with the trust domain")
        .with_help("write `serviceAccounts` instead of `principals`");
    let edits: Option<Vec<_>> = accounts
        .iter()
        .map(|(value, old, new)| Some((value.span, edits::rewritten(view.text, value.span, old, new)?)))
        .collect();
    let edits = edits.filter(|_| edits::slice(view.text, key.span) == Some("principals"));
    if let Some(edits) = edits {
        finding = finding.with_edit(Safety::Unsafe, key.span, "serviceAccounts");
        for (span, text) in edits {
            finding = finding.with_edit(Safety::Unsafe, span, text);
        }
    }
    Some(finding)
}

/// `namespace/account` of an identity of the mesh's own trust domain.
fn account(principal: &str, own: Option<&str>) -> Option<String> {
    let (domain, rest) = principal.split_once("/ns/")?;
    let (namespace, account) = rest.split_once("/sa/")?;
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'))
    };
    let is_own = domain == "cluster.local" || own.is_some_and(|own| own == domain);
    (is_own && is_name(namespace) && is_name(account)).then(|| format!("{namespace}/{account}"))
}
