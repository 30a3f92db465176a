mod attachment;
mod modes;

use std::collections::BTreeMap;

use crate::diag::Span;
use crate::manifest::Labels;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::Sidecar;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;

pub use modes::PeerModes;

/// Where the virtual inbound listener itself listens; what arrives for this port is dropped.
pub const INBOUND_LISTENER_PORT: u16 = 15006;
const OUTBOUND_LISTENER_PORT: u16 = 15001;

/// Static listeners of every proxy: health and metrics.
const STATIC_PORTS: [u16; 2] = [15021, 15090];

/// A port that a workload's proxy has filter chains of its own for.
#[derive(Debug, Clone, Copy)]
pub struct InboundPort {
    /// The workload's port.
    pub port: u16,
    /// How the proxy reads it.
    pub class: PortClass,
    /// The protocol behind the class.
    pub protocol: Protocol,
    /// Index of the service that decides, in [`Mesh::services`]; `None` for a port of a Sidecar.
    pub service: Option<usize>,
    /// Where the port was written.
    pub span: Span,
}

/// What a server demands of a connection, and who says so.
#[derive(Debug, Clone, Copy)]
pub struct ServerMode {
    /// The mode; never [`MutualTlsMode::Unset`].
    pub mode: MutualTlsMode,
    /// The policy it comes from; `None` for the default, PERMISSIVE.
    pub from: Option<ModeOrigin>,
}

impl Default for ServerMode {
    fn default() -> Self {
        Self { mode: MutualTlsMode::Permissive, from: None }
    }
}

/// Where a mode was written.
#[derive(Debug, Clone, Copy)]
pub struct ModeOrigin {
    /// Index in [`Mesh::peer_authentications`].
    pub policy: usize,
    /// Where the mode stands.
    pub span: Span,
    /// On which level it was given.
    pub level: Level,
}

/// Levels of `PeerAuthentication`, each of which overrides those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The root namespace, without a selector.
    Mesh,
    /// The workload's namespace, without a selector.
    Namespace,
    /// A selector that the workload's labels satisfy.
    Workload,
    /// `portLevelMtls` of the policy with the selector.
    Port,
}

impl Mesh {
    /// Ports that the proxy of a workload declares, in order: those of its Sidecar's `ingress`, or else the target ports of the
    /// services that select it. Of two services on one port the oldest decides, then the first by host name.
    #[must_use]
    pub fn inbound_ports(&self, workload: WorkloadId) -> Vec<InboundPort> {
        let Some(target) = self.workload(workload) else { return Vec::new() };
        let mut ports = BTreeMap::new();
        let ingress = self.sidecar_of(target).map(|sidecar| &sidecar.spec).filter(|sidecar| !sidecar.ingress.is_empty());
        let merged = self.settings.feature("PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE", false);
        if let Some(sidecar) = ingress {
            add_ingress(&mut ports, sidecar);
        } else if target.interception_none {
            // Without interception and without a Sidecar nothing is listened on.
            return Vec::new();
        }
        if ingress.is_none() || merged {
            self.add_service_ports(&mut ports, workload);
        }
        ports.into_values().collect()
    }

    fn add_service_ports(&self, ports: &mut BTreeMap<u16, InboundPort>, workload: WorkloadId) {
        let mut selecting: Vec<_> = self
            .services_of(workload)
            .iter()
            .filter_map(|&index| {
                let service = self.services.get(index)?;
                let endpoint = service.endpoints.iter().find(|endpoint| endpoint.workload == Some(workload))?;
                Some((index, service, endpoint))
            })
            .collect();
        selecting.sort_by(|(_, a, _), (_, b, _)| {
            a.creation_timestamp.cmp(&b.creation_timestamp).then_with(|| a.hostname.cmp(&b.hostname))
        });
        for (index, service, endpoint) in selecting {
            for port in &service.ports {
                let Some(&target) = endpoint.ports.get(&port.number) else { continue };
                if STATIC_PORTS.contains(&target) || target == INBOUND_LISTENER_PORT || target == OUTBOUND_LISTENER_PORT {
                    continue;
                }
                ports.entry(target).or_insert(InboundPort {
                    port: target,
                    class: port.protocol.class(),
                    protocol: port.protocol,
                    service: Some(index),
                    span: port.span,
                });
            }
        }
    }

