use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;

/// `DestinationRule` of networking.istio.io, v1, v1beta1 and v1alpha3.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DestinationRule {
    /// `host`.
    pub host: Spanned<String>,
    /// `trafficPolicy`.
    pub traffic_policy: Option<TrafficPolicy>,
    /// `subsets`.
    pub subsets: Vec<Subset>,
    /// `exportTo`; empty when absent.
    pub export_to: Vec<Spanned<String>>,
    /// `workloadSelector`.
    pub workload_selector: Option<Selector>,
}

/// `trafficPolicy`, as far as it decides about TLS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrafficPolicy {
    /// `tls`.
    pub tls: Option<ClientTls>,
    /// `loadBalancer.simple` is `PASSTHROUGH`.
    pub pass_through: bool,
    /// `portLevelSettings`.
    pub port_level: Vec<PortTrafficPolicy>,
    /// Where the policy stands.
    pub place: Place,
}

/// One entry of `portLevelSettings`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PortTrafficPolicy {
    /// `port.number`: a Service port.
    pub port: Spanned<u32>,
    /// `tls`.
    pub tls: Option<ClientTls>,
    /// `loadBalancer.simple` is `PASSTHROUGH`.
    pub pass_through: bool,
    /// Where the entry stands.
    pub place: Place,
}

/// One entry of `subsets`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subset {
    /// `name`.
    pub name: Spanned<String>,
    /// `labels`.
    pub labels: Labels,
    /// `trafficPolicy`.
    pub traffic_policy: Option<TrafficPolicy>,
}

/// `tls` of a traffic policy.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientTls {
    /// `mode`; [`ClientTlsMode::Disable`] when absent, as in the API.
    pub mode: Spanned<ClientTlsMode>,
    /// `clientCertificate`.
    pub client_certificate: Option<Spanned<String>>,
    /// `privateKey`: a path.
    pub private_key: Option<Spanned<String>>,
    /// `caCertificates`.
    pub ca_certificates: Option<Spanned<String>>,
    /// `credentialName`.
    pub credential_name: Option<Spanned<String>>,
    /// `subjectAltNames`.
    pub subject_alt_names: Vec<Spanned<String>>,
    /// `sni`.
    pub sni: Option<Spanned<String>>,
    /// `insecureSkipVerify`.
    pub insecure_skip_verify: bool,
    /// Where the settings stand.
    pub place: Place,
}

/// What a client does to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ClientTlsMode {
    /// Plaintext.
    #[default]
    Disable,
    /// One-way TLS.
    Simple,
    /// Mutual TLS with given files.
    Mutual,
    /// Mutual TLS with the workload's own certificate.
    IstioMutual,
}

impl ClientTlsMode {
    /// The word as written in a rule.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "DISABLE",
            Self::Simple => "SIMPLE",
            Self::Mutual => "MUTUAL",
            Self::IstioMutual => "ISTIO_MUTUAL",
        }
    }
}
