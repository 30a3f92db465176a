//! Many decisions as compact JSON: byte for byte what [`decision_json`](super::decision_json) writes, at the pace of a batch.
//!
//! The views there are the contract and a test here compares with them. What many decisions share, their connection, is written
//! once and copied.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::diag::SourceMap;
use crate::diag::Span;
use crate::render::decision_json;
use crate::simulate::ConnectionReport;
use crate::simulate::DecidedBy;
use crate::simulate::Decision;
use crate::simulate::MissReport;

/// Connections that are remembered; more make room by forgetting all.
const CONNECTION_LIMIT: usize = 10_000;

/// Writes decisions whose positions are in one set of sources.
#[derive(Debug)]
pub struct DecisionLines<'s> {
    sources: &'s SourceMap,
    /// The text of connections by their address in memory. The connection is kept, so that no other gets its address.
    connections: FxHashMap<usize, (Arc<ConnectionReport>, Box<[u8]>)>,
}

impl<'s> DecisionLines<'s> {
    /// Has written nothing yet.
    #[must_use]
    pub fn new(sources: &'s SourceMap) -> Self {
        Self { sources, connections: FxHashMap::default() }
    }

    /// Appends one decision, without a line end.
    pub fn write(&mut self, out: &mut Vec<u8>, decision: &Decision) {
        if decision.trace.is_some() || !decision.branches.is_empty() {
            // Writing into memory cannot fail.
            let _ = decision_json(out, decision, self.sources, false);
            return;
        }
        out.push(b'{');
        if let Some(name) = &decision.name {
            out.extend_from_slice(b"\"name\":");
            text(out, name);
            out.push(b',');
        }
        out.extend_from_slice(b"\"verdict\":\"");
        out.extend_from_slice(decision.verdict.as_str().as_bytes());
        out.extend_from_slice(b"\",\"httpStatus\":");
        match decision.http_status {
            Some(status) => decimal(out, status.into()),
            None => out.extend_from_slice(b"null"),
        }
        if let Some(status) = decision.grpc_status {
            out.extend_from_slice(b",\"grpcStatus\":");
            decimal(out, status.into());
        }
        out.extend_from_slice(b",\"body\":");
        optional(out, decision.body.as_deref());
        out.extend_from_slice(b",\"reason\":");
        text(out, &decision.reason);
        out.extend_from_slice(b",\"message\":");
        text(out, &decision.message);
        out.extend_from_slice(b",\"decidedBy\":");
        self.origin(out, decision.decided_by.as_ref());
        out.extend_from_slice(b",\"connection\":");
        self.connection(out, &decision.connection);
        let authentication = &decision.request_authentication;
        out.extend_from_slice(b",\"requestAuthentication\":{\"status\":\"");
        out.extend_from_slice(authentication.status.as_str().as_bytes());
        out.extend_from_slice(b"\",\"issuer\":");
        optional(out, authentication.issuer.as_deref());
        out.extend_from_slice(b",\"principal\":");
        optional(out, authentication.principal.as_deref());
        out.extend_from_slice(b",\"reason\":");
        optional(out, authentication.reason);
        out.extend_from_slice(b"},\"nearestMiss\":");
        match &decision.nearest_miss {
            Some(miss) => self.miss(out, miss),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"warnings\":[");
        for (index, warning) in decision.warnings.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            text(out, warning);
        }
        out.push(b']');
        if let Some(failed) = &decision.expectation_failed {
            out.extend_from_slice(b",\"expectationFailed\":");
            text(out, failed);
        }
        out.push(b'}');
    }

    fn connection(&mut self, out: &mut Vec<u8>, report: &Arc<ConnectionReport>) {
        let address = Arc::as_ptr(report).addr();
        if let Some((_, written)) = self.connections.get(&address) {
            out.extend_from_slice(written);
            return;
        }
        let start = out.len();
        out.extend_from_slice(b"{\"clientTls\":");
        text(out, report.client_tls);
        out.extend_from_slice(b",\"serverMode\":");
        optional(out, report.server_mode);
        out.extend_from_slice(b",\"serverModeFrom\":");
        self.origin(out, report.server_mode_from.as_ref());
        out.extend_from_slice(b",\"clientTlsFrom\":");
        self.origin(out, report.client_tls_from.as_ref());
        out.extend_from_slice(b",\"sourcePrincipal\":");
        optional(out, report.source_principal.as_deref());
        out.extend_from_slice(b",\"secureNaming\":");
        text(out, report.secure_naming);
        out.extend_from_slice(b",\"destination\":");
        text(out, &report.destination);
        out.extend_from_slice(b",\"port\":");
        decimal(out, report.port.into());
        out.extend_from_slice(b",\"chain\":");
        text(out, report.chain);
        out.push(b'}');
        if self.connections.len() >= CONNECTION_LIMIT {
            self.connections.clear();
        }
        let written = out.get(start..).unwrap_or_default().into();
        self.connections.insert(address, (Arc::clone(report), written));
    }

    fn origin(&self, out: &mut Vec<u8>, origin: Option<&DecidedBy>) {
        let Some(origin) = origin else {
            out.extend_from_slice(b"null");
            return;
        };
        out.extend_from_slice(b"{\"kind\":\"");
        out.extend_from_slice(origin.kind.as_bytes());
        out.extend_from_slice(b"\",\"namespace\":");
        text(out, &origin.namespace);
        out.extend_from_slice(b",\"name\":");
        text(out, &origin.name);
        if let Some(rule) = origin.rule {
            out.extend_from_slice(b",\"rule\":");
            decimal(out, rule as u64);
        }
        self.place(out, origin.span);
        out.push(b'}');
    }

    fn place(&self, out: &mut Vec<u8>, span: Span) {
        out.extend_from_slice(b",\"file\":");
        text(out, self.file(span));
        out.extend_from_slice(b",\"line\":");
        decimal(out, span.line.into());
        out.extend_from_slice(b",\"column\":");
        decimal(out, span.column.into());
    }

    fn file(&self, span: Span) -> &str {
        self.sources.get(span.source).map_or(UNKNOWN_FILE, |source| &source.name)
    }

    fn miss(&self, out: &mut Vec<u8>, miss: &MissReport) {
        out.extend_from_slice(b"{\"policy\":");
        joined(out, [&miss.rule.namespace, "/", &miss.rule.name]);
        out.extend_from_slice(b",\"rule\":");
        match miss.rule.rule {
            Some(rule) => decimal(out, rule as u64),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"failed\":[");
        for (index, (failed, span)) in miss.failed.iter().enumerate() {
            out.extend_from_slice(if index > 0 { b",\"" } else { b"\"" });
            content(out, failed);
            out.extend_from_slice(b" (");
            content(out, self.file(*span));
            out.push(b':');
            decimal(out, span.line.into());
            out.push(b':');
            decimal(out, span.column.into());
            out.extend_from_slice(b")\"");
        }
        out.push(b']');
        self.place(out, miss.rule.span);
        out.push(b'}');
    }
}

