//! Two meshes side by side: which workload ports are compared how, and what comes out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use jiff::Timestamp;
use rustc_hash::FxHashMap;

use crate::analysis::compare::Unit;
use crate::analysis::compare::UnitKey;
use crate::analysis::compare::compare;
use crate::analysis::enforced::Enforced;
use crate::analysis::enforced::SetId;
use crate::analysis::enforced::are_equal;
use crate::analysis::outcome::Callers;
use crate::analysis::outcome::Change;
use crate::analysis::outcome::Compared;
use crate::analysis::outcome::Diff;
use crate::analysis::outcome::Inexact;
use crate::analysis::outcome::Side;
use crate::analysis::outcome::WorkloadChange;
use crate::analysis::outcome::WorkloadPort;
use crate::analysis::reach;
use crate::analysis::reach::Account;
use crate::analysis::reach::Group;
use crate::analysis::reach::Reach;
use crate::analysis::reach::Transport;
use crate::analysis::space::language::Cuts;
use crate::analysis::token::Tokens;
use crate::analysis::witness::Courtroom;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::Attribute;
use crate::policy::ChainKind;
use crate::policy::Engines;
use crate::policy::Pattern;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Caller;
use crate::simulate::connection::ClientTlsOverride;
use crate::simulate::connection::Destination;

/// Everything that does not change while two meshes are compared.
pub(in crate::analysis) struct Comparison<'m> {
    pub(in crate::analysis) meshes: [&'m Mesh; 2],
    pub(in crate::analysis) enforced: [Enforced<'m>; 2],
    pub(in crate::analysis) groups: Vec<Group>,
    pub(in crate::analysis) accounts: Vec<Account>,
    pub(in crate::analysis) now: Timestamp,
    pub(in crate::analysis) cuts: Cuts,
    tokens: FxHashMap<[SetId; 2], Rc<Tokens>>,
    equal: FxHashMap<([SetId; 2], ChainKind), bool>,
}

/// One workload in both meshes.
struct Pair {
    ids: [WorkloadId; 2],
    policies: [SetId; 2],
    rules: [SetId; 2],
}

/// Two things for each side, joined side by side.
pub(in crate::analysis) fn side_by_side<A, B, R>(one: [A; 2], other: [B; 2], mut join: impl FnMut(A, B) -> R) -> [R; 2] {
    let ([one_before, one_after], [other_before, other_after]) = (one, other);
    [join(one_before, other_before), join(one_after, other_after)]
}

/// Compares two meshes: every request whose verdict differs.
#[must_use]
pub fn diff(before: &Mesh, after: &Mesh, now: Timestamp) -> Diff {
    let meshes = [before, after];
    let mut diff = Diff::default();
    let pairs = pair(meshes, &mut diff);
    let groups = reach::groups(meshes, &pairs);
    let mut comparison = Comparison {
        meshes,
        enforced: meshes.map(Enforced::new),
        accounts: reach::accounts(&groups),
        groups,
        now,
        cuts: Cuts::default(),
        tokens: FxHashMap::default(),
        equal: FxHashMap::default(),
    };
    comparison.note_settings(&mut diff);
    let mut units = Units::default();
    let pairs: Vec<Pair> = pairs.into_iter().filter_map(|ids| comparison.pair(ids)).collect();
    for pair in &pairs {
        comparison.ports(pair, &mut units, &mut diff.compared);
    }
    comparison.own_calls(&pairs, &mut units);
    let mut courtroom = Courtroom::new(meshes, now);
    for unit in units.into_vec() {
        let tokens = comparison.tokens(unit.key.rules);
        compare(&comparison, &tokens, &unit, &mut courtroom, &mut diff);
    }
    finish(&mut diff);
    diff
}

/// Workloads of both meshes; the others are told.
fn pair(meshes: [&Mesh; 2], diff: &mut Diff) -> Vec<[WorkloadId; 2]> {
    let by_name = |mesh: &'_ Mesh| -> BTreeMap<(String, String, String), WorkloadId> {
        let key = |workload: &Workload| (workload.namespace.clone(), workload.name.clone(), workload.kind.clone());
        mesh.workloads.iter().enumerate().map(|(number, workload)| (key(workload), WorkloadId(number))).collect()
    };
    let [before, after] = meshes.map(by_name);
    let mut pairs = Vec::new();
    let mut only = |(namespace, name, kind): &(String, String, String), side| {
        diff.workloads.push(WorkloadChange { kind: kind.clone(), name: format!("{namespace}/{name}"), side });
    };
    for (key, id) in &before {
        match after.get(key) {
            Some(other) => pairs.push([*id, *other]),
            None => only(key, Side::Before),
        }
    }
    for key in after.keys().filter(|key| !before.contains_key(*key)) {
        only(key, Side::After);
    }
    diff.compared.workloads = pairs.len();
    pairs
}

