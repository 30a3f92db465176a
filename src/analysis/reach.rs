//! How far a caller's connection gets before requests are looked at.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::analysis::slot;
use crate::mesh::Mesh;
use crate::mesh::Settings;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::ChainKind;
use crate::simulate::Verdict;
use crate::simulate::connection;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Caller;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTlsOverride;
use crate::simulate::connection::ConnectionFailure;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::Destination;
use crate::simulate::connection::Outcome;

/// Where a connection ends up.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::analysis) enum Reach {
    /// It comes to nothing, whatever is asked.
    Ends(Verdict),
    /// It is not known.
    Unknown(String),
    /// At the application, past every filter.
    Unguarded,
    /// At the filters of a proxy.
    Filtered {
        /// How the proxy reads it.
        chain: ChainKind,
        /// The caller's certificate is seen.
        sees_peer: bool,
        /// The server name.
        sni: String,
        /// What becomes of requests that the filters let through, when the application does not get them.
        then: Option<Verdict>,
    },
}

/// How a caller comes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::analysis) enum Transport {
    /// In plaintext.
    Plaintext,
    /// In TLS without a certificate, asking for this name.
    OneWay(String),
    /// As a proxy of the mesh, with an identity of one of these trust domains.
    Mesh(Vec<String>),
    /// As its own proxy is told: a number among the groups of callers, and the service port it asks for.
    Own(usize, String, u16),
}

/// One connection of a transport that names no caller of its own.
pub(in crate::analysis) fn reach_of(
    mesh: &Mesh,
    workload: WorkloadId,
    port: u16,
    transport: &Transport,
    protocol: ApplicationProtocol,
) -> Reach {
    let (caller, tls, sni) = match transport {
        Transport::Plaintext | Transport::Own(..) => (Caller::outside(), ClientTlsOverride::Auto, None),
        Transport::OneWay(sni) => (Caller::outside(), ClientTlsOverride::Simple, Some(sni.as_str())),
        Transport::Mesh(domains) => {
            let domain = domains.first().map_or("", String::as_str);
            let domain = if domain == slot::ANY_DOMAIN { "any.example" } else { domain };
            (Caller::principal(&format!("spiffe://{domain}/ns/default/sa/default"), true), ClientTlsOverride::IstioMutual, None)
        }
    };
    let destination = Destination { workload, port, service: None, subset: None, app_tls: false };
    reach(mesh, &caller, &destination, protocol, tls, sni)
}

/// One connection.
pub(in crate::analysis) fn reach(
    mesh: &Mesh,
    caller: &Caller,
    destination: &Destination,
    protocol: ApplicationProtocol,
    tls: ClientTlsOverride,
    sni: Option<&str>,
) -> Reach {
    let question = connection::Question { caller, destination, protocol, tls, sni, host: None };
    let connection = connection::connect(mesh, &question);
    let then = match connection.outcome {
        Outcome::Failed(failure) => return Reach::Ends(verdict(&failure)),
        Outcome::Undetermined { reason } => return Reach::Unknown(reason),
        Outcome::Connected { then } => then.as_ref().map(verdict),
    };
    let chain = match (connection.chain, protocol) {
        (Some(Chain::Http), ApplicationProtocol::Http) => ChainKind::Http,
        (Some(Chain::Http), ApplicationProtocol::Tcp) => return Reach::Ends(Verdict::BadRequest),
        (Some(Chain::Tcp), _) => ChainKind::Tcp,
        (Some(Chain::Passthrough | Chain::NoProxy) | None, _) => {
            return then.map_or(Reach::Unguarded, Reach::Ends);
        }
    };
    Reach::Filtered { chain, sees_peer: !connection.peer.is_empty(), sni: connection.sni, then }
}

fn verdict(failure: &ConnectionFailure) -> Verdict {
    match failure.verdict {
        ConnectionVerdict::MtlsRequired => Verdict::MtlsRequired,
        ConnectionVerdict::ConnectionFailed => Verdict::ConnectionFailed,
    }
}

/// Trust domains whose certificates proxies accept.
fn accepted(settings: &Settings) -> BTreeSet<String> {
    if settings.feature("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", false) {
        return BTreeSet::from([slot::ANY_DOMAIN.to_owned()]);
    }
    let all = [&settings.trust_domain].into_iter().chain(&settings.trust_domain_aliases).chain(&settings.ca_trust_domains);
    all.filter(|domain| !domain.is_empty()).cloned().collect()
}

/// Trust domains that both sides receive alike, together, and every other one for itself.
pub(in crate::analysis) fn trust_domains(before: &Settings, after: &Settings) -> Vec<Vec<String>> {
    let (old, new) = (accepted(before), accepted(after));
    let common: Vec<String> = old.intersection(&new).cloned().collect();
    let others = old.symmetric_difference(&new).map(|domain| vec![domain.clone()]);
    [common].into_iter().filter(|common| !common.is_empty()).chain(others).collect()
}

