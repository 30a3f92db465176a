//! Which filter chains a port gets: by what its protocol says and by its server mode.

use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::PortClass;

/// What a chain accepts and how it reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Application protocols that lead here.
    pub(super) application: Application,
    /// Whether the connection must be TLS, or must not.
    pub(super) transport: Transport,
    /// Whether this proxy ends the TLS; otherwise the bytes pass through.
    pub(super) terminates: bool,
    /// Whether the bytes are HTTP.
    pub(super) http: bool,
}

/// Transport protocol of a connection, as the TLS inspector finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    Tls,
    Plain,
}

/// Sets of application protocols (ALPN, or what the HTTP inspector finds).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Application {
    /// No condition.
    Any,
    /// Mesh clients that know they speak HTTP.
    MeshHttp,
    /// Mesh clients that do not know what they speak.
    MeshBytes,
    /// All mesh clients.
    Mesh,
    /// HTTP in the clear.
    PlainHttp,
}

impl Application {
    /// The protocol names; `http10` adds HTTP/1.0 to what counts as HTTP in the clear.
    pub(super) fn names(self, http10: bool) -> &'static [&'static str] {
        match self {
            Self::Any => &[],
            Self::MeshHttp => &["istio-http/1.0", "istio-http/1.1", "istio-h2"],
            Self::MeshBytes => &["istio-peer-exchange", "istio"],
            Self::Mesh => &["istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"],
            Self::PlainHttp if http10 => &["http/1.0", "http/1.1", "h2c"],
            Self::PlainHttp => &["http/1.1", "h2c"],
        }
    }
}

const HTTP: bool = true;
const TCP: bool = false;

const fn ends_tls(application: Application, http: bool) -> Shape {
    Shape { application, transport: Transport::Tls, terminates: true, http }
}

const fn passes_tls() -> Shape {
    Shape { application: Application::Any, transport: Transport::Tls, terminates: false, http: TCP }
}

const fn plain(application: Application, http: bool) -> Shape {
    Shape { application, transport: Transport::Plain, terminates: false, http }
}

const HTTP_STRICT: &[Shape] = &[ends_tls(Application::Any, HTTP)];
const HTTP_PERMISSIVE: &[Shape] = &[ends_tls(Application::Mesh, HTTP), plain(Application::Any, HTTP)];
const HTTP_DISABLE: &[Shape] = &[plain(Application::Any, HTTP)];
const TCP_STRICT: &[Shape] = &[ends_tls(Application::Any, TCP)];
const TCP_PERMISSIVE: &[Shape] = &[ends_tls(Application::Mesh, TCP), passes_tls(), plain(Application::Any, TCP)];
const TCP_DISABLE: &[Shape] = &[plain(Application::Any, TCP)];
const AUTO_STRICT: &[Shape] = &[ends_tls(Application::MeshHttp, HTTP), ends_tls(Application::Any, TCP)];
const AUTO_PERMISSIVE: &[Shape] = &[
    ends_tls(Application::MeshHttp, HTTP),
    plain(Application::PlainHttp, HTTP),
    ends_tls(Application::MeshBytes, TCP),
    plain(Application::Any, TCP),
    passes_tls(),
];
const AUTO_DISABLE: &[Shape] = &[plain(Application::PlainHttp, HTTP), plain(Application::Any, TCP)];

/// The chains of a port in istiod's order.
pub(super) fn shapes(class: PortClass, mode: MutualTlsMode) -> &'static [Shape] {
    match (class, mode) {
        (PortClass::Http, MutualTlsMode::Strict) => HTTP_STRICT,
        (PortClass::Http, MutualTlsMode::Permissive) => HTTP_PERMISSIVE,
        (PortClass::Http, MutualTlsMode::Disable | MutualTlsMode::Unset) => HTTP_DISABLE,
        (PortClass::Tcp, MutualTlsMode::Strict) => TCP_STRICT,
        (PortClass::Tcp, MutualTlsMode::Permissive) => TCP_PERMISSIVE,
        (PortClass::Tcp, MutualTlsMode::Disable | MutualTlsMode::Unset) => TCP_DISABLE,
        (PortClass::Auto, MutualTlsMode::Strict) => AUTO_STRICT,
        (PortClass::Auto, MutualTlsMode::Permissive) => AUTO_PERMISSIVE,
        (PortClass::Auto, MutualTlsMode::Disable | MutualTlsMode::Unset) => AUTO_DISABLE,
    }
}