/// Everything but callers and ports that makes two changes one.
fn key(change: &Change) -> String {
    let by = |answer: &crate::analysis::Answer| {
        answer.decided_by.as_ref().map(|by| format!("{} {}/{} {:?}", by.kind, by.namespace, by.name, by.rule))
    };
    let Change { callers: _, ports: _, requests, before, after, witness } = change;
    format!("{requests:?} {} {:?} {} {:?} {:?}", before.verdict, by(before), after.verdict, by(after), witness.assumes)
}

/// Joins changes that are the same in some respect; what `join` refuses stays apart.
fn joined(changes: Vec<Change>, key: impl Fn(&Change) -> String, join: impl Fn(&mut Change, &mut Change) -> bool) -> Vec<Change> {
    let mut joined: Vec<Change> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for mut change in changes {
        let key = key(&change);
        if let Some(other) = known.get(&key).and_then(|at| joined.get_mut(*at))
            && join(other, &mut change)
        {
            continue;
        }
        known.insert(key, joined.len());
        joined.push(change);
    }
    joined
}

/// Puts what belongs together into one, and everything in order.
fn finish(diff: &mut Diff) {
    let changes = joined(
        std::mem::take(&mut diff.changes),
        |change| format!("{:?} {}", change.callers, key(change)),
        |one, other| {
            one.ports.append(&mut other.ports);
            true
        },
    );
    let mut changes: Vec<Change> = changes
        .into_iter()
        .map(|mut change| {
            change.ports.sort();
            change.ports.dedup();
            change
        })
        .collect();
    changes.sort_by(|one, other| one.callers.cmp(&other.callers));
    changes = joined(
        changes,
        |change| format!("{:?} {}", change.ports, key(change)),
        |one, other| match (&mut one.callers, &mut other.callers) {
            (Callers::Plaintext, Callers::Identities { is_all: true, .. }) => {
                one.callers = Callers::Anyone;
                true
            }
            (Callers::Workloads { workloads }, Callers::Workloads { workloads: others }) => {
                workloads.append(others);
                workloads.sort();
                true
            }
            _ => false,
        },
    );
    changes.sort_by(|one, other| {
        let order = |change: &Change| (change.direction(), change.ports.clone(), change.callers.clone(), change.requests.clone());
        order(one).cmp(&order(other))
    });
    diff.changes = changes;
    diff.workloads.sort();
    diff.inexact.sort();
    diff.inexact.dedup();
}

/// What is compared alike is compared once.
#[derive(Default)]
struct Units {
    list: Vec<Unit>,
    known: FxHashMap<UnitKey, usize>,
}

impl Units {
    fn add(&mut self, key: UnitKey, port: WorkloadPort) {
        if let Some(unit) = self.known.get(&key).and_then(|at| self.list.get_mut(*at)) {
            unit.ports.push(port);
            return;
        }
        self.known.insert(key.clone(), self.list.len());
        self.list.push(Unit { key, ports: vec![port] });
    }

