//! What is told of each decision.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use crate::proxy::Rules;
use crate::simulate::Decision;
use crate::simulate::replay::Arrived;
use crate::simulate::scenario::ExtAuthzAnswer;

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
    /// External authorization providers that were to be asked, and what they said or were assumed to say.
    pub providers: Vec<(String, ExtAuthzAnswer)>,
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
    /// What its first bytes were.
    pub arrived: Arrived,
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

/// A request as the proxy received it. Its headers are not told, they may hold secrets, but for those that were asked for.
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
    /// `:scheme` of HTTP/2.
    pub scheme: Option<String>,
    /// The target had a query.
    pub query_cut: bool,
    /// It has an `authorization`, a cookie or a query.
    pub may_hold_token: bool,
    /// The client's address, after `x-forwarded-for` rules.
    pub remote_ip: Option<IpAddr>,
    /// Headers that were to be kept, as rules see them; without values where there is none.
    pub headers: Vec<(String, Vec<String>)>,
    /// Claims of its verified token, when they were to be kept.
    pub claims: Option<Arc<serde_json::Value>>,
}
