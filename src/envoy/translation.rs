use crate::manifest::kinds::JwtRule;
use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::Mesh;
use crate::mesh::Protocol;
use crate::mesh::Workload;
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
