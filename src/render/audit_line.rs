//! One line of an audit log: a decision with what it was made on. No query is in it, no header that was not asked for, and no token.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use memchr::memmem::Finder;
use serde::Serialize;

use crate::proxy::Record;
use crate::render::Style;
use crate::render::decision_json::View;
use crate::render::decision_text;
use crate::simulate::Decision;
use crate::simulate::replay::MASK;

/// Version of the lines. Fields are added, never renamed.
const VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    version: u32,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sampled_percent: Option<f64>,
    connection: Connection<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<RequestView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_rules: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    ext_authz: BTreeMap<&'a str, &'static str>,
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
    arrived: &'static str,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<&'a str>,
    query_cut: bool,
    may_hold_token: bool,
    remote_ip: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<&'a serde_json::Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Gap {
    version: u32,
    time: String,
    not_written: NotWritten,
}

#[derive(Serialize)]
struct NotWritten {
    dropped: u64,
    lost: u64,
}

/// A record as one compact JSON object with its line end; of a sample, with its percentage.
#[must_use]
pub fn audit_line(record: &Record, sampled_percent: Option<f64>) -> Vec<u8> {
    let mut bytes = written(&line(None, record, &discreet(&record.decision), sampled_percent));
    bytes.push(b'\n');
    bytes
}

/// The same without a line end, with its number among the decisions of a proxy.
#[must_use]
pub fn decision_entry(id: u64, record: &Record) -> Vec<u8> {
    written(&line(Some(id), record, &discreet(&record.decision), None))
}

#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    line: Line<'a>,
    explanation: String,
}

/// The same with an explanation in words, as `simulate request --explain` has it. Only to those who sent the request it is told what its
/// headers held.
#[must_use]
pub fn decision_explained(id: u64, record: &Record, to_sender: bool) -> Vec<u8> {
    let decision = if to_sender { record.decision.clone() } else { discreet(&record.decision) };
    let mut text = Vec::new();
    // Writing into memory cannot fail.
    let _ = decision_text(&mut text, &decision, &record.rules.sources, Style::plain());
    let explanation = String::from_utf8_lossy(&text).into_owned();
    written(&Explained { line: line(Some(id), record, &decision, None), explanation })
}

fn line<'a>(id: Option<u64>, record: &'a Record, decision: &'a Decision, sampled_percent: Option<f64>) -> Line<'a> {
    let facts = &record.connection;
    Line {
        id,
        version: VERSION,
        time: record.at.to_string(),
        sampled_percent,
        connection: Connection {
            id: facts.id,
            workload: &facts.workload,
            port: facts.port,
            source: facts.source.to_string(),
            destination: facts.destination.to_string(),
            arrived: facts.arrived.as_str(),
            tls_version: facts.tls_version,
            sni: Some(facts.sni.as_str()).filter(|sni| !sni.is_empty()),
            alpn: facts.alpn.as_deref(),
            peer: &facts.peer,
            peer_fingerprint: facts.peer_fingerprint.as_deref(),
        },
        request: record.request.as_ref().map(|request| RequestView {
            protocol: request.protocol,
            method: &request.method,
            // What stands before the host is a name and a password.
            authority: request.authority.rsplit('@').next().unwrap_or_default(),
            path: &request.path,
            id: &request.request_id,
            scheme: request.scheme.as_deref(),
            query_cut: request.query_cut,
            may_hold_token: request.may_hold_token,
            remote_ip: request.remote_ip.map(|address| address.to_string()),
            headers: request.headers.iter().map(|(name, values)| (name.as_str(), values.as_slice())).collect(),
            claims: request.claims.as_deref(),
        }),
        token_rules: record.rules.enforcer.token_rules(),
        ext_authz: record.providers.iter().map(|(name, answer)| (name.as_str(), answer.as_str())).collect(),
        decision: View::new(decision, &record.rules.sources),
    }
}

/// The line that stands where decisions are missing.
#[must_use]
pub fn audit_gap(at: Timestamp, dropped: u64, lost: u64) -> Vec<u8> {
    let mut bytes = written(&Gap { version: VERSION, time: at.to_string(), not_written: NotWritten { dropped, lost } });
    bytes.push(b'\n');
    bytes
}

fn written(line: &impl Serialize) -> Vec<u8> {
    // Writing into memory cannot fail.
    without_tokens(serde_json::to_vec(line).unwrap_or_default())
}

/// The decision without what headers held.
fn discreet(decision: &Decision) -> Decision {
    let mut decision = decision.clone();
    if let Some(miss) = &mut decision.nearest_miss {
        for ((text, _), discreet) in miss.failed.iter_mut().zip(&miss.discreet) {
            let Some(discreet) = discreet else { continue };
            decision.message = decision.message.replace(text.as_str(), discreet).into();
            discreet.clone_into(text);
        }
    }
    let conditions = decision.trace.iter_mut().flatten().flat_map(|entry| &mut entry.rules).flat_map(|rule| &mut rule.conditions);
    for condition in conditions.filter(|condition| condition.field.starts_with("request.headers[")) {
        "not kept".clone_into(&mut condition.seen);
    }
    for branch in &mut decision.branches {
        *branch.decision = discreet(&branch.decision);
    }
    decision
}

/// How the header of every JSON web token begins: `{"` in base64.
static BEGIN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"eyJ"));

/// Whatever is a compact token by its form, three parts of base64 between dots, makes room for a mark.
fn without_tokens(bytes: Vec<u8>) -> Vec<u8> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=');
    let mut kept: Option<Vec<u8>> = None;
    let mut copied = 0;
    let mut from = 0;
    while let Some(start) = bytes.get(from..).and_then(|rest| BEGIN.find(rest)).map(|at| from + at) {
        let rest = bytes.get(start..).unwrap_or_default();
        let length = rest.iter().position(|byte| !is_part(byte) && *byte != b'.').unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        from = start + length.max(1);
        if text.split(|byte| *byte == b'.').filter(|part| !part.is_empty()).count() >= 2 {
            let kept = kept.get_or_insert_default();
            kept.extend_from_slice(bytes.get(copied..start).unwrap_or_default());
            kept.extend_from_slice(MASK.as_bytes());
            copied = start + length;
        }
    }
    match kept {
        None => bytes,
        Some(mut kept) => {
            kept.extend_from_slice(bytes.get(copied..).unwrap_or_default());
            kept
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_not_written_wherever_they_stand() {
        for (text, expected) in [
            (r#"{"path":"/a/eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln/b"}"#, r#"{"path":"/a/(a-token)/b"}"#),
            ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "(a-token)"),
            ("x eyJa.b.c y eyJd.e.f", "x (a-token) y (a-token)"),
            ("eyJ", "eyJ"),
            ("eyJhbGciOiJub25lIn0 and no more", "eyJhbGciOiJub25lIn0 and no more"),
            ("nothing", "nothing"),
        ] {
            assert_eq!(String::from_utf8(without_tokens(text.as_bytes().to_vec())).unwrap(), expected, "{text}");
        }
    }
}