    fn into_vec(self) -> Vec<Unit> {
        self.list
    }
}

/// How a port is read on both sides, and whether nothing declares it.
struct PortPair {
    number: u16,
    classes: [PortClass; 2],
    is_any_other: bool,
}

impl PortPair {
    fn protocols(&self) -> impl Iterator<Item = ApplicationProtocol> {
        let http = self.classes.iter().any(|class| *class != PortClass::Tcp);
        let tcp = self.classes.iter().any(|class| *class != PortClass::Http);
        [(http, ApplicationProtocol::Http), (tcp, ApplicationProtocol::Tcp)].into_iter().filter(|(is, _)| *is).map(|(_, own)| own)
    }
}

impl<'m> Comparison<'m> {
    /// Settings whose change touches every request.
    fn note_settings(&self, diff: &mut Diff) {
        let [before, after] = self.meshes.map(|mesh| &mesh.settings);
        let mut note = |why: &str| diff.inexact.push(Inexact { place: "the mesh".to_owned(), why: why.to_owned() });
        let unread: BTreeSet<String> =
            self.meshes.iter().flat_map(|mesh| &mesh.unread).map(|unread| format!("{unread}: {}", unread.why)).collect();
        for unread in unread {
            note(&format!("not read, and there may be more: {unread}"));
        }
        if before.path_normalization != after.path_normalization {
            note("`pathNormalization` differs: paths that only one of the settings rewrites are not compared");
        }
        if before.num_trusted_proxies != after.num_trusted_proxies {
            note("`numTrustedProxies` differs: client addresses at gateways are compared as if they were seen alike");
        }
    }

    fn pair(&mut self, ids: [WorkloadId; 2]) -> Option<Pair> {
        let [before, after] = [self.meshes[0].workload(ids[0])?, self.meshes[1].workload(ids[1])?];
        let [first, second] = &mut self.enforced;
        Some(Pair {
            ids,
            policies: [first.policies(before), second.policies(after)],
            rules: [first.token_rules(before), second.token_rules(after)],
        })
    }

    /// What tokens the rules of two sets tell apart.
    fn tokens(&mut self, sets: [SetId; 2]) -> Rc<Tokens> {
        let Self { enforced: [before, after], tokens, now, .. } = self;
        let make = || Rc::new(Tokens::new([before.rules(sets[0]), after.rules(sets[1])], *now));
        Rc::clone(tokens.entry(sets).or_insert_with(make))
    }

