//! A decision as JSON. The views here are the contract: fields are added, never renamed.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::diag::SourceMap;
use crate::diag::Span;
use crate::simulate::ConnectionReport;
use crate::simulate::DecidedBy;
use crate::simulate::Decision;

/// Writes one decision as compact JSON without a line end, or indented.
///
/// # Errors
/// When the writer fails.
pub fn decision_json(out: &mut dyn Write, decision: &Decision, sources: &SourceMap, indented: bool) -> io::Result<()> {
    let view = View::new(decision, sources);
    if indented { serde_json::to_writer_pretty(out, &view) } else { serde_json::to_writer(out, &view) }.map_err(io::Error::from)
}

/// Writes what is wrong with one input line, where a decision would stand.
///
/// # Errors
/// When the writer fails.
pub fn error_json(out: &mut dyn Write, line: u64, message: &str) -> io::Result<()> {
    serde_json::to_writer(out, &ErrorView { error: ErrorLine { line, message } }).map_err(io::Error::from)
}

#[derive(Serialize)]
struct ErrorView<'a> {
    error: ErrorLine<'a>,
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    line: u64,
    message: &'a str,
}

/// A decision as every JSON output has it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    verdict: &'static str,
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grpc_status: Option<u8>,
    body: Option<&'a str>,
    reason: &'a str,
    message: &'a str,
    decided_by: Option<By<'a>>,
    connection: Connection<'a>,
    request_authentication: Authentication<'a>,
    nearest_miss: Option<Miss<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<Entry<'a>>>,
    warnings: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expectation_failed: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    branches: Vec<BranchView<'a>>,
}

#[derive(Serialize)]
struct By<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<usize>,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: u32,
    column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Connection<'a> {
    client_tls: &'static str,
    server_mode: Option<&'static str>,
    server_mode_from: Option<By<'a>>,
    client_tls_from: Option<By<'a>>,
    source_principal: Option<&'a str>,
    secure_naming: &'static str,
    destination: &'a str,
    port: u16,
    chain: &'static str,
}

#[derive(Serialize)]
struct Authentication<'a> {
    status: &'static str,
    issuer: Option<&'a str>,
    principal: Option<&'a str>,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Miss<'a> {
    policy: String,
    rule: Option<usize>,
    failed: Vec<String>,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct Entry<'a> {
    policy: By<'a>,
    action: &'static str,
    applies: bool,
    why: &'a str,
    rules: Vec<RuleView<'a>>,
}

#[derive(Serialize)]
struct RuleView<'a> {
    rule: usize,
    outcome: &'static str,
    #[serde(flatten)]
    place: Place<'a>,
    conditions: Vec<Condition<'a>>,
}

#[derive(Serialize)]
struct Condition<'a> {
    entry: &'a str,
    field: &'a str,
    wanted: &'a str,
    seen: &'a str,
    outcome: &'static str,
    #[serde(flatten)]
    place: Place<'a>,
}

#[derive(Serialize)]
struct BranchView<'a> {
    assuming: &'a str,
    decision: View<'a>,
}

fn place(span: Span, sources: &SourceMap) -> Place<'_> {
    Place { file: sources.get(span.source).map_or("<unknown>", |source| &source.name), line: span.line, column: span.column }
}

fn by<'a>(by: &'a DecidedBy, sources: &'a SourceMap) -> By<'a> {
    By { kind: by.kind, namespace: &by.namespace, name: &by.name, rule: by.rule, place: place(by.span, sources) }
}

fn connection<'a>(report: &'a ConnectionReport, sources: &'a SourceMap) -> Connection<'a> {
    Connection {
        client_tls: report.client_tls,
        server_mode: report.server_mode,
        server_mode_from: report.server_mode_from.as_ref().map(|origin| by(origin, sources)),
        client_tls_from: report.client_tls_from.as_ref().map(|origin| by(origin, sources)),
        source_principal: report.source_principal.as_deref(),
        secure_naming: report.secure_naming,
        destination: &report.destination,
        port: report.port,
        chain: report.chain,
    }
}

impl<'a> View<'a> {
    pub(super) fn new(decision: &'a Decision, sources: &'a SourceMap) -> Self {
        let authentication = &decision.request_authentication;
        Self {
            name: decision.name.as_deref(),
            verdict: decision.verdict.as_str(),
            http_status: decision.http_status,
            grpc_status: decision.grpc_status,
            body: decision.body.as_deref(),
            reason: &decision.reason,
            message: &decision.message,
            decided_by: decision.decided_by.as_ref().map(|origin| by(origin, sources)),
            connection: connection(&decision.connection, sources),
            request_authentication: Authentication {
                status: authentication.status.as_str(),
                issuer: authentication.issuer.as_deref(),
                principal: authentication.principal.as_deref(),
                reason: authentication.reason,
            },
            nearest_miss: decision.nearest_miss.as_ref().map(|miss| Miss {
                policy: format!("{}/{}", miss.rule.namespace, miss.rule.name),
                rule: miss.rule.rule,
                failed: miss.failed.iter().map(|(text, span)| format!("{text} ({})", sources.position(*span))).collect(),
                place: place(miss.rule.span, sources),
            }),
            trace: decision.trace.as_ref().map(|trace| trace.iter().map(|entry| entry_view(entry, sources)).collect()),
            warnings: decision.warnings.iter().map(|warning| &**warning).collect(),
            expectation_failed: decision.expectation_failed.as_deref(),
            branches: decision
                .branches
                .iter()
                .map(|branch| BranchView { assuming: &branch.assuming, decision: Self::new(&branch.decision, sources) })
                .collect(),
        }
    }
}

fn entry_view<'a>(entry: &'a crate::simulate::TraceEntry, sources: &'a SourceMap) -> Entry<'a> {
    let condition = |condition: &'a crate::simulate::TraceCondition| Condition {
        entry: &condition.entry,
        field: &condition.field,
        wanted: &condition.wanted,
        seen: &condition.seen,
        outcome: condition.outcome,
        place: place(condition.span, sources),
    };
    let rule = |rule: &'a crate::simulate::TraceRule| RuleView {
        rule: rule.rule,
        outcome: rule.outcome,
        place: place(rule.span, sources),
        conditions: rule.conditions.iter().map(condition).collect(),
    };
    Entry {
        policy: by(&entry.policy, sources),
        action: entry.action,
        applies: entry.applies,
        why: &entry.why,
        rules: entry.rules.iter().map(rule).collect(),
    }
}
