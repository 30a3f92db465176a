//! One connection: what the caller puts on the wire, what the destination's proxy accepts, and who is seen on the other side.
//!
//! ```text
//! Caller, Destination -> client (DestinationRule, automatic mutual TLS) -> server (PeerAuthentication, Gateway) -> Connection
//! ```
//!
//! In: a [`Question`]. Out: a [`Connection`] with both sides' modes, the places that decided, the names in the caller's certificate and
//! an [`Outcome`]. Nothing here looks at requests: authorization and tokens come after a connection that stands. A connection that stands
//! may still come to nothing when the bytes reach the application, but only after authorization had its say: [`Outcome::Connected`].
//!
//! What the destination's proxy accepts on one port, by mode and class of the port:
//!
//! | mode | class | plaintext | TLS with Istio's ALPN | TLS without |
//! |---|---|---|---|---|
//! | DISABLE | HTTP | HTTP | refused by the HTTP codec | the same |
//! | DISABLE | TCP, auto | HTTP if it looks like it, else TCP | TLS bytes to the application | the same |
//! | PERMISSIVE | HTTP | HTTP | mutual TLS, HTTP | closed |
//! | PERMISSIVE | TCP | TCP | mutual TLS, TCP | TLS bytes to the application |
//! | PERMISSIVE | auto | HTTP if it looks like it, else TCP | mutual TLS, HTTP or TCP by ALPN | TLS bytes to the application |
//! | STRICT | HTTP, TCP | closed | mutual TLS | mutual TLS |
//! | STRICT | auto | closed | mutual TLS, HTTP or TCP by ALPN | mutual TLS, TCP: no HTTP rules |
//!
//! Ambient destinations, waypoints and proxyless servers are [`Outcome::Undetermined`].

mod caller;
mod client;
mod destination_rule;
mod failure;
mod gateway;
mod naming;
mod reception;
mod server;
mod visibility;

#[cfg(test)]
mod tests;

pub use caller::Caller;
pub use caller::CallerProxy;
pub use client::Certificate;
pub use client::Emission;
pub use client::Trust;
pub use failure::ConnectionFailure;
pub use failure::ConnectionVerdict;
pub use failure::FailureKind;
pub use naming::Expected;
pub use reception::Alpn;
pub use reception::Arrival;
pub use reception::Reception;
pub use reception::reception;
pub use server::is_of_trust_domain;

pub(crate) use destination_rule::full_host;
pub(crate) use visibility::overlaps;

pub(in crate::simulate) use visibility::is_visible;

pub(super) use server::accepted_trust_domains;

use crate::diag::Span;
use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::Subset;
use crate::mesh::Mesh;
use crate::mesh::ModeOrigin;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::WorkloadId;

/// Where a connection goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The workload it lands on.
    pub workload: WorkloadId,
    /// The workload's own port.
    pub port: u16,
    /// The service it was addressed to, as index in [`Mesh::services`], and that service's port; `None` for the workload's address.
    pub service: Option<(usize, u16)>,
    /// The subset a route picked.
    pub subset: Option<String>,
    /// The application itself speaks TLS.
    pub app_tls: bool,
}

/// What the caller's side is told to do, whatever the manifests say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ClientTlsOverride {
    /// What the manifests say. A caller without a proxy sends plaintext, unless it holds a certificate: then it uses it.
    #[default]
    Auto,
    /// Plaintext.
    Disable,
    /// TLS without a client certificate; the server's is not checked.
    Simple,
    /// TLS with the caller's own certificate but without Istio's ALPN; the server's is not checked.
    Mutual,
    /// Mutual TLS as a sidecar speaks it.
    IstioMutual,
}

/// What the application sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum ApplicationProtocol {
    /// HTTP of any version.
    #[default]
    Http,
    /// Anything else.
    Tcp,
}

/// A connection asked about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who connects.
    pub caller: &'a Caller,
    /// Where to.
    pub destination: &'a Destination,
    /// What is spoken.
    pub protocol: ApplicationProtocol,
    /// What the caller's side is told to do.
    pub tls: ClientTlsOverride,
    /// The server name to send instead of the usual one.
    pub sni: Option<&'a str>,
    /// The name the caller asks for, without a port: the usual server name of one-way TLS. The service's host when absent.
    pub host: Option<&'a str>,
}

/// What the caller puts on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClientTls {
    /// No TLS.
    Plaintext,
    /// TLS without a client certificate.
    Simple,
    /// TLS with a client certificate, without Istio's ALPN.
    Mutual,
    /// Mutual TLS between proxies.
    IstioMutual,
}

impl ClientTls {
    /// The word used in decisions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plaintext => "plaintext",
            Self::Simple => "simple",
            Self::Mutual => "mutual",
            Self::IstioMutual => "istio-mutual",
        }
    }
}

/// The `DestinationRule` that decided what the caller does.
#[derive(Debug, Clone, Copy)]
pub struct RuleOrigin {
    /// Index in [`Mesh::destination_rules`].
    pub rule: usize,
    /// Where the settings stand.
    pub span: Span,
}