/// What a position in no known source is called.
pub(super) const UNKNOWN_FILE: &str = "<unknown>";

fn optional(out: &mut Vec<u8>, value: Option<&str>) {
    match value {
        Some(value) => text(out, value),
        None => out.extend_from_slice(b"null"),
    }
}

fn text(out: &mut Vec<u8>, value: &str) {
    joined(out, [value]);
}

fn joined<const N: usize>(out: &mut Vec<u8>, parts: [&str; N]) {
    out.push(b'"');
    for part in parts {
        content(out, part);
    }
    out.push(b'"');
}

/// A text without its quotes.
fn content(out: &mut Vec<u8>, value: &str) {
    let needs_escape = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    // Looks at every byte, so that many are looked at at once.
    if !value.bytes().fold(false, |found, byte| found | needs_escape(byte)) {
        out.extend_from_slice(value.as_bytes());
        return;
    }
    for byte in value.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            control @ 0..=0x1f => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
            other => out.push(other),
        }
    }
}

fn decimal(out: &mut Vec<u8>, number: u64) {
    if number >= 10 {
        decimal(out, number / 10);
    }
    out.push(b'0' + u8::try_from(number % 10).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::simulate::AuthenticationReport;
    use crate::simulate::AuthenticationStatus;
    use crate::simulate::Verdict;

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z/]{0,8}", "[\\PC\\x00-\\x1f\"\\\\]{0,8}"]
    }

    fn origins() -> impl Strategy<Value = DecidedBy> {
        (texts(), texts(), option::of(0_usize..2000), 0_u32..20_000, 0_u32..300).prop_map(
            |(namespace, name, rule, line, column)| {
                let span = Span { line, column, ..Span::default() };
                DecidedBy { kind: "AuthorizationPolicy", namespace: namespace.into(), name: name.into(), rule, span }
            },
        )
    }

    fn connections() -> impl Strategy<Value = ConnectionReport> {
        (option::of(origins()), option::of(origins()), option::of(texts()), texts(), any::<u16>()).prop_map(
            |(client_tls_from, server_mode_from, source_principal, destination, port)| ConnectionReport {
                client_tls: "istio-mutual",
                client_tls_from,
                server_mode: server_mode_from.as_ref().map(|_| "STRICT"),
                server_mode_from,
                source_principal,
                secure_naming: "ok",
                destination,
                port,
                chain: "http",
            },
        )
    }

    fn decisions() -> impl Strategy<Value = Decision> {
        let misses = (origins(), prop::collection::vec((texts(), 0_u32..99), 0..3)).prop_map(|(rule, failed)| MissReport {
            discreet: Vec::new(),
            rule,
            failed: failed.into_iter().map(|(text, line)| (text, Span { line, ..Span::default() })).collect(),
        });
        let answers = (
            option::of(texts()),
            0_usize..7,
            option::of(any::<u16>()),
            option::of(any::<u8>()),
            option::of(texts()),
            texts(),
            texts(),
        );
        let tokens = (option::of(texts()), option::of(texts()), any::<bool>());
        let rest =
            (option::of(origins()), connections(), option::of(misses), prop::collection::vec(texts(), 0..3), option::of(texts()));
        (answers, tokens, rest).prop_map(|(answer, (issuer, principal, is_refused), rest)| {
            let (name, verdict, http_status, grpc_status, body, reason, message) = answer;
            let (decided_by, connection, nearest_miss, warnings, expectation_failed) = rest;
            Decision {
                name,
                verdict: Verdict::ALL[verdict],
                http_status,
                grpc_status,
                body: body.map(Cow::Owned),
                reason: reason.into(),
                message: message.into(),
                decided_by,
                connection: Arc::new(connection),
                request_authentication: AuthenticationReport {
                    status: if is_refused { AuthenticationStatus::Invalid } else { AuthenticationStatus::NotRequired },
                    issuer,
                    principal,
                    reason: is_refused.then_some("Jwt is expired"),
                },
                nearest_miss,
                steps: Vec::new(),
                trace: None,
                warnings: warnings.into_iter().map(Arc::from).collect(),
                branches: Vec::new(),
                expectation_failed,
            }
        })
    }

    proptest! {
        #[test]
        fn every_decision_reads_as_the_views_write_it(decisions in prop::collection::vec(decisions(), 1..4), has_source in any::<bool>()) {
            let mut sources = SourceMap::default();
            if has_source {
                sources.add("a \"quoted\" name.yaml", "");
            }
            let mut lines = DecisionLines::new(&sources);
            for decision in decisions.iter().chain(&decisions) {
                let (mut fast, mut views) = (Vec::new(), Vec::new());
                lines.write(&mut fast, decision);
                decision_json(&mut views, decision, &sources, false).unwrap();
                prop_assert_eq!(String::from_utf8(fast).unwrap(), String::from_utf8(views).unwrap());
            }
        }
    }
}
