use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::kinds::Place;

/// `Gateway` of networking.istio.io.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Gateway {
    /// `selector`: labels of the gateway pods.
    pub selector: Labels,
    /// `servers`.
    pub servers: Vec<Server>,
}

/// One entry of `servers`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Server {
    /// `port.number`: the Service port.
    pub port: Spanned<u16>,
    /// `port.name`.
    pub port_name: Option<Spanned<String>>,
    /// `port.protocol`, as written.
    pub protocol: Spanned<String>,
    /// `hosts`.
    pub hosts: Vec<Spanned<String>>,
    /// `tls`.
    pub tls: Option<ServerTls>,
    /// Where the server stands.
    pub place: Place,
}

/// `tls` of a server.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerTls {
    /// `mode`, as written: `PASSTHROUGH` (the default), `SIMPLE`, `MUTUAL`, `AUTO_PASSTHROUGH`, `ISTIO_MUTUAL`, `OPTIONAL_MUTUAL`.
    pub mode: Option<Spanned<String>>,
    /// `httpsRedirect`.
    pub https_redirect: bool,
    /// `credentialName`.
    pub credential_name: Option<Spanned<String>>,
    /// `subjectAltNames`.
    pub subject_alt_names: Vec<Spanned<String>>,
}

/// `Gateway` of gateway.networking.k8s.io.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KubernetesGateway {
    /// `gatewayClassName`.
    pub class: Spanned<String>,
    /// `listeners`.
    pub listeners: Vec<KubernetesListener>,
}

/// One entry of `listeners`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KubernetesListener {
    /// `name`.
    pub name: Spanned<String>,
    /// `hostname`.
    pub hostname: Option<Spanned<String>>,
    /// `port`.
    pub port: Spanned<u16>,
    /// `protocol`, as written.
    pub protocol: Spanned<String>,
    /// `tls.mode`, as written.
    pub tls_mode: Option<Spanned<String>>,
}
