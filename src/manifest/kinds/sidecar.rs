use crate::diag::Spanned;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;

/// `Sidecar` of networking.istio.io, as far as it decides what is declared and what is seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sidecar {
    /// `workloadSelector`.
    pub workload_selector: Option<Selector>,
    /// `ingress`.
    pub ingress: Vec<IngressListener>,
    /// `egress`.
    pub egress: Vec<EgressListener>,
}

/// One entry of `ingress`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IngressListener {
    /// `port.number`.
    pub port: Spanned<u16>,
    /// `port.name`.
    pub name: Option<Spanned<String>>,
    /// `port.protocol`, as written.
    pub protocol: Option<Spanned<String>>,
    /// `defaultEndpoint`.
    pub default_endpoint: Option<Spanned<String>>,
    /// `tls` is given.
    pub has_tls: bool,
    /// Where the entry stands.
    pub place: Place,
}

/// One entry of `egress`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EgressListener {
    /// `hosts`: `namespace/host`.
    pub hosts: Vec<Spanned<String>>,
    /// `port.number`.
    pub port: Option<Spanned<u16>>,
}
