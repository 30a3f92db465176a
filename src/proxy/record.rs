//! What is told of each decision.

use std::net::SocketAddr;
use std::rc::Rc;

use jiff::Timestamp;

use crate::proxy::Rules;
use crate::simulate::Decision;

/// One decision on something that really arrived.
#[derive(Debug, Clone)]
pub struct Record {
    /// When it was decided.
    pub at: Timestamp,
    /// The connection.
    pub connection: Rc<ConnectionFacts>,
    /// The request; `None` when the decision is on the connection.
    pub request: Option<RequestFacts>,
    /// The decision that was carried out.
    pub decision: Decision,
    /// The rules it was made by.
    pub rules: Rc<Rules>,
}

/// A connection as the proxy sees it.
#[derive(Debug, Clone)]
pub struct ConnectionFacts {
    /// Counted from 1 since the start.
    pub id: u64,
    /// `namespace/name` of the workload.
    pub workload: Rc<str>,
    /// The workload's port.
    pub port: u16,
    /// Where it came from.
    pub source: SocketAddr,
    /// Where it arrived.
    pub destination: SocketAddr,
    /// `TLSv1_3` or `TLSv1_2`, where TLS ended here.
    pub tls_version: Option<&'static str>,
    /// Server name of the client's hello.
    pub sni: String,
    /// Protocol that was agreed on in the handshake.
    pub alpn: Option<String>,
    /// SHA-256 of the client's certificate.
    pub peer_fingerprint: Option<String>,
    /// Names in the client's certificate.
    pub peer: Vec<String>,
}

/// A request as the proxy received it. Its headers are not told: they may hold secrets.
#[derive(Debug, Clone)]
pub struct RequestFacts {
    /// `HTTP/1.1` or `HTTP/2`.
    pub protocol: &'static str,
    /// Method.
    pub method: String,
    /// Host or authority.
    pub authority: String,
    /// Target without its query, which may hold a token.
    pub path: String,
    /// The `x-request-id` that is passed on.
    pub request_id: String,
}
