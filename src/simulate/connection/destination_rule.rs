use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::manifest::kinds::ClientTls;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::Subset;
use crate::manifest::kinds::TrafficPolicy;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Service;
use crate::mesh::selector_matches;

/// What remains of the rules for one host in one namespace: rules that may be joined are one.
#[derive(Debug, Clone)]
pub(super) struct Merged<'a> {
    namespace: &'a str,
    export_to: BTreeSet<&'a str>,
    selector: Option<&'a Selector>,
    /// Index of the rule the policy comes from, and the policy.
    policy: Option<(usize, &'a TrafficPolicy)>,
    /// Index of the rule each subset comes from, and the subset.
    subsets: Vec<(usize, &'a Subset)>,
}

/// Settings with the index of the rule they come from.
pub(super) type Found<'a> = Option<(usize, &'a ClientTls)>;

/// What the rules say about one port and subset of a service.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ClientPolicy<'a> {
    /// TLS settings of the cluster; `None` leaves it to automatic mutual TLS.
    pub(super) tls: Found<'a>,
    /// The mode that the choice per endpoint goes by; it differs from `tls` where a port's settings hold none.
    pub(super) endpoint_mode: Option<ClientTlsMode>,
    /// Calls go to the address the application names.
    pub(super) original_destination: bool,
    /// The policy itself (not that of the port) passes calls through, which makes the service's mode depend on all endpoints.
    pub(super) passes_through: bool,
    /// The rule has a `workloadSelector`.
    pub(super) has_selector: bool,
}

/// The rule that a client in a namespace, with these labels, uses for a service.
pub(super) fn find<'a>(
    mesh: &'a Mesh,
    client_namespace: &str,
    client_labels: &BTreeMap<String, String>,
    service: &Service,
) -> Option<Merged<'a>> {
    let root = mesh.settings.root_namespace.as_str();
    let own = if client_namespace == root {
        in_namespace(mesh, root, &service.hostname, Index::PrivateToRoot)
    } else {
        in_namespace(mesh, client_namespace, &service.hostname, Index::Local)
    };
    let rules = own
        .or_else(|| exported(mesh, &service.id.namespace, &service.hostname, client_namespace))
        .or_else(|| exported(mesh, root, &service.hostname, client_namespace))?;
    let mut for_all = None;
    for rule in rules {
        match rule.selector {
            None => for_all = Some(rule),
            Some(selector) if rule.namespace == client_namespace && selector_matches(selector, client_labels) => {
                return Some(rule);
            }
            Some(_) => {}
        }
    }
    for_all
}

/// Rules that a namespace exports to another; `None` when none of its one matching host is.
fn exported<'a>(mesh: &'a Mesh, owner: &str, host: &str, client_namespace: &str) -> Option<Vec<Merged<'a>>> {
    let mut rules = in_namespace(mesh, owner, host, Index::Exported)?;
    rules.retain(|rule| rule.export_to.is_empty() || rule.export_to.contains("*") || rule.export_to.contains(client_namespace));
    (!rules.is_empty()).then_some(rules)
}

/// The three lists in which rules are looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    /// What a namespace's own clients see.
    Local,
    /// What a namespace shows to others.
    Exported,
    /// What the root namespace keeps to itself.
    PrivateToRoot,
}

/// The rules of a namespace for the one host of theirs that fits best: the exact one, else the longest wildcard.
fn in_namespace<'a>(mesh: &'a Mesh, namespace: &str, host: &str, index: Index) -> Option<Vec<Merged<'a>>> {
    let listed: Vec<(usize, &Object<DestinationRule>, String)> = mesh
        .destination_rules_in(namespace)
        .iter()
        .filter_map(|position| Some((*position, mesh.destination_rules.get(*position)?)))
        .filter(|(_, rule)| is_listed(mesh, rule, index))
        .map(|(position, rule)| (position, rule, mesh.destination_rule_host(rule)))
        .collect();
    let best = best_host(host, listed.iter().map(|(_, _, host)| host.as_str()))?.to_owned();
    let of_host = |selected: bool| {
        let best = best.clone();
        listed.iter().filter(move |(_, rule, host)| *host == best && rule.spec.workload_selector.is_some() == selected)
    };
    let mut merged: Vec<Merged<'a>> = Vec::new();
    // Rules with a selector come first, each group oldest first.
    for (position, rule, _) in of_host(true).chain(of_host(false)) {
        merge(&mut merged, *position, rule, mesh.settings.feature("ENABLE_ENHANCED_DESTINATIONRULE_MERGE", true));
    }
    Some(merged)
}

