//! Which way PeerAuthentications and DestinationRules turn: what servers take, and what clients speak.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::apply::Change;
use crate::apply::Item;
use crate::apply::order::connection::Client;
use crate::apply::order::connection::Turns;
use crate::apply::order::effect::Traits;
use crate::apply::order::scope::Scope;
use crate::manifest::Body;
use crate::manifest::kinds::ClientTls;
use crate::manifest::kinds::ClientTlsMode;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PeerAuthentication;

/// What is demanded of servers and told to clients, before and after.
#[derive(Debug)]
pub(in crate::apply) struct Servers<'a> {
    root_namespace: &'a str,
    /// What servers demand, by namespace; of both sides.
    modes: BTreeMap<&'a str, BTreeSet<MutualTlsMode>>,
    /// How clients are told to connect, by host; of both sides. Those for more than one host are under `*`.
    ways: BTreeMap<String, BTreeSet<Client>>,
    /// How clients connect that no rule tells.
    untold: BTreeSet<Client>,
}

impl<'a> Servers<'a> {
    /// Of what changes, and of what stays as it is.
    pub(in crate::apply) fn new(changes: &'a [Change], staying: impl Iterator<Item = &'a Item>, root_namespace: &'a str) -> Self {
        let mut servers = Self { root_namespace, modes: BTreeMap::new(), ways: BTreeMap::new(), untold: BTreeSet::new() };
        let sides = changes.iter().flat_map(|change| change.before.iter().chain(&change.after));
        for item in sides.chain(staying) {
            servers.learn(item);
        }
        if servers.untold.is_empty() {
            servers.untold.insert(Client::Auto);
        }
        servers
    }

    fn learn(&mut self, item: &'a Item) {
        let namespace = item.key.namespace.as_deref().unwrap_or_default();
        match item.document.as_ref().map(|document| &document.body) {
            Some(Body::PeerAuthentication(policy)) if !selects(policy) => {
                if let Some(mode) = policy.mode.as_ref().filter(|mode| mode.value != MutualTlsMode::Unset) {
                    self.modes.entry(namespace).or_default().insert(mode.value);
                }
            }
            Some(Body::DestinationRule(rule)) => {
                self.ways.entry(host_of(rule, namespace)).or_default().extend(told(Some(rule)).into_values());
            }
            Some(Body::MeshConfig(config)) => {
                let is_auto = config.enable_auto_mtls.as_ref().is_none_or(|is_auto| is_auto.value);
                self.untold.insert(if is_auto { Client::Auto } else { Client::Plaintext });
            }
            _ => {}
        }
    }

    /// What a change turns, and for whom.
    pub(super) fn turns_of(&self, change: &Change) -> Vec<(Scope, Traits)> {
        let namespace = change.key.namespace.as_deref().unwrap_or_default();
        let (before, after) = (peer_authentication(change.before.as_ref()), peer_authentication(change.after.as_ref()));
        if before.is_some() || after.is_some() {
            return self.server_turns(namespace, before, after);
        }
        let (before, after) = (destination_rule(change.before.as_ref()), destination_rule(change.after.as_ref()));
        match (before, after) {
            (Some(old), Some(new)) if old.host != new.host => {
                let mut turns = self.client_turns(namespace, old, Some(old), None);
                turns.extend(self.client_turns(namespace, new, None, Some(new)));
                turns
            }
            (_, Some(rule)) | (Some(rule), None) => self.client_turns(namespace, rule, before, after),
            (None, None) => Vec::new(),
        }
    }

    /// How the clients of the host of a rule turn.
    fn client_turns(
        &self,
        namespace: &str,
        rule: &DestinationRule,
        before: Option<&DestinationRule>,
        after: Option<&DestinationRule>,
    ) -> Vec<(Scope, Traits)> {
        let (before, after) = (told(before), told(after));
        let places: BTreeSet<&(&str, u32)> = before.keys().chain(after.keys()).collect();
        let elsewhere = [host_of(rule, namespace), EVERY_HOST.to_owned()].into_iter().filter_map(|host| self.ways.get(&host));
        let untold: BTreeSet<Client> = self.untold.iter().chain(elsewhere.flatten()).copied().collect();
        let turns = untold.iter().fold(Turns::default(), |turns, untold| {
            places
                .iter()
                .fold(turns, |turns, place| turns.or(Turns::new(way(&before, place, *untold), way(&after, place, *untold))))
        });
        if turns.is_empty() {
            return Vec::new();
        }
        vec![(host_scope(rule, namespace), Traits { clients: turns, ..Traits::default() })]
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
                        let turn = Turns::new(mode_of(before, port, inherited), mode_of(after, port, inherited));
                        Traits { servers: traits.servers.or(turn), ..traits }
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

/// Where rules for more than one host stand.
const EVERY_HOST: &str = "*";

fn selects(policy: &PeerAuthentication) -> bool {
    policy.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty())
}

fn mode_of(policy: Option<&PeerAuthentication>, port: Option<u32>, inherited: MutualTlsMode) -> MutualTlsMode {
    let Some(policy) = policy else { return inherited };
    let of_port = port.and_then(|port| policy.port_level.get(&port)).map(|mode| mode.value);
    let own = policy.mode.as_ref().map(|mode| mode.value);
    of_port.into_iter().chain(own).find(|mode| *mode != MutualTlsMode::Unset).unwrap_or(inherited)
}

fn peer_authentication(item: Option<&Item>) -> Option<&PeerAuthentication> {
    let Body::PeerAuthentication(policy) = &item?.document.as_ref()?.body else { return None };
    Some(policy)
}

fn destination_rule(item: Option<&Item>) -> Option<&DestinationRule> {
    let Body::DestinationRule(rule) = &item?.document.as_ref()?.body else { return None };
    Some(rule)
}

/// How clients are told to connect, by subset (none is empty) and port (all is 0).
fn told(rule: Option<&DestinationRule>) -> BTreeMap<(&str, u32), Client> {
    let Some(rule) = rule else { return BTreeMap::new() };
    let way = |tls: &ClientTls| match tls.mode.value {
        ClientTlsMode::IstioMutual => Client::Mutual,
        ClientTlsMode::Disable | ClientTlsMode::Simple | ClientTlsMode::Mutual => Client::Plaintext,
    };
    let own = rule.traffic_policy.iter().map(|policy| ("", policy));
    let subsets = rule.subsets.iter().filter_map(|subset| Some((subset.name.as_str(), subset.traffic_policy.as_ref()?)));
    let mut told = BTreeMap::new();
    for (subset, policy) in own.chain(subsets) {
        told.extend(policy.tls.iter().map(|tls| ((subset, 0), way(tls))));
        told.extend(policy.port_level.iter().filter_map(|port| Some(((subset, port.port.value), way(port.tls.as_ref()?)))));
    }
    told
}

fn way(told: &BTreeMap<(&str, u32), Client>, (subset, port): &(&str, u32), untold: Client) -> Client {
    let places = [(*subset, *port), (*subset, 0), ("", *port), ("", 0)];
    places.iter().find_map(|place| told.get(place)).copied().unwrap_or(untold)
}

/// A host of a rule whichever way it is written; [`EVERY_HOST`] for a pattern.
fn host_of(rule: &DestinationRule, namespace: &str) -> String {
    let labels: Vec<&str> = rule.host.value.split('.').collect();
    match labels.as_slice() {
        ["*", ..] => EVERY_HOST.to_owned(),
        [name] => format!("{name}.{namespace}"),
        [name, own] | [name, own, "svc", ..] => format!("{name}.{own}"),
        _ => rule.host.value.clone(),
    }
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
