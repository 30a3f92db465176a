use crate::diag::Spanned;
use crate::manifest::Labels;

/// `Service` of the core group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// `spec.type`; `ClusterIP` when absent.
    pub service_type: String,
    /// `spec.clusterIP`; `None` (the word) means headless.
    pub cluster_ip: Option<Spanned<String>>,
    /// `spec.externalName`.
    pub external_name: Option<Spanned<String>>,
    /// `spec.selector`; empty selects nothing.
    pub selector: Labels,
    /// `spec.ports`.
    pub ports: Vec<ServicePort>,
}

impl Service {
    /// Whether the service has no virtual address.
    #[must_use]
    pub fn is_headless(&self) -> bool {
        self.cluster_ip.as_ref().is_some_and(|ip| ip.value == "None")
    }

    /// Whether the service is only another name for a host.
    #[must_use]
    pub fn is_external_name(&self) -> bool {
        self.service_type == "ExternalName"
    }
}

/// One entry of `spec.ports`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServicePort {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `port`.
    pub port: Spanned<u16>,
    /// `targetPort`; the port itself when absent.
    pub target_port: Option<Spanned<TargetPort>>,
    /// `protocol`: `TCP` (also when absent), `UDP` or `SCTP`.
    pub protocol: String,
    /// `appProtocol`.
    pub app_protocol: Option<Spanned<String>>,
}

/// A port by number or by the name a container gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPort {
    /// A number.
    Number(u16),
    /// A name.
    Name(String),
}
