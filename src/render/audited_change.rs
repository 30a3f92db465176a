//! A decision of a log that would be another one: before, after, and the lines that decide.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::diag::SourceMap;
use crate::render::Style;
use crate::render::decision_json::View;
use crate::simulate::Decision;
use crate::simulate::replay::Recorded;
use crate::simulate::replay::RecordedOrigin;

/// A decision that changes.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The log.
    pub path: &'a str,
    /// Its line.
    pub line: u64,
    /// What it says.
    pub recorded: &'a Recorded,
    /// What is decided now.
    pub decision: &'a Decision,
}

/// Writes one line.
///
/// # Errors
/// When the writer fails.
pub fn audited_change_text(out: &mut dyn Write, change: &Change<'_>, sources: &SourceMap, style: Style) -> io::Result<()> {
    let Change { path, line, recorded, decision } = change;
    let what = match &recorded.request {
        Some(request) => format!("{} {}", request.method, request.path.escape_debug()),
        None => "connection".to_owned(),
    };
    let before = match &recorded.decision.decided_by {
        Some(RecordedOrigin { namespace, name, rule, file, line }) => {
            format!(" by {namespace}/{name}{} {}", rule_text(*rule), style.faint(&format!("{file}:{line}")))
        }
        None => String::new(),
    };
    let after = match &decision.decided_by {
        Some(by) => {
            let place = sources.position(by.span).to_string();
            format!(" by {}/{}{} {}", by.namespace, by.name, rule_text(by.rule), style.faint(&place))
        }
        None => String::new(),
    };
    let connection = &recorded.connection;
    writeln!(
        out,
        "{path}:{line}: {what} from {} to {}:{}: {}{before} -> {}{after}",
        recorded.caller(),
        connection.workload,
        connection.port,
        recorded.decision.verdict,
        decision.verdict
    )
}

fn rule_text(rule: Option<usize>) -> String {
    rule.map(|rule| format!(" rule {rule}")).unwrap_or_default()
}

#[derive(Serialize)]
struct ChangeView<'a> {
    file: &'a str,
    line: u64,
    before: Before<'a>,
    after: View<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Before<'a> {
    verdict: &'a str,
    decided_by: Option<By<'a>>,
}

#[derive(Serialize)]
struct By<'a> {
    namespace: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<usize>,
    file: &'a str,
    line: u32,
}

/// Writes one compact object, without a line end.
///
/// # Errors
/// When the writer fails.
pub fn audited_change_json(out: &mut dyn Write, change: &Change<'_>, sources: &SourceMap) -> io::Result<()> {
    let view = ChangeView {
        file: change.path,
        line: change.line,
        before: Before {
            verdict: &change.recorded.decision.verdict,
            decided_by: change.recorded.decision.decided_by.as_ref().map(by_view),
        },
        after: View::new(change.decision, sources),
    };
    serde_json::to_writer(out, &view).map_err(io::Error::from)
}

fn by_view(origin: &RecordedOrigin) -> By<'_> {
    let RecordedOrigin { namespace, name, rule, file, line } = origin;
    By { namespace, name, rule: *rule, file, line: *line }
}