    /// The Sidecar that configures a workload: of its namespace first those with a matching selector, then those without one, the
    /// oldest of each; else the selector-less one of the root namespace.
    #[must_use]
    pub fn sidecar_of(&self, workload: &Workload) -> Option<&Object<Sidecar>> {
        if workload.proxy != Proxy::Sidecar {
            return None;
        }
        self.sidecar_for(&workload.namespace, &workload.labels)
    }

    /// As [`Mesh::sidecar_of`], for a proxy in a namespace with these labels.
    #[must_use]
    pub fn sidecar_for(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Option<&Object<Sidecar>> {
        let in_namespace = |wanted: &str, selected: bool| {
            let wanted = wanted.to_owned();
            self.sidecars
                .iter()
                .filter(move |sidecar| sidecar.id.namespace == wanted && sidecar.spec.workload_selector.is_some() == selected)
        };
        in_namespace(namespace, true)
            .find(|sidecar| sidecar.spec.workload_selector.as_ref().is_none_or(|selector| selector_matches(selector, labels)))
            .or_else(|| in_namespace(namespace, false).next())
            .or_else(|| in_namespace(&self.settings.root_namespace, false).next())
    }

    /// What the workload demands on this port of its own.
    #[must_use]
    pub fn server_mode(&self, workload: &Workload, port: u16) -> ServerMode {
        self.server_mode_for(&workload.namespace, &workload.labels, port)
    }

    /// As [`Mesh::server_mode`], for an endpoint in a namespace with these labels.
    #[must_use]
    pub fn server_mode_for(&self, namespace: &str, labels: &BTreeMap<String, String>, port: u16) -> ServerMode {
        PeerModes::of_namespace(self, namespace).server_mode_for(namespace, labels, port)
    }

    /// What the workload demands on every port without an entry of its own.
    #[must_use]
    pub fn workload_mode(&self, workload: &Workload) -> ServerMode {
        PeerModes::of_namespace(self, &workload.namespace).workload_mode(workload)
    }

    /// Ports with an entry of their own in the workload's policy, declared or not, with the mode that results.
    #[must_use]
    pub fn port_level_modes(&self, workload: &Workload) -> BTreeMap<u16, ServerMode> {
        PeerModes::of_namespace(self, &workload.namespace).port_level_modes(workload)
    }

    /// What automatic mutual TLS takes a service of this namespace to demand: the namespace's policy, or else the mesh's. Policies
    /// with a selector are not looked at.
    #[must_use]
    pub fn service_level_mode(&self, namespace: &str) -> ServerMode {
        PeerModes::of_namespace(self, namespace).service_level_mode(namespace)
    }

    /// The same questions about many workloads: the policies are sorted by namespace once.
    #[must_use]
    pub fn peer_modes(&self) -> PeerModes<'_> {
        PeerModes::of_mesh(self)
    }
}

/// Whether labels carry everything a selector asks for. One that asks for nothing matches everything.
pub(crate) fn selector_matches(selector: &Selector, labels: &BTreeMap<String, String>) -> bool {
    selector_labels_match(&selector.match_labels, labels)
}

/// Whether every wanted label is there with its value.
pub(crate) fn selector_labels_match(wanted: &Labels, labels: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(name, value)| labels.get(name).is_some_and(|own| *own == value.value))
}

fn add_ingress(ports: &mut BTreeMap<u16, InboundPort>, sidecar: &Sidecar) {
    for listener in &sidecar.ingress {
        let port = listener.port.value;
        let protocol = listener.protocol.as_ref().map_or(Protocol::Unset, |protocol| Protocol::parse(&protocol.value));
        if STATIC_PORTS.contains(&port) && protocol.class() == PortClass::Http {
            continue;
        }
        ports.entry(port).or_insert(InboundPort {
            port,
            class: protocol.class(),
            protocol,
            service: None,
            span: listener.port.span,
        });
    }
}

#[cfg(test)]
mod tests;
