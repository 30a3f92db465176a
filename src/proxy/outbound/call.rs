use std::net::SocketAddr;
use std::rc::Rc;

use jiff::Timestamp;

/// One call that a caller made.
#[derive(Debug, Clone)]
pub struct Call {
    /// When it was made.
    pub at: Timestamp,
    /// Who made it: a workload or a service account, `namespace/name`.
    pub caller: Rc<str>,
    /// Where the client's connection came from.
    pub client: SocketAddr,
    /// Method and path without its query, which may hold a token; `None` for bytes.
    pub request: Option<String>,
    /// The host that was asked for.
    pub host: String,
    /// The port that was asked for.
    pub port: u16,
    /// `namespace/name` of the workload that was called, with its port, when there is one.
    pub to: Option<(Rc<str>, u16)>,
    /// What went on the wire: `plaintext`, `istio-mutual`, ..; empty when nothing did.
    pub client_tls: &'static str,
    /// What became of it.
    pub outcome: CallOutcome,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// The server answered with this status.
    Answered(u16),
    /// Bytes go both ways.
    Carried,
    /// The proxy answered itself, with this status, or closed the connection.
    Failed {
        /// The status; `None` for bytes.
        status: Option<u16>,
        /// Why, in words.
        why: String,
    },
}