fn export_set(rule: &Object<DestinationRule>) -> BTreeSet<&str> {
    if rule.spec.workload_selector.is_some() {
        return BTreeSet::from(["."]);
    }
    rule.spec.export_to.iter().map(|namespace| namespace.value.as_str()).collect()
}

fn is_listed(mesh: &Mesh, rule: &Object<DestinationRule>, index: Index) -> bool {
    let own = rule.id.namespace.as_str();
    let export_to = export_set(rule);
    let by_default = || mesh.settings.default_destination_rule_export_to.iter().any(|namespace| namespace == ".");
    let private = if export_to.is_empty() {
        by_default()
    } else {
        export_to.len() == 1 && (export_to.contains(".") || export_to.contains(own))
    };
    match index {
        Index::Local => export_to.is_empty() || ["*", ".", own].iter().any(|namespace| export_to.contains(namespace)),
        Index::Exported => !private,
        Index::PrivateToRoot => private,
    }
}

/// A host without a dot means a service of the rule's namespace.
pub(crate) fn full_host(mesh: &Mesh, rule: &Object<DestinationRule>) -> String {
    mesh.destination_rule_host(rule)
}

/// The host that fits a service best: itself, else the longest wildcard whose end it has. `*.a.com` does not fit `a.com`.
pub(super) fn best_host<'h>(service: &str, hosts: impl Iterator<Item = &'h str> + Clone) -> Option<&'h str> {
    if let Some(exact) = hosts.clone().find(|host| *host == service) {
        return Some(exact);
    }
    let needle = service.strip_prefix('*').unwrap_or(service);
    hosts.filter(|host| host.strip_prefix('*').is_some_and(|end| needle.ends_with(end))).max_by_key(|host| host.len())
}

/// Adds a rule to those before it, as istiod does: joined with every earlier rule that has the same `exportTo` (or a part of it) and the
/// same selector, and kept on its own unless the last rule looked at took it in.
fn merge<'a>(rules: &mut Vec<Merged<'a>>, position: usize, rule: &'a Object<DestinationRule>, enhanced: bool) {
    let export_to = export_set(rule);
    let selector = rule.spec.workload_selector.as_ref();
    let mut on_its_own = true;
    for earlier in rules.iter_mut() {
        if enhanced {
            if export_to == earlier.export_to {
                on_its_own = false;
            } else if !earlier.export_to.is_empty() && export_to.is_superset(&earlier.export_to) {
                on_its_own = true;
            } else {
                on_its_own = true;
                continue;
            }
        }
        match (earlier.selector, selector) {
            (Some(theirs), Some(ours)) if theirs.match_labels != ours.match_labels => {
                on_its_own = true;
                continue;
            }
            (Some(_), Some(_)) | (None, None) => on_its_own = false,
            (Some(_), None) | (None, Some(_)) => {}
        }
        for subset in &rule.spec.subsets {
            if !earlier.subsets.iter().any(|(_, known)| known.name == subset.name) {
                earlier.subsets.push((position, subset));
            }
        }
        if earlier.policy.is_none() {
            earlier.policy = rule.spec.traffic_policy.as_ref().map(|policy| (position, policy));
        }
    }
    if on_its_own {
        rules.push(Merged {
            namespace: &rule.id.namespace,
            export_to,
            selector,
            policy: rule.spec.traffic_policy.as_ref().map(|policy| (position, policy)),
            subsets: rule.spec.subsets.iter().map(|subset| (position, subset)).collect(),
        });
    }
}

impl<'a> Merged<'a> {
    /// The subset with this name.
    pub(super) fn subset(&self, name: &str) -> Option<(usize, &'a Subset)> {
        self.subsets.iter().find(|(_, subset)| subset.name.value == name).copied()
    }

