//! Why a call came to nothing, in Envoy's words. It hides from its client what the other side or TLS said; whoever looks on is told.

use std::error::Error;
use std::io;

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    reason: &'static str,
    /// The connection did not come about: another attempt does no harm.
    pub(super) is_connect: bool,
    /// Envoy's status.
    pub(super) status: u16,
    /// More than Envoy says.
    pub(super) detail: String,
}

impl Failure {
    fn connect(detail: String) -> Self {
        Self { reason: "remote connection failure", is_connect: true, status: 503, detail }
    }

    /// The address takes no connection.
    pub(super) fn unreachable(error: &io::Error) -> Self {
        Self::connect(error.to_string())
    }

    /// The connection takes too long.
    pub(super) fn timeout() -> Self {
        Self { reason: "connection timeout", ..Self::connect("the connection takes too long".to_owned()) }
    }

    /// The caller turned away from the server.
    pub(super) fn refused(why: String) -> Self {
        Self::connect(why)
    }

    /// The handshake ended.
    pub(super) fn handshake(error: &io::Error) -> Self {
        Self::connect(format!("TLS handshake: {error}"))
    }

    /// The connection ended before there was an answer. With TLS 1.3 this is also how a server refuses the caller's certificate.
    pub(super) fn ended(error: &hyper::Error) -> Self {
        let (reason, status) = if error.is_parse() { ("protocol error", 502) } else { ("connection termination", 503) };
        let detail = match error.source() {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        };
        Self { reason, is_connect: false, status, detail }
    }

    /// The body of the answer. Whatever may be tried again was, and Envoy says so.
    pub(super) fn text(&self) -> String {
        let retried = if self.is_connect { "retried and the latest " } else { "" };
        format!("upstream connect error or disconnect/reset before headers. {retried}reset reason: {}", self.reason)
    }
}
