//! A decision for a person: one verdict line, the chain of reasons, the nearest miss, warnings.

use std::io;
use std::io::Write;

use comfy_table::ContentArrangement;
use comfy_table::Table;
use comfy_table::presets::NOTHING;

use crate::diag::SourceMap;
use crate::diag::Span;
use crate::render::Style;
use crate::simulate::Decision;
use crate::simulate::Passed;
use crate::simulate::TraceCondition;
use crate::simulate::TraceEntry;
use crate::simulate::Verdict;

/// Writes one decision.
///
/// # Errors
/// When the writer fails.
pub fn decision_text(out: &mut dyn Write, decision: &Decision, sources: &SourceMap, style: Style) -> io::Result<()> {
    let place = |span: Span| style.faint(&sources.position(span).to_string());
    let verdict = match decision.verdict {
        Verdict::Allowed => style.success(decision.verdict.as_str()),
        Verdict::Undetermined => style.warning(decision.verdict.as_str()),
        Verdict::Denied | Verdict::Unauthenticated | Verdict::MtlsRequired | Verdict::ConnectionFailed | Verdict::BadRequest => {
            style.error(decision.verdict.as_str())
        }
    };
    if let Some(name) = &decision.name {
        writeln!(out, "{}", style.note(name))?;
    }
    writeln!(out, "{verdict}: {}", decision.caller_sees())?;
    writeln!(out, "  {}", decision.message)?;
    if !decision.steps.is_empty() {
        writeln!(out)?;
    }
    for step in &decision.steps {
        let mark = match step.passed {
            Passed::Yes => style.success("ok"),
            Passed::No => style.error("no"),
            Passed::Unknown => style.warning("??"),
        };
        writeln!(out, "  {mark} {:<10} {}", step.stage, step.text)?;
        if let Some(by) = &step.by {
            let rule = by.rule.map(|rule| format!(" rule {rule}")).unwrap_or_default();
            writeln!(out, "     {:<10} {} {}/{}{rule} {}", "", by.kind, by.namespace, by.name, place(by.span))?;
        }
    }
    if let Some(miss) = &decision.nearest_miss {
        let rule = &miss.rule;
        writeln!(
            out,
            "\n  nearest miss: {}/{} rule {} {}",
            rule.namespace,
            rule.name,
            rule.rule.unwrap_or_default(),
            place(rule.span)
        )?;
        for (text, span) in &miss.failed {
            writeln!(out, "     {text} {}", place(*span))?;
        }
    }
    if let Some(trace) = &decision.trace {
        writeln!(out, "\n  everything that was looked at:")?;
        for entry in trace {
            trace_entry(out, entry, sources, style)?;
        }
    }
    for warning in &decision.warnings {
        writeln!(out, "\n  {} {warning}", style.warning("warning:"))?;
    }
    for branch in &decision.branches {
        writeln!(out, "\n  if {}: {}: {}", branch.assuming, branch.decision.verdict, branch.decision.caller_sees())?;
        writeln!(out, "     {}", branch.decision.message)?;
    }
    Ok(())
}

fn trace_entry(out: &mut dyn Write, entry: &TraceEntry, sources: &SourceMap, style: Style) -> io::Result<()> {
    let applies = if entry.applies { "applies" } else { "ignored" };
    let policy = &entry.policy;
    writeln!(
        out,
        "  {applies} {} {}/{} {}: {} {}",
        entry.action,
        policy.namespace,
        policy.name,
        style.faint(policy.kind),
        entry.why,
        style.faint(&sources.position(policy.span).to_string())
    )?;
    for rule in &entry.rules {
        writeln!(out, "     rule {}: {} {}", rule.rule, rule.outcome, style.faint(&sources.position(rule.span).to_string()))?;
        if !rule.conditions.is_empty() {
            for line in conditions(&rule.conditions, style).lines() {
                writeln!(out, "        {}", line.trim_end())?;
            }
        }
    }
    Ok(())
}

/// The conditions of a rule, one to a row.
fn conditions(conditions: &[TraceCondition], style: Style) -> String {
    let mut table = Table::new();
    table
        .load_style(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(style.width.saturating_sub(8).max(60));
    table.set_header(["", "entry", "field", "wants", "saw", "line"]);
    for condition in conditions {
        table.add_row([
            condition.outcome.to_owned(),
            condition.entry.clone(),
            condition.field.clone(),
            condition.wanted.clone(),
            condition.seen.clone(),
            format!("{}:{}", condition.span.line, condition.span.column),
        ]);
    }
    table.to_string()
}

/// Writes one decision on one line, for a batch.
///
/// # Errors
/// When the writer fails.
pub fn decision_line(out: &mut dyn Write, line: u64, decision: &Decision) -> io::Result<()> {
    let name = decision.name.as_deref().map(|name| format!(" {name}:")).unwrap_or_default();
    let failed = decision.expectation_failed.as_deref().map(|failed| format!(" [{failed}]")).unwrap_or_default();
    write!(out, "{line}:{name} {}: {}: {}{failed}", decision.verdict, decision.caller_sees(), decision.message)
}

/// Writes what is wrong with one input line of a batch.
///
/// # Errors
/// When the writer fails.
pub fn error_line(out: &mut dyn Write, line: u64, message: &str) -> io::Result<()> {
    write!(out, "{line}: error: {message}")
}
