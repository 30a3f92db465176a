//! Which filter chain of a sidecar takes a connection, by what the proxy sees of it before it reads on.

use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::PortClass;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::FailureKind;

/// Which of Istio's protocol names a TLS client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alpn {
    /// None of them.
    Foreign,
    /// Those of HTTP.
    IstioHttp,
    /// Those of other traffic.
    IstioTcp,
}

/// The first bytes of a connection, as the proxy's inspectors see them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// A request in the clear.
    Http,
    /// Anything else in the clear.
    Bytes,
    /// TLS.
    Tls(Alpn),
}

/// What a filter chain does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    /// No chain fits, or the one that does cannot read it.
    Closed(FailureKind, ConnectionVerdict),
    /// Plaintext, read this way.
    Plaintext(Chain),
    /// TLS ends here.
    Terminates(Chain),
    /// TLS goes on to the application as bytes.
    PassesTls,
}

impl Alpn {
    /// What the protocol names in a client's hello mean, looked at in their order.
    pub fn of_names<'n>(names: impl IntoIterator<Item = &'n [u8]>) -> Self {
        names
            .into_iter()
            .find_map(|name| match name {
                b"istio-http/1.0" | b"istio-http/1.1" | b"istio-h2" => Some(Self::IstioHttp),
                b"istio" | b"istio-peer-exchange" => Some(Self::IstioTcp),
                _ => None,
            })
            .unwrap_or(Self::Foreign)
    }
}

/// The chain that takes a connection to a port of this mode and class.
#[must_use]
pub fn reception(mode: MutualTlsMode, class: PortClass, arrival: Arrival) -> Reception {
    let alpn = match arrival {
        Arrival::Http | Arrival::Bytes if mode == MutualTlsMode::Strict => {
            return Reception::Closed(FailureKind::PlaintextRefused, ConnectionVerdict::MtlsRequired);
        }
        Arrival::Http => return Reception::Plaintext(if class == PortClass::Tcp { Chain::Tcp } else { Chain::Http }),
        Arrival::Bytes => return Reception::Plaintext(if class == PortClass::Http { Chain::Http } else { Chain::Tcp }),
        Arrival::Tls(alpn) => alpn,
    };
    let failed = |kind| Reception::Closed(kind, ConnectionVerdict::ConnectionFailed);
    let by_alpn = if alpn == Alpn::IstioHttp { Chain::Http } else { Chain::Tcp };
    match (mode, class, alpn) {
        // TLS is not looked for on a port without mutual TLS: its bytes are bytes.
        (MutualTlsMode::Disable, PortClass::Http, _) => failed(FailureKind::TlsToPlaintext),
        (MutualTlsMode::Disable, PortClass::Tcp | PortClass::Auto, _) => Reception::PassesTls,
        (MutualTlsMode::Permissive | MutualTlsMode::Unset, PortClass::Http, Alpn::Foreign) => failed(FailureKind::UnexpectedTls),
        (MutualTlsMode::Permissive | MutualTlsMode::Unset, PortClass::Tcp | PortClass::Auto, Alpn::Foreign) => {
            Reception::PassesTls
        }
        (_, PortClass::Http, _) => Reception::Terminates(Chain::Http),
        (_, PortClass::Tcp, _) => Reception::Terminates(Chain::Tcp),
        (_, PortClass::Auto, _) => Reception::Terminates(by_alpn),
    }
}
