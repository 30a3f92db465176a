//! Which way PeerAuthentications and DestinationRules turn: what servers take, and what clients speak.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::apply::Change;
use crate::apply::Item;
use crate::apply::order::effect::Traits;
use crate::apply::order::scope::Scope;
use crate::manifest::Body;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PeerAuthentication;
use crate::manifest::kinds::TrafficPolicy;

/// What servers demand of the whole mesh and of namespaces, before and after.
#[derive(Debug, Default)]
pub(in crate::apply) struct Servers<'a> {
    root_namespace: &'a str,
    /// By namespace; of both sides.
    modes: BTreeMap<&'a str, BTreeSet<MutualTlsMode>>,
}

impl<'a> Servers<'a> {
    /// Of what changes, and of what stays as it is.
    pub(in crate::apply) fn new(changes: &'a [Change], staying: impl Iterator<Item = &'a Item>, root_namespace: &'a str) -> Self {
        let mut servers = Self { root_namespace, modes: BTreeMap::new() };
        let sides = changes.iter().flat_map(|change| change.before.iter().chain(&change.after));
        for item in sides.chain(staying) {
            let Some(policy) = peer_authentication(Some(item)).filter(|policy| !selects(policy)) else { continue };
            if let Some(mode) = policy.mode.as_ref().filter(|mode| mode.value != MutualTlsMode::Unset) {
                let namespace = item.key.namespace.as_deref().unwrap_or_default();
                servers.modes.entry(namespace).or_default().insert(mode.value);
            }
        }
        servers
    }

    /// What a change turns, and for whom.
    pub(super) fn turns_of(&self, change: &Change) -> Vec<(Scope, Traits)> {
        let namespace = change.key.namespace.as_deref().unwrap_or_default();
        let (before, after) = (peer_authentication(change.before.as_ref()), peer_authentication(change.after.as_ref()));
        if before.is_some() || after.is_some() {
            return self.server_turns(namespace, before, after);
        }
        let (before, after) = (destination_rule(change.before.as_ref()), destination_rule(change.after.as_ref()));
        let Some(either) = after.or(before) else { return Vec::new() };
        let traits = match (before, after) {
            // Told to others, or for other ports and subsets: as if one rule went and another came.
            (Some(old), Some(new)) if old.host != new.host || speaks(old) == speaks(new) && tls_of(old) != tls_of(new) => {
                client_turn(Some(old), None).or(client_turn(None, Some(new)))
            }
            (before, after) => client_turn(before, after),
        };
        let mut scopes = vec![host_scope(either, namespace)];
        scopes.extend(before.map(|before| host_scope(before, namespace)).filter(|scope| scopes.first() != Some(scope)));
        scopes.into_iter().filter(|_| traits != Traits::default()).map(|scope| (scope, traits)).collect()
    }

    fn server_turns(
        &self,
        namespace: &str,
        before: Option<&PeerAuthentication>,
        after: Option<&PeerAuthentication>,
    ) -> Vec<(Scope, Traits)> {
        let scope_of = |policy: &PeerAuthentication| Scope::policy(namespace, self.root_namespace, policy.selector.as_ref(), &[]);
        match (before, after) {
            (Some(old), Some(new)) if scope_of(old) != scope_of(new) => {
                let mut turns = self.server_turns(namespace, Some(old), None);
                turns.extend(self.server_turns(namespace, None, Some(new)));
                turns
            }
            (Some(policy), _) | (None, Some(policy)) => {
                let traits = self.inherited(namespace, policy).into_iter().fold(Traits::default(), |traits, inherited| {
                    let all_ports: BTreeSet<Option<u32>> = before
                        .iter()
                        .chain(&after)
                        .flat_map(|policy| policy.port_level.keys().map(|port| Some(*port)))
                        .chain([None])
                        .collect();
                    all_ports.into_iter().fold(traits, |traits, port| {
                        let (old, new) = (mode_of(before, port, inherited), mode_of(after, port, inherited));
                        Traits {
                            takes_plaintext: traits.takes_plaintext || !takes_plaintext(old) && takes_plaintext(new),
                            refuses_plaintext: traits.refuses_plaintext || takes_plaintext(old) && !takes_plaintext(new),
                            takes_mutual: traits.takes_mutual || !takes_mutual(old) && takes_mutual(new),
                            refuses_mutual: traits.refuses_mutual || takes_mutual(old) && !takes_mutual(new),
                            ..traits
                        }
                    })
                });
                if traits == Traits::default() { Vec::new() } else { vec![(scope_of(policy), traits)] }
            }
            (None, None) => Vec::new(),
        }
    }