    /// What it says about a port of the service, for calls to a subset or to none.
    pub(super) fn policy(&self, port: u16, subset: Option<(usize, &'a Subset)>) -> ClientPolicy<'a> {
        let top = self.policy;
        let of_port = top.map(|(rule, policy)| (rule, at_port(policy, port)));
        let mut tls = of_port.and_then(|(rule, policy)| policy.tls.map(|tls| (rule, tls)));
        let mut original_destination = of_port.is_some_and(|(_, policy)| policy.pass_through);
        let mut endpoint_mode = top.and_then(|(_, policy)| mode_at_port(policy, port));
        let mut passes_through = top.is_some_and(|(_, policy)| policy.pass_through);
        if let Some((rule, subset)) = subset {
            let own = subset.traffic_policy.as_ref();
            passes_through = own.is_some_and(|policy| policy.pass_through);
            endpoint_mode = own.and_then(|policy| mode_at_port(policy, port)).or(endpoint_mode);
            if let Some(policy) = own {
                let at_port = at_port(policy, port);
                if at_port.tls.is_some() || at_port.replaces {
                    tls = at_port.tls.map(|tls| (rule, tls));
                }
                original_destination |= policy.pass_through || at_port.pass_through;
            }
        }
        ClientPolicy { tls, endpoint_mode, original_destination, passes_through, has_selector: self.selector.is_some() }
    }
}

/// A traffic policy as it is at one port.
#[derive(Debug, Clone, Copy)]
struct AtPort<'a> {
    tls: Option<&'a ClientTls>,
    pass_through: bool,
    /// The port has settings of its own, which inherit nothing.
    replaces: bool,
}

fn at_port(policy: &TrafficPolicy, port: u16) -> AtPort<'_> {
    match policy.port_level.iter().find(|entry| entry.port.value == u32::from(port)) {
        Some(entry) => AtPort { tls: entry.tls.as_ref(), pass_through: entry.pass_through, replaces: true },
        None => AtPort { tls: policy.tls.as_ref(), pass_through: policy.pass_through, replaces: false },
    }
}

/// The mode the choice per endpoint sees: an entry of the port without TLS settings is looked through.
fn mode_at_port(policy: &TrafficPolicy, port: u16) -> Option<ClientTlsMode> {
    let own = policy.port_level.iter().filter(|entry| entry.port.value == u32::from(port)).find_map(|entry| entry.tls.as_ref());
    own.or(policy.tls.as_ref()).map(|tls| tls.mode.value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_best_host_is_the_exact_one_then_the_longest_wildcard() {
        for (service, hosts, expected) in [
            ("a.foo.com", &["a.foo.com", "*.foo.com", "*"][..], Some("a.foo.com")),
            ("a.foo.com", &["*", "*.foo.com", "*.com"], Some("*.foo.com")),
            ("foo.com", &["*.foo.com"], None),
            ("foo.com", &["*foo.com"], Some("*foo.com")),
            ("xfoo.com", &["*.foo.com", "*"], Some("*")),
            ("a.foo.com", &["b.foo.com"], None),
            ("*.foo.com", &["*.foo.com", "*.com"], Some("*.foo.com")),
            ("*.foo.com", &["*.com", "*"], Some("*.com")),
            ("*.foo.com", &["a.foo.com"], None),
            ("a.foo.com", &[], None),
            ("a.foo.com", &[""], None),
        ] {
            assert_eq!(best_host(service, hosts.iter().copied()), expected, "{service} among {hosts:?}");
        }
    }

    proptest! {
        #[test]
        fn any_hosts_can_be_compared(service: String, hosts: Vec<String>) {
            if let Some(best) = best_host(&service, hosts.iter().map(String::as_str)) {
                prop_assert!(best == service || best.starts_with('*'));
            }
        }

        #[test]
        fn a_wildcard_never_wins_over_the_exact_host(service in "[a-c.]{1,6}", hosts in prop::collection::vec("\\*?[a-c.]{0,5}", 0..5)) {
            let best = best_host(&service, hosts.iter().map(String::as_str));
            if hosts.contains(&service) {
                prop_assert_eq!(best, Some(service.as_str()));
            } else {
                for host in &hosts {
                    let fits = host.strip_prefix('*').is_some_and(|end| service.ends_with(end));
                    prop_assert!(!fits || best.is_some_and(|best| best.len() >= host.len()));
                }
            }
        }
    }
}