    /// Whether both sides' policies and token rules decide alike, whatever is asked.
    fn is_same(&mut self, policies: [SetId; 2], rules: [SetId; 2], chain: ChainKind) -> bool {
        let Self { enforced: [before, after], equal, .. } = self;
        let engines =
            *equal.entry((policies, chain)).or_insert_with(|| match (before.lowered(policies[0]), after.lowered(policies[1])) {
                (Some(old), Some(new)) => are_equal(old.engines(chain), new.engines(chain)),
                _ => false,
            });
        let specs = |rules: &[crate::mesh::AppliedJwtRule<'m>]| rules.iter().map(|rule| rule.spec).collect::<Vec<_>>();
        engines && (chain == ChainKind::Tcp || specs(before.rules(rules[0])) == specs(after.rules(rules[1])))
    }

    fn engines(&self, policies: [SetId; 2]) -> Vec<&Engines> {
        let lowered = self.enforced.iter().zip(policies).filter_map(|(enforced, set)| enforced.lowered(set));
        lowered.flat_map(|lowered| [&lowered.http, &lowered.tcp]).collect()
    }

    /// Ports of a workload on either side: declared, named by a policy, and one for all others.
    fn port_pairs(&self, pair: &Pair) -> Vec<PortPair> {
        let declared: Vec<BTreeMap<u16, PortClass>> = self
            .meshes
            .iter()
            .zip(pair.ids)
            .map(|(mesh, id)| mesh.inbound_ports(id).into_iter().map(|port| (port.port, port.class)).collect())
            .collect();
        let mut numbers: BTreeSet<u16> = declared.iter().flat_map(BTreeMap::keys).copied().collect();
        numbers.extend(mentioned_ports(&self.engines(pair.policies)));
        for (mesh, id) in self.meshes.iter().zip(pair.ids) {
            if let Some(workload) = mesh.workload(id) {
                numbers.extend(mesh.port_level_modes(workload).keys());
                numbers.extend(&workload.excluded_inbound_ports);
                numbers.extend(workload.included_inbound_ports.iter().flatten());
            }
        }
        numbers.remove(&0);
        let class =
            |side: usize, port: u16| declared.get(side).and_then(|ports| ports.get(&port)).copied().unwrap_or(PortClass::Auto);
        let own = |number| PortPair { number, classes: [class(0, number), class(1, number)], is_any_other: false };
        let mut ports: Vec<PortPair> = numbers.iter().copied().map(own).collect();
        let is_gateway = self.meshes[0].workload(pair.ids[0]).is_some_and(|workload| workload.proxy == Proxy::Gateway);
        let other = [8888, 9999, 7777].into_iter().chain(20_000..21_000).find(|port| !numbers.contains(port));
        if let Some(number) = other.filter(|_| !is_gateway) {
            ports.push(PortPair { number, classes: [PortClass::Auto; 2], is_any_other: true });
        }
        ports
    }

    /// Callers without names: plaintext, and identities of the mesh.
    fn ports(&mut self, pair: &Pair, units: &mut Units, compared: &mut Compared) {
        let [Some(before), Some(after)] = [self.meshes[0].workload(pair.ids[0]), self.meshes[1].workload(pair.ids[1])] else {
            return;
        };
        let mut transports = vec![Transport::Plaintext];
        let domains = reach::trust_domains(&self.meshes[0].settings, &self.meshes[1].settings);
        transports.extend(domains.into_iter().map(Transport::Mesh));
        if before.proxy == Proxy::Gateway || after.proxy == Proxy::Gateway {
            transports.extend(self.server_names().into_iter().map(Transport::OneWay));
        }
        for port in self.port_pairs(pair) {
            compared.ports += 1;
            for protocol in port.protocols() {
                for transport in &transports {
                    let reach = side_by_side(self.meshes, pair.ids, |mesh, id| {
                        reach::reach_of(mesh, id, port.number, transport, protocol)
                    });
                    let shown = WorkloadPort {
                        namespace: before.namespace.clone(),
                        workload: before.name.clone(),
                        port: port.number,
                        is_any_other: port.is_any_other,
                    };
                    self.add(units, pair, [port.number; 2], transport.clone(), protocol, reach, shown);
                }
            }
        }
    }

    /// Names that servers of gateways answer to, one for each way of writing them.
    fn server_names(&self) -> BTreeSet<String> {
        let classic = self.meshes.iter().flat_map(|mesh| &mesh.gateways).flat_map(|gateway| &gateway.spec.servers);
        let classic = classic.flat_map(|server| &server.hosts).map(|host| host.value.clone());
        let newer = self.meshes.iter().flat_map(|mesh| &mesh.kubernetes_gateways).flat_map(|gateway| &gateway.spec.listeners);
        let newer = newer.map(|listener| listener.hostname.as_ref().map_or_else(|| "*".to_owned(), |host| host.value.clone()));
        let name = |host: String| host.rsplit('/').next().unwrap_or_default().replacen('*', "any.example", 1);
        classic.chain(newer).map(name).map(|name| name.replace("any.example.", "any.")).collect()
    }

    #[expect(clippy::too_many_arguments, reason = "a comparison is what these say, and they are at hand in two places")]
    fn add(
        &mut self,
        units: &mut Units,
        pair: &Pair,
        ports: [u16; 2],
        transport: Transport,
        protocol: ApplicationProtocol,
        reach: [Reach; 2],
        shown: WorkloadPort,
    ) {
        let chain = |reach: &Reach| match reach {
            Reach::Filtered { chain, .. } => Some(*chain),
            Reach::Ends(_) | Reach::Unknown(_) | Reach::Unguarded => None,
        };
        let is_same_reach = match &reach {
            [Reach::Unknown(_), Reach::Unknown(_)] => true,
            [one, other] => one == other,
        };
        if is_same_reach {
            match chain(&reach[0]) {
                Some(chain) if !self.is_same(pair.policies, pair.rules, chain) => {}
                // What nobody knows on either side changes with what is enforced there.
                None if matches!(reach[0], Reach::Unknown(_)) && !self.is_same(pair.policies, pair.rules, ChainKind::Http) => {}
                Some(_) | None => return,
            }
        }
        let engines = self.engines(pair.policies);
        let mentioned = mentioned_ports(&engines);
        let looks_at_address = looks_at(&engines, &Attribute::DestinationIp);
        let workloads = side_by_side(self.meshes, pair.ids, Mesh::workload);
        let address = |workload: Option<&Workload>| workload.and_then(|workload| workload.ip).filter(|_| looks_at_address);
        let key = UnitKey {
            transport,
            protocol,
            reach,
            policies: pair.policies,
            rules: pair.rules,
            ports: ports.map(|port| if mentioned.contains(&port) { port } else { 0 }),
            addresses: workloads.map(address),
            is_gateway: workloads.iter().flatten().any(|workload| workload.proxy == Proxy::Gateway),
        };
        units.add(key, shown);
    }

    /// Workloads that call a service as their own proxies are told, where that is not what has been compared already.
    fn own_calls(&mut self, pairs: &[Pair], units: &mut Units) {
        let meshes = self.meshes;
        let by_id: FxHashMap<[WorkloadId; 2], &Pair> = pairs.iter().map(|pair| (pair.ids, pair)).collect();
        let after_of: FxHashMap<WorkloadId, WorkloadId> = pairs.iter().map(|pair| (pair.ids[0], pair.ids[1])).collect();
        let after_services: FxHashMap<(&str, &str), usize> = meshes[1]
            .services
            .iter()
            .enumerate()
            .rev()
            .map(|(number, service)| ((service.id.namespace.as_str(), service.hostname.as_str()), number))
            .collect();
        let callers: Vec<[Option<Caller>; 2]> =
            self.groups.iter().map(|group| side_by_side(meshes, group.representative, Caller::workload)).collect();
        for (number, service) in meshes[0].services.iter().enumerate() {
            let Some(other) = after_services.get(&(service.id.namespace.as_str(), service.hostname.as_str())) else { continue };
            let Some(after) = meshes[1].services.get(*other) else { continue };
            for endpoint in &service.endpoints {
                let Some(id) = endpoint.workload else { continue };
                let Some(pair) = after_of.get(&id).and_then(|other| by_id.get(&[id, *other])) else { continue };
                let Some(target) = after.endpoints.iter().find(|endpoint| endpoint.workload == Some(pair.ids[1])) else {
                    continue;
                };
                for port in &service.ports {
                    let (Some(old), Some(new)) = (endpoint.ports.get(&port.number), target.ports.get(&port.number)) else {
                        continue;
                    };
                    let class = port.protocol.class();
                    let after_class =
                        after.ports.iter().find(|own| own.number == port.number).map_or(class, |own| own.protocol.class());
                    let ports = PortPair { number: *old, classes: [class, after_class], is_any_other: false };
                    for protocol in ports.protocols() {
                        self.own_call([number, *other], pair, [*old, *new], port.number, protocol, &callers, units);
                    }
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one call is what these say")]
    fn own_call(
        &mut self,
        services: [usize; 2],
        pair: &Pair,
        ports: [u16; 2],
        service_port: u16,
        protocol: ApplicationProtocol,
        callers: &[[Option<Caller>; 2]],
        units: &mut Units,
    ) {
        let meshes = self.meshes;
        let of = |transport: &Transport| {
            side_by_side(meshes, side_by_side(pair.ids, ports, |id, port| (id, port)), |mesh, (id, port)| {
                reach::reach_of(mesh, id, port, transport, protocol)
            })
        };
        let plaintext = of(&Transport::Plaintext);
        let domain = reach::trust_domains(&meshes[0].settings, &meshes[1].settings).into_iter().next().unwrap_or_default();
        let mutual = of(&Transport::Mesh(domain));
        let looks_at_sni = looks_at(&self.engines(pair.policies), &Attribute::Sni);
        for (group, caller) in callers.iter().enumerate() {
            let [Some(before), Some(after)] = caller else { continue };
            let destinations =
                side_by_side(pair.ids, side_by_side(services, ports, |service, port| (service, port)), |id, at| {
                    let (service, port) = at;
                    Destination { workload: id, port, service: Some((service, service_port)), subset: None, app_tls: false }
                });
            let calls = side_by_side([before, after], destinations, |caller, destination| (caller, destination));
            let reach = side_by_side(meshes, calls, |mesh, (caller, destination)| {
                reach::reach(mesh, caller, &destination, protocol, ClientTlsOverride::Auto, None)
            });
            let is_covered = ports[0] == ports[1]
                && [&plaintext, &mutual].into_iter().any(|known| {
                    reach.iter().zip(known).all(|(own, known)| own.is_like(known))
                        && (!looks_at_sni || reach[0].sni() == reach[1].sni())
                });
            if is_covered || (reach[0] == reach[1] && matches!(reach[0], Reach::Ends(_) | Reach::Unguarded)) {
                continue;
            }
            let Some(workload) = meshes[0].workload(pair.ids[0]) else { continue };
            let Some(service) = meshes[0].services.get(services[0]) else { continue };
            let shown = WorkloadPort {
                namespace: workload.namespace.clone(),
                workload: workload.name.clone(),
                port: ports[0],
                is_any_other: false,
            };
            let transport = Transport::Own(group, service.hostname.clone(), service_port);
            self.add(units, pair, ports, transport, protocol, reach, shown);
        }
    }
}

impl Reach {
    /// The same but for the server name.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Filtered { chain, sees_peer, sni: _, then },
                Self::Filtered { chain: other_chain, sees_peer: other_peer, sni: _, then: other_then },
            ) => (chain, sees_peer, then) == (other_chain, other_peer, other_then),
            (one, other) => one == other,
        }
    }

    fn sni(&self) -> Option<&str> {
        match self {
            Self::Filtered { sni, .. } => Some(sni),
            Self::Ends(_) | Self::Unknown(_) | Self::Unguarded => None,
        }
    }
}

fn mentioned_ports(engines: &[&Engines]) -> BTreeSet<u16> {
    let rules = engines.iter().flat_map(|engines| engines.rules());
    let tests = rules.flat_map(|rule| rule.from.iter().chain(&rule.to)).flat_map(|entry| &entry.tests);
    tests
        .filter(|test| test.attribute == Attribute::DestinationPort)
        .flat_map(|test| test.values.iter().chain(&test.not_values))
        .filter_map(|value| if let Pattern::Port(port) = value.pattern { Some(port) } else { None })
        .collect()
}

fn looks_at(engines: &[&Engines], attribute: &Attribute) -> bool {
    let rules = engines.iter().flat_map(|engines| engines.rules());
    rules
        .flat_map(|rule| rule.from.iter().chain(&rule.to))
        .flat_map(|entry| &entry.tests)
        .any(|test| test.attribute == *attribute)
}
