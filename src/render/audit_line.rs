//! One line of an audit log: a decision with what it was made on. No header and no query is in it, so no token is.

use serde::Serialize;

use crate::proxy::Record;
use crate::render::decision_json::View;

/// Version of the lines. Fields are added, never renamed.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
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
    let facts = &record.connection;
    let line = Line {
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
    let mut bytes = serde_json::to_vec(&line).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}
