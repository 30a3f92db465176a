//! What remains of policies on ports that carry opaque bytes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Span;
use crate::lint::MeshView;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::admits_port;
use crate::lint::rules::authorization::scope::is_dry_run;
use crate::lint::witness::Request;
use crate::manifest::kinds::Action;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::Attribute;
use crate::policy::EngineRule;
use crate::policy::Entry;
use crate::policy::Lowered;
use crate::policy::Test;

/// A workload with TCP ports, and the policies in force on them.
#[derive(Debug)]
pub(super) struct OnTcp<'v> {
    pub(super) workload: &'v Workload,
    /// TCP ports that the proxy intercepts.
    pub(super) ports: BTreeSet<u16>,
    /// Policies that decide by themselves (ALLOW and DENY), in order.
    pub(super) policies: Vec<TcpPolicy<'v>>,
}

/// A policy as a TCP chain has it.
#[derive(Debug)]
pub(super) struct TcpPolicy<'v> {
    /// Index in the mesh.
    pub(super) index: usize,
    pub(super) action: Action,
    pub(super) on_tcp: &'v Lowered,
}

/// The TCP ports on which a rule is not what it says.
#[derive(Debug)]
pub(super) struct Missed<'v> {
    /// The first part that only HTTP has.
    pub(super) span: Span,
    /// A workload with such ports.
    pub(super) workload: &'v Workload,
    /// The ports of all its workloads.
    pub(super) ports: BTreeSet<u16>,
    /// A connection that shows it.
    pub(super) witness: Option<String>,
}

impl<'v> Missed<'v> {
    pub(super) fn new(span: Span, workload: &'v Workload) -> Self {
        Self { span, workload, ports: BTreeSet::new(), witness: None }
    }
}

/// Every workload behind a sidecar with a TCP port and a policy.
pub(super) fn workloads<'v>(view: &'v MeshView<'v>) -> Vec<OnTcp<'v>> {
    let mut candidates: BTreeSet<WorkloadId> = BTreeSet::new();
    for service in &view.mesh.services {
        if service.ports.iter().any(|port| is_tcp(port.protocol)) {
            candidates.extend(service.endpoints.iter().filter_map(|endpoint| endpoint.workload));
        }
    }
    let mut by_namespace: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    if !candidates.is_empty() {
        for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
            if matches!(policy.spec.action.value, Action::Allow | Action::Deny) && !is_dry_run(policy) {
                by_namespace.entry(&policy.id.namespace).or_default().push(index);
            }
        }
    }
    let root = view.mesh.settings.root_namespace.as_str();
    let mut found = Vec::new();
    for workload in candidates.into_iter().filter_map(|id| view.mesh.workload(id)) {
        let inbound = view.inbound_ports(workload).iter().filter(|port| is_tcp(port.protocol) && workload.intercepts(port.port));
        let ports: BTreeSet<u16> = inbound.map(|port| port.port).collect();
        if ports.is_empty() || workload.proxy != Proxy::Sidecar {
            continue;
        }
        let namespaces = if workload.namespace == root { vec![root] } else { vec![root, &workload.namespace] };
        let mut policies = Vec::new();
        for index in namespaces.into_iter().filter_map(|namespace| by_namespace.get(namespace)).flatten() {
            let Some(object) = view.mesh.authorization_policies.get(*index) else { continue };
            if view.mesh.attaches(workload, &object.target())
                && let Some(on_tcp) = view.lowered_on_tcp(*index)
            {
                policies.push(TcpPolicy { index: *index, action: object.spec.action.value, on_tcp });
            }
        }
        if !policies.is_empty() {
            found.push(OnTcp { workload, ports, policies });
        }
    }
    found
}

/// Whether a port carries opaque bytes over TCP.
pub(super) fn is_tcp(protocol: Protocol) -> bool {
    protocol.class() == PortClass::Tcp && protocol != Protocol::Udp
}

/// Whether a rule may match on a port.
pub(super) fn is_about(rule: &EngineRule, port: u16) -> bool {
    !rule.from.is_empty() && rule.to.iter().any(|to| admits_port(to, port))
}

/// The first test of a rule that only HTTP has.
pub(super) fn first_http(rule: &EngineRule) -> Option<&Test> {
    rule.to.iter().chain(&rule.from).flat_map(|entry| &entry.tests).find(|test| is_http_only(&test.attribute))
}

fn is_http_only(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::Host
        | Attribute::Method
        | Attribute::Path
        | Attribute::Header(_)
        | Attribute::RequestPrincipal
        | Attribute::Audiences
        | Attribute::Presenter
        | Attribute::Claim(_) => true,
        Attribute::Principal
        | Attribute::Namespace
        | Attribute::ServiceAccount
        | Attribute::TrustDomain
        | Attribute::SourceIp
        | Attribute::RemoteIp
        | Attribute::DestinationIp
        | Attribute::DestinationPort
        | Attribute::Sni
        | Attribute::Metadata(..) => false,
    }
}

/// A connection of a caller that an entry means.
pub(super) fn connection(view: &MeshView<'_>, workload: &Workload, port: u16, from: &Entry) -> Request {
    Request {
        principal: Some(sample::principal(view, workload, from)),
        source_ip: Some("192.0.2.1".to_owned()),
        namespace: workload.namespace.clone(),
        workload: workload.name.clone(),
        port,
        protocol: Some("tcp"),
        ..Request::default()
    }
}