    /// What is demanded where the policy says nothing, before or after: by the namespace, by the mesh, or by nobody.
    fn inherited(&self, namespace: &str, policy: &PeerAuthentication) -> BTreeSet<MutualTlsMode> {
        let mut inherited = BTreeSet::from([MutualTlsMode::Permissive]);
        if namespace != self.root_namespace {
            inherited.extend(self.modes.get(self.root_namespace).into_iter().flatten());
        }
        if selects(policy) {
            inherited.extend(self.modes.get(namespace).into_iter().flatten());
        }
        inherited
    }
}

fn client_turn(before: Option<&DestinationRule>, after: Option<&DestinationRule>) -> Traits {
    let (old, new) = (before.map(speaks).unwrap_or_default(), after.map(speaks).unwrap_or_default());
    let is_mutual = |mode: &ClientTlsMode| *mode == ClientTlsMode::IstioMutual;
    Traits {
        clients_to_mutual: old.difference(&new).any(|mode| !is_mutual(mode)) || new.difference(&old).any(is_mutual),
        clients_from_mutual: new.difference(&old).any(|mode| !is_mutual(mode)) || old.difference(&new).any(is_mutual),
        ..Traits::default()
    }
}

fn selects(policy: &PeerAuthentication) -> bool {
    policy.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty())
}

fn mode_of(policy: Option<&PeerAuthentication>, port: Option<u32>, inherited: MutualTlsMode) -> MutualTlsMode {
    let Some(policy) = policy else { return inherited };
    let of_port = port.and_then(|port| policy.port_level.get(&port)).map(|mode| mode.value);
    let own = policy.mode.as_ref().map(|mode| mode.value);
    of_port.into_iter().chain(own).find(|mode| *mode != MutualTlsMode::Unset).unwrap_or(inherited)
}

fn takes_plaintext(mode: MutualTlsMode) -> bool {
    mode != MutualTlsMode::Strict
}

fn takes_mutual(mode: MutualTlsMode) -> bool {
    mode != MutualTlsMode::Disable
}

fn peer_authentication(item: Option<&Item>) -> Option<&PeerAuthentication> {
    let Body::PeerAuthentication(policy) = &item?.document.as_ref()?.body else { return None };
    Some(policy)
}

fn destination_rule(item: Option<&Item>) -> Option<&DestinationRule> {
    let Body::DestinationRule(rule) = &item?.document.as_ref()?.body else { return None };
    Some(rule)
}

/// Every way in which clients are told to speak.
fn speaks(rule: &DestinationRule) -> BTreeSet<ClientTlsMode> {
    let policies = rule.traffic_policy.iter().chain(rule.subsets.iter().filter_map(|subset| subset.traffic_policy.as_ref()));
    policies.flat_map(modes).collect()
}

/// The same with where it is told.
fn tls_of(rule: &DestinationRule) -> Vec<(String, u32, ClientTlsMode)> {
    let own = rule.traffic_policy.iter().map(|policy| (String::new(), policy));
    let subsets = rule.subsets.iter().filter_map(|subset| Some((subset.name.value.clone(), subset.traffic_policy.as_ref()?)));
    let mut told = Vec::new();
    for (subset, policy) in own.chain(subsets) {
        told.extend(policy.tls.iter().map(|tls| (subset.clone(), 0, tls.mode.value)));
        let ports = policy.port_level.iter().filter_map(|port| Some((port.port.value, port.tls.as_ref()?.mode.value)));
        told.extend(ports.map(|(port, mode)| (subset.clone(), port, mode)));
    }
    told
}

fn modes(policy: &TrafficPolicy) -> impl Iterator<Item = ClientTlsMode> {
    policy.tls.iter().chain(policy.port_level.iter().filter_map(|port| port.tls.as_ref())).map(|tls| tls.mode.value)
}

/// The namespace of a host such as `cart`, `cart.shop` or `cart.shop.svc.cluster.local`; everywhere for any other.
fn host_scope(rule: &DestinationRule, namespace: &str) -> Scope {
    let labels: Vec<&str> = rule.host.value.split('.').collect();
    match labels.as_slice() {
        [name] if *name != "*" => Scope::namespace(namespace),
        [_, own] | [_, own, "svc", ..] => Scope::namespace(own),
        _ => Scope::everywhere(),
    }
}
