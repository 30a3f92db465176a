//! One line of an audit log: a decision with what it was made on. No header and no query is in it, so no token is.

use serde::Serialize;

use crate::proxy::Record;
use crate::render::decision_json::View;

/// Version of the lines. Fields are added, never renamed.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    version: u32,
    time: String,
    connection: Connection<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestView<'a>>,
    decision: View<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    id: u64,
    workload: &'a str,
    port: u16,
    source: String,
    destination: String,
    tls_version: Option<&'a str>,
    sni: Option<&'a str>,
    alpn: Option<&'a str>,
    peer: &'a [String],
    peer_fingerprint: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestView<'a> {
    protocol: &'a str,
    method: &'a str,
    authority: &'a str,
    path: &'a str,
    #[serde(rename = "requestId")]
    id: &'a str,
}

/// A record as one compact JSON object with its line end.
#[must_use]
pub fn audit_line(record: &Record) -> Vec<u8> {
    let mut bytes = decision_entry(None, record);
    bytes.push(b'\n');
    bytes
}

/// The same without a line end, with its number among the decisions of a proxy.
#[must_use]
pub fn decision_entry(id: Option<u64>, record: &Record) -> Vec<u8> {
    let facts = &record.connection;
    let line = Line {
        id,
        version: VERSION,
        time: record.at.to_string(),
        connection: Connection {
            id: facts.id,
            workload: &facts.workload,
            port: facts.port,
            source: facts.source.to_string(),
            destination: facts.destination.to_string(),
            tls_version: facts.tls_version,
            sni: Some(facts.sni.as_str()).filter(|sni| !sni.is_empty()),
            alpn: facts.alpn.as_deref(),
            peer: &facts.peer,
            peer_fingerprint: facts.peer_fingerprint.as_deref(),
        },
        request: record.request.as_ref().map(|request| RequestView {
            protocol: request.protocol,
            method: &request.method,
            authority: &request.authority,
            path: &request.path,
            id: &request.request_id,
        }),
        decision: View::new(&record.decision, &record.rules.sources),
    };
    // Writing into memory cannot fail.
    serde_json::to_vec(&line).unwrap_or_default()
}