/// How the destination's proxy reads a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// As HTTP: all policies apply. Bytes that are no HTTP are refused by its codec.
    Http,
    /// As bytes: policies apply as far as they are about connections.
    Tcp,
    /// The proxy does not intercept the port: no policy applies.
    Passthrough,
    /// There is no proxy: no policy applies.
    NoProxy,
}

/// Whether the caller found whom it expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecureNaming {
    /// The server's identity is one of those expected.
    Ok,
    /// It is not.
    Mismatch {
        /// Identities that would have been accepted.
        expected: Vec<String>,
        /// The identity the server has.
        got: String,
    },
    /// Nothing was compared.
    NotChecked,
}

/// How a connection ends up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stands, and authorization is asked.
    Connected {
        /// What happens to the bytes when authorization lets them through to the application: a failure, or none.
        then: Option<ConnectionFailure>,
    },
    /// It does not come about; nothing reaches authorization.
    Failed(ConnectionFailure),
    /// A fact that is not known decides.
    Undetermined {
        /// Which.
        reason: String,
    },
}

/// What became of a connection, and why.
#[derive(Debug, Clone)]
pub struct Connection {
    /// What the caller puts on the wire.
    pub client_tls: ClientTls,
    /// The rule that says so; `None` when automatic mutual TLS, a default or the question did.
    pub client_tls_from: Option<RuleOrigin>,
    /// What the destination's proxy demands; `None` where `PeerAuthentication` has no say.
    pub server_mode: Option<MutualTlsMode>,
    /// The policy that says so; `None` for the default.
    pub server_mode_from: Option<ModeOrigin>,
    /// How the destination's proxy reads the connection; `None` when it does not come about.
    pub chain: Option<Chain>,
    /// Names in the caller's certificate as the destination's proxy sees them; empty without mutual TLS.
    pub peer: Vec<String>,
    /// The server name that was sent; empty without TLS, or when none was.
    pub sni: String,
    /// Whether the caller found whom it expected.
    pub secure_naming: SecureNaming,
    /// How it ends up.
    pub outcome: Outcome,
    /// What is true but surprising.
    pub warnings: Vec<String>,
}

impl Connection {
    fn undetermined(reason: impl Into<String>) -> Self {
        Self {
            client_tls: ClientTls::Plaintext,
            client_tls_from: None,
            server_mode: None,
            server_mode_from: None,
            chain: None,
            peer: Vec::new(),
            sni: String::new(),
            secure_naming: SecureNaming::NotChecked,
            outcome: Outcome::Undetermined { reason: reason.into() },
            warnings: Vec::new(),
        }
    }
}

/// The subset of a service that the caller's proxy knows under this name.
#[must_use]
pub fn subset<'m>(mesh: &'m Mesh, caller: &Caller, service: &Service, name: &str) -> Option<&'m Subset> {
    let namespace = caller.namespace.as_deref().unwrap_or("default");
    let rule = destination_rule::find(mesh, namespace, &caller.labels, service)?;
    rule.subset(name).map(|(_, subset)| subset)
}

/// What the caller puts on the wire, or the connection that it does not even try.
///
/// # Errors
/// The connection that comes to nothing before it is tried.
pub fn emission(mesh: &Mesh, question: &Question<'_>) -> Result<Emission, Box<Connection>> {
    match mesh.workload(question.destination.workload) {
        Some(workload) => client::emit(mesh, question, workload),
        None => Err(Box::new(Connection::undetermined("the destination is not part of the mesh"))),
    }
}

/// Decides one connection.
#[must_use]
pub fn connect(mesh: &Mesh, question: &Question<'_>) -> Connection {
    let Some(workload) = mesh.workload(question.destination.workload) else {
        return Connection::undetermined("the destination is not part of the mesh");
    };
    if question.caller.proxy == CallerProxy::Ambient {
        return Connection::undetermined("the caller is part of an ambient mesh, which is not modelled");
    }
    match workload.proxy {
        Proxy::Ambient => {
            return Connection::undetermined(format!(
                "`{}` is part of an ambient mesh, which is not modelled",
                workload.display_name()
            ));
        }
        Proxy::Waypoint => {
            return Connection::undetermined(format!("`{}` is a waypoint, which is not modelled", workload.display_name()));
        }
        Proxy::None if workload.proxyless => {
            let reason =
                format!("`{}` speaks for the mesh itself (proxyless gRPC), which is not modelled", workload.display_name());
            return Connection::undetermined(reason);
        }
        Proxy::Sidecar | Proxy::Gateway | Proxy::None => {}
    }
    if let Some(probed) = server::probe(question, workload) {
        return probed;
    }
    let emission = match client::emit(mesh, question, workload) {
        Ok(emission) => emission,
        Err(stopped) => return *stopped,
    };
    match workload.proxy {
        Proxy::Gateway => gateway::receive(mesh, question, workload, emission),
        Proxy::Sidecar | Proxy::None | Proxy::Waypoint | Proxy::Ambient => server::receive(mesh, question, workload, emission),
    }
}
