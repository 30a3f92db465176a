//! One decision of a live proxy on one line: time, caller, request, verdict, and the line that decided.

use std::io;
use std::io::Write;

use crate::proxy::Record;
use crate::render::Style;
use crate::simulate::DecidedBy;
use crate::simulate::Verdict;

/// Writes one decision.
///
/// # Errors
/// When the writer fails.
pub fn proxy_line(out: &mut dyn Write, record: &Record, style: Style) -> io::Result<()> {
    let decision = &record.decision;
    let facts = &record.connection;
    let word = decision.verdict.as_str();
    let verdict = match decision.verdict {
        Verdict::Allowed => style.success(word),
        Verdict::Undetermined => style.warning(word),
        Verdict::Denied | Verdict::Unauthenticated | Verdict::MtlsRequired | Verdict::ConnectionFailed | Verdict::BadRequest => {
            style.error(word)
        }
    };
    let caller = match decision.connection.source_principal.as_deref() {
        Some(principal) => principal.to_owned(),
        None => facts.source.ip().to_string(),
    };
    let what = match &record.request {
        Some(request) => format!("{} {}", request.method, printable(&request.path)),
        None => "connection".to_owned(),
    };
    let status = decision.http_status.filter(|_| decision.verdict != Verdict::Allowed).map(|status| format!(" {status}"));
    let grpc = decision.grpc_status.map(|status| format!(" grpc-status {status}"));
    let time = record.at.strftime("%H:%M:%S%.3f").to_string();
    write!(
        out,
        "{} {caller} -> {}:{} {what} {verdict}{}{}",
        style.faint(&time),
        facts.workload,
        facts.port,
        status.unwrap_or_default(),
        grpc.unwrap_or_default()
    )?;
    match (&decision.decided_by, decision.verdict) {
        (Some(by), verdict) => {
            write!(out, " {} {}", name_of(by), style.faint(&record.rules.sources.position(by.span).to_string()))?;
            // What is wrong with a connection is not in the policy's name.
            if matches!(verdict, Verdict::MtlsRequired | Verdict::ConnectionFailed | Verdict::Undetermined) {
                write!(out, ": {}", decision.message)?;
            }
        }
        (None, Verdict::Allowed) => write!(out, " no rule")?,
        (None, _) => write!(out, " {}", decision.message)?,
    }
    if let Some(miss) = decision.nearest_miss.as_ref().and_then(|miss| miss.failed.first()) {
        write!(out, " ({})", miss.0)?;
    }
    writeln!(out)
}

fn name_of(by: &DecidedBy) -> String {
    let rule = by.rule.map(|rule| format!(" rule {rule}")).unwrap_or_default();
    format!("{}/{}{rule}", by.namespace, by.name)
}

/// A caller writes paths; what a terminal would obey is shown as an escape.
pub(super) fn printable(path: &str) -> String {
    path.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
