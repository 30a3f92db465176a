//! Entries of `portLevelMtls` for ports that none of the workloads they are for listens on.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Span;
use crate::lint::MeshView;
use crate::lint::ServiceIndex;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::Object;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::WorkloadId;

/// One such entry.
pub(super) struct UnusedPort<'m> {
    /// The policy.
    pub(super) policy: &'m Object<PeerAuthentication>,
    /// The port.
    pub(super) port: u16,
    /// Where to point.
    pub(super) span: Span,
    /// The key, when it is known where it stands.
    pub(super) key: Option<Span>,
    /// A service of the workloads that has this port, and the port it leads to.
    pub(super) service: Option<(&'m Service, u16)>,
    /// Ports that are listened on, as far as they are declared.
    pub(super) known: BTreeSet<u16>,
}

/// What is known of the workloads for which a policy counts.
struct Workloads<'m> {
    known: BTreeSet<u16>,
    services: Vec<(&'m Service, WorkloadId)>,
    /// Each of them declares its ports.
    all_declare: bool,
}

/// Every entry that is not used.
pub(super) fn for_each_unused_port<'m>(view: &MeshView<'m>, found: &mut dyn FnMut(UnusedPort<'m>)) {
    let mesh = view.mesh;
    if mesh.peer_authentications.iter().all(|policy| policy.spec.port_level.is_empty()) {
        return;
    }
    let (modes, index) = (mesh.peer_modes(), ServiceIndex::of(mesh));
    let mut by_policy: BTreeMap<usize, Workloads<'m>> = BTreeMap::new();
    for (id, workload) in mesh.workloads.iter().enumerate() {
        if !matches!(workload.proxy, Proxy::Sidecar | Proxy::Ambient) {
            continue;
        }
        let Some((policy, object)) = modes.workload_policy(&workload.namespace, &workload.labels) else { continue };
        if object.spec.port_level.is_empty() {
            continue;
        }
        let workloads = by_policy.entry(policy).or_insert_with(|| Workloads {
            known: BTreeSet::new(),
            services: Vec::new(),
            all_declare: true,
        });
        workloads.all_declare &= !workload.container_ports.is_empty();
        workloads.known.extend(workload.container_ports.iter().map(|port| port.port.value));
        for service in index.of_workload(WorkloadId(id)) {
            let endpoints = service.endpoints.iter().filter(|endpoint| endpoint.workload == Some(WorkloadId(id)));
            workloads.known.extend(endpoints.flat_map(|endpoint| endpoint.ports.values()));
            workloads.services.push((service, WorkloadId(id)));
        }
    }
    for (policy, workloads) in by_policy {
        let Some(object) = mesh.peer_authentications.get(policy).filter(|_| workloads.all_declare) else { continue };
        for (port, mode) in &object.spec.port_level {
            let Ok(port) = u16::try_from(*port) else { continue };
            if workloads.known.contains(&port) {
                continue;
            }
            let key = object.spec.port_keys.get(&u32::from(port)).map(|place| place.span);
            let service = workloads.services.iter().find_map(|(service, id)| {
                let endpoint = service.endpoints.iter().find(|endpoint| endpoint.workload == Some(*id))?;
                Some((*service, *endpoint.ports.get(&port)?))
            });
            found(UnusedPort {
                policy: object,
                port,
                span: key.unwrap_or(mode.span),
                key,
                service,
                known: workloads.known.clone(),
            });
        }
    }
}
