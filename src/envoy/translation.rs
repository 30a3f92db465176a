use std::collections::BTreeSet;

use crate::manifest::kinds::JwtRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::InboundPort;
use crate::mesh::Mesh;
use crate::mesh::Protocol;
use crate::mesh::Service;
use crate::mesh::ServicePort;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy::Engines;

/// Everything the configuration of one workload's proxy is made from.
#[derive(Debug, Clone)]
pub struct Translation<'m> {
    /// The mesh: settings, services and providers.
    pub mesh: &'m Mesh,
    /// The workload.
    pub workload: &'m Workload,
    /// Ports that a Service or a Sidecar declares, in any order, one per number.
    pub ports: Vec<DeclaredPort>,
    /// Server mode of ports that nothing declares.
    pub passthrough: MutualTlsMode,
    /// Ports that nothing declares but a `portLevelMtls` names, with their server mode.
    pub undeclared: Vec<(u16, MutualTlsMode)>,
    /// Authorization of HTTP chains.
    pub http: &'m Engines,
    /// Authorization of TCP chains.
    pub tcp: &'m Engines,
    /// JWT rules in istiod's order.
    pub jwt: Vec<Jwt<'m>>,
}

/// A port that a Service or a Sidecar declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredPort {
    /// The port of the workload.
    pub number: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// The server mode, resolved.
    pub mode: MutualTlsMode,
    /// What declares it.
    pub declared_by: Declaration,
}

/// What declares a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Declaration {
    /// A Service, by this port of its own.
    Service(u16),
    /// An `ingress` of a Sidecar.
    Sidecar {
        /// Namespace of the Sidecar.
        namespace: String,
        /// Name of the Sidecar.
        name: String,
    },
}

/// One JWT rule with its keys.
#[derive(Debug, Clone)]
pub struct Jwt<'m> {
    /// The rule.
    pub rule: &'m JwtRule,
    /// The key set text istiod sends; `None` when it could not fetch one.
    pub keys: Option<String>,
}

impl<'m> Translation<'m> {
    /// Reads ports and server modes of a workload from the mesh; `None` when the mesh has no such workload.
    #[must_use]
    pub fn of_workload(mesh: &'m Mesh, id: WorkloadId, http: &'m Engines, tcp: &'m Engines, jwt: Vec<Jwt<'m>>) -> Option<Self> {
        let workload = mesh.workload(id)?;
        let declared = mesh.inbound_ports(id);
        // With an ingress of a Sidecar only that counts as declared here, though ports of services may have been merged in.
        let has_ingress = declared.iter().any(|port| port.service.is_none());
        let numbers: BTreeSet<u16> =
            declared.iter().filter(|port| !has_ingress || port.service.is_none()).map(|port| port.port).collect();
        let ports = declared.iter().map(|port| DeclaredPort::of_mesh(mesh, id, workload, port)).collect();
        let undeclared = mesh
            .port_level_modes(workload)
            .into_iter()
            .filter(|(port, _)| !numbers.contains(port))
            .map(|(port, mode)| (port, mode.mode))
            .collect();
        let passthrough = mesh.workload_mode(workload).mode;
        Some(Self { mesh, workload, ports, passthrough, undeclared, http, tcp, jwt })
    }
}

impl DeclaredPort {
    fn of_mesh(mesh: &Mesh, id: WorkloadId, workload: &Workload, port: &InboundPort) -> Self {
        let service = port.service.and_then(|index| mesh.services.get(index));
        let declared_by = match (service, mesh.sidecar_of(workload)) {
            (None, Some(sidecar)) => {
                Declaration::Sidecar { namespace: sidecar.id.namespace.clone(), name: sidecar.id.name.clone() }
            }
            (service, _) => {
                Declaration::Service(service.and_then(|service| service_port(service, id, port.port)).unwrap_or(port.port))
            }
        };
        let mode = mesh.server_mode(workload, port.port).mode;
        Self { number: port.port, protocol: port.protocol, mode, declared_by }
    }
}

/// The first port of the service that leads to this port of the workload.
fn service_port(service: &Service, id: WorkloadId, target: u16) -> Option<u16> {
    let endpoint = service.endpoints.iter().find(|endpoint| endpoint.workload == Some(id))?;
    let leads_here = |port: &&ServicePort| endpoint.ports.get(&port.number) == Some(&target);
    service.ports.iter().find(leads_here).map(|port| port.number)
}

impl Translation<'_> {
    /// The address that stands for all addresses of the workload.
    pub(super) fn wildcard(&self) -> &'static str {
        if self.workload.ip.is_some_and(|ip| ip.is_ipv6()) { "::" } else { "0.0.0.0" }
    }

    /// Trust domains whose identities the proxy accepts, without doubles; empty accepts all that the root certificates vouch for.
    pub(super) fn trust_domains(&self) -> Vec<&str> {
        let settings = &self.mesh.settings;
        if settings.feature("PILOT_SKIP_VALIDATE_TRUST_DOMAIN", false) {
            return Vec::new();
        }
        let mut domains: Vec<&str> = Vec::new();
        let written =
            std::iter::once(&settings.trust_domain).chain(&settings.trust_domain_aliases).chain(&settings.ca_trust_domains);
        for domain in written {
            if !domain.is_empty() && !domains.contains(&domain.as_str()) {
                domains.push(domain);
            }
        }
        domains
    }
}