/// Callers whose proxies are told the same about every destination.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Group {
    /// One of them, as both meshes have it.
    pub(in crate::analysis) representative: [WorkloadId; 2],
    /// All of them: `namespace/name`, and the name in the certificate.
    pub(in crate::analysis) members: Vec<(String, String)>,
}

/// A known identity and the workloads that have it.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Account {
    /// The name in the certificate.
    pub(in crate::analysis) name: String,
    /// `namespace/name` of each.
    pub(in crate::analysis) workloads: Vec<String>,
}

/// Every identity of the callers, in order.
pub(in crate::analysis) fn accounts(groups: &[Group]) -> Vec<Account> {
    let mut accounts: BTreeMap<&String, Vec<String>> = BTreeMap::new();
    for (workload, name) in groups.iter().flat_map(|group| &group.members) {
        accounts.entry(name).or_default().push(workload.clone());
    }
    accounts.into_iter().map(|(name, workloads)| Account { name: name.clone(), workloads }).collect()
}

/// What decides how a proxy calls: itself, and whatever the manifests tell apart.
type GroupKey = (Vec<String>, Option<String>, BTreeMap<String, String>);

/// The workloads of both meshes as callers.
pub(in crate::analysis) fn groups(meshes: [&Mesh; 2], pairs: &[[WorkloadId; 2]]) -> Vec<Group> {
    let told = Told::new(meshes);
    let mut groups: BTreeMap<GroupKey, Group> = BTreeMap::new();
    for pair in pairs {
        let [Some(before), Some(after)] = [meshes[0].workload(pair[0]), meshes[1].workload(pair[1])] else { continue };
        let [Some(first), Some(second)] = [Caller::workload(meshes[0], pair[0]), Caller::workload(meshes[1], pair[1])] else {
            continue;
        };
        if first.names != second.names {
            // Another identity is another caller.
            continue;
        }
        let itself = [(before, &first), (after, &second)]
            .map(|(workload, caller)| format!("{:?} {:?}", workload.proxy, caller.excluded_outbound_ports));
        let name = first.names.first().cloned().unwrap_or_default();
        groups
            .entry((itself.into(), told.namespace(before), told.labels(before, after)))
            .or_insert_with(|| Group { representative: *pair, members: Vec::new() })
            .members
            .push((before.display_name(), name));
    }
    groups.into_values().collect()
}

/// What the manifests tell apart about callers.
struct Told {
    every_namespace: bool,
    namespaces: BTreeSet<String>,
    every_label: bool,
    labels: BTreeSet<String>,
}

impl Told {
    fn new(meshes: [&Mesh; 2]) -> Self {
        let mut told = Self { every_namespace: false, namespaces: BTreeSet::new(), every_label: false, labels: BTreeSet::new() };
        for mesh in meshes {
            let is_everywhere = |exported: &[String]| exported.is_empty() || exported.iter().any(|to| to == "*");
            told.every_namespace |= mesh.services.iter().any(|service| !is_everywhere(&service.export_to));
            let rules = mesh.destination_rules.iter().map(|rule| (&rule.id.namespace, rule.spec.workload_selector.is_some()));
            let sidecars = mesh.sidecars.iter().map(|sidecar| (&sidecar.id.namespace, sidecar.spec.workload_selector.is_some()));
            for (namespace, selects) in rules.chain(sidecars) {
                told.namespaces.insert(namespace.clone());
                if selects {
                    told.labels.insert(namespace.clone());
                    told.every_label |= *namespace == mesh.settings.root_namespace;
                }
            }
            told.namespaces.insert(mesh.settings.root_namespace.clone());
            told.every_namespace |= !is_everywhere(&mesh.settings.default_destination_rule_export_to);
            let named = mesh.destination_rules.iter().flat_map(|rule| &rule.spec.export_to).map(|to| to.value.clone());
            told.namespaces.extend(named);
        }
        told
    }

    fn namespace(&self, workload: &Workload) -> Option<String> {
        (self.every_namespace || self.namespaces.contains(&workload.namespace)).then(|| workload.namespace.clone())
    }

    fn labels(&self, before: &Workload, after: &Workload) -> BTreeMap<String, String> {
        if !self.every_label && !self.labels.contains(&before.namespace) {
            return BTreeMap::new();
        }
        let old = before.labels.iter().map(|(name, value)| (name.clone(), value.clone()));
        let new = after.labels.iter().map(|(name, value)| (format!("after {name}"), value.clone()));
        old.chain(new).collect()
    }
}
