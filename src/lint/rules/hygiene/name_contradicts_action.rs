use crate::diag::Code;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::lint::Check;
use crate::lint::DocumentView;
use crate::lint::Needs;
use crate::lint::Rule;
use crate::lint::ValueList;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PeerAuthentication;

pub(super) const RULE: Rule = Rule {
    code: Code("MS903"),
    name: "name-contradicts-action",
    severity: Severity::Warning,
    peers: &[],
    needs: Needs::Document,
    finds: "A name that says the opposite of what the object does: `deny-..` that allows, `allow-..` that denies, `strict` that is not, `default` for some workloads only.",
    why: "In an incident people read names, not rules.",
    example: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: deny-web, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    instead: r"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-web, namespace: shop}
spec: {selector: {matchLabels: {app: cart}}, action: ALLOW, rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]}]}
",
    specification: "Conventions of this field",
    check: Check::Document(check),
};

fn check(view: &DocumentView<'_>, found: &mut Vec<Finding>) {
    let name = &view.header.name;
    let words: Vec<&str> = name.value.split(['-', '.']).collect();
    let contradiction = match (view.authorization_policy(), view.peer_authentication()) {
        (Some(policy), _) => of_policy(&words, policy, view.value_lists()),
        (None, Some(policy)) => of_mode(&words, policy),
        (None, None) => None,
    };
    if let Some(what) = contradiction {
        found.push(
            RULE.at(name.span, format!("`{}` {what}", name.value))
                .with_label("the name says otherwise")
                .with_help("rename the object, or correct what it does"),
        );
    }
}

fn of_policy(words: &[&str], policy: &AuthorizationPolicy, lists: &[ValueList<'_>]) -> Option<&'static str> {
    let has_rules = policy.rules.as_ref().is_some_and(|rules| !rules.is_empty());
    // "Allow only web" may well be written as a denial of everybody else, and an ALLOW without rules denies.
    if !has_rules || lists.iter().any(|list| list.is_negated) {
        return None;
    }
    match (words.first().copied()?, policy.action.value) {
        ("deny" | "block" | "reject" | "forbid", Action::Allow) => Some("allows what its rules match"),
        ("allow" | "permit", Action::Deny) => Some("denies what its rules match"),
        _ => None,
    }
}

fn of_mode(words: &[&str], policy: &PeerAuthentication) -> Option<&'static str> {
    let has_labels = policy.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty());
    if words == ["default"] && has_labels {
        return Some("concerns only the workloads it selects");
    }
    let mode = policy.mode.as_ref()?.value;
    let is_anywhere = |wanted| policy.port_level.values().any(|port| port.value == wanted);
    let says = |word| words.contains(&word);
    match mode {
        MutualTlsMode::Permissive if says("strict") && !is_anywhere(MutualTlsMode::Strict) => Some("accepts plaintext"),
        MutualTlsMode::Disable if says("strict") && !is_anywhere(MutualTlsMode::Strict) => Some("switches mutual TLS off"),
        MutualTlsMode::Strict if says("permissive") && !is_anywhere(MutualTlsMode::Permissive) => Some("demands mutual TLS"),
        MutualTlsMode::Strict if says("disable") && !is_anywhere(MutualTlsMode::Disable) => Some("demands mutual TLS"),
        MutualTlsMode::Strict | MutualTlsMode::Permissive | MutualTlsMode::Disable | MutualTlsMode::Unset => None,
    }
}
