//! A report of `policy check` for people: each finding with its excerpt, then one line that says what was looked at.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::lint::Counts;
use crate::lint::Report;
use crate::lint::Reported;
use crate::render::Style;
use crate::render::findings;
use crate::render::table::table;

/// What is shown of a report.
#[derive(Debug, Clone, Copy)]
pub struct CheckTextOptions {
    /// Findings of level info too.
    pub shows_infos: bool,
    /// A table of rules with their counts.
    pub statistics: bool,
}

/// Writes a report for people.
///
/// # Errors
/// When the writer fails.
pub fn check_text(
    out: &mut dyn Write,
    report: &Report,
    sources: &SourceMap,
    style: Style,
    options: CheckTextOptions,
) -> io::Result<()> {
    let is_shown = |reported: &&Reported| options.shows_infos || reported.finding.severity > Severity::Info;
    let shown: Vec<Finding> = report.active().filter(is_shown).map(with_notes).collect();
    findings(out, &shown, sources, style)?;
    if options.statistics && report.active().next().is_some() {
        write!(out, "{}", statistics(report))?;
        writeln!(out)?;
    }
    writeln!(out, "{}", summary(report, style, options))
}

fn with_notes(reported: &Reported) -> Finding {
    let mut finding = reported.finding.clone();
    if let Some(witness) = &finding.witness {
        finding.notes.push(format!("a request that shows it: {witness}"));
    }
    let who = match reported.rule.peers {
        [] => String::new(),
        peers => format!(" ({})", peers.join(", ")),
    };
    finding.notes.push(format!("{}{who}; `meshsec policy explain {}` says more", reported.rule.name, reported.rule.code));
    finding
}

/// Code, name, how often, and how many can be repaired by `--fix`.
fn statistics(report: &Report) -> String {
    let mut counts: BTreeMap<&str, (&str, Severity, usize, usize)> = BTreeMap::new();
    for reported in report.active() {
        let entry = counts.entry(reported.rule.code.0).or_insert((reported.rule.name, reported.finding.severity, 0, 0));
        entry.1 = entry.1.max(reported.finding.severity);
        entry.2 += 1;
        entry.3 += usize::from(is_fixable(reported));
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(code, (_, _, count, _))| (std::cmp::Reverse(*count), *code));
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(code, (name, severity, count, fixable))| {
            vec![count.to_string(), code.to_owned(), name.to_owned(), severity.to_string(), fixable.to_string()]
        })
        .collect();
    table(&["COUNT", "CODE", "NAME", "LEVEL", "FIXABLE"], &rows)
}

fn is_fixable(reported: &Reported) -> bool {
    reported.finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe)
}

fn summary(report: &Report, style: Style, options: CheckTextOptions) -> String {
    let (errors, warnings, infos) =
        (report.count(Severity::Error), report.count(Severity::Warning), report.count(Severity::Info));
    let number = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(style.error(&number(errors, "error")));
    }
    if warnings > 0 {
        parts.push(style.warning(&number(warnings, "warning")));
    }
    if options.shows_infos && infos > 0 {
        parts.push(style.note(&number(infos, "info")));
    }
    if parts.is_empty() {
        parts.push(style.success("nothing found"));
    }
    let counts = report.counts;
    let mut line = format!(
        "{} in {}: {}, {}, {}",
        parts.join(", "),
        sources(counts, number),
        number(counts.documents, "object"),
        format_args!("{} {}", counts.policies, if counts.policies == 1 { "policy" } else { "policies" }),
        number(counts.workloads, "workload"),
    );
    if !options.shows_infos && infos > 0 {
        line.push_str(&format!("; {} not shown (--info)", number(infos, "info")));
    }
    let suppressed = report.suppressed();
    if suppressed > 0 {
        line.push_str(&format!("; {suppressed} suppressed"));
    }
    let by_peers = report.suppressed_by_peers();
    if by_peers > 0 {
        line.push_str(&format!("; {by_peers} suppressed by annotations for istioctl or Kiali"));
    }
    let known = report.in_baseline();
    if known > 0 {
        line.push_str(&format!("; {known} in the baseline"));
    }
    let fixable = report.active().filter(|reported| is_fixable(reported)).count();
    if fixable > 0 {
        line.push_str(&format!("; {fixable} can be repaired (--fix)"));
    }
    for (missing, count) in report.missing.iter().take(3) {
        line.push_str(&format!("\ncannot tell about {}: {missing} not given", number(*count, "finding")));
    }
    if let Some(more) = report.missing.len().checked_sub(3).filter(|more| *more > 0) {
        line.push_str(&format!("\ncannot tell: {more} more things were not given"));
    }
    line
}

/// What was looked in.
fn sources(counts: Counts, number: impl Fn(usize, &str) -> String) -> String {
    match (counts.files, counts.live) {
        (files, 0) => number(files, "file"),
        (0, live) => number(live, "live object"),
        (files, live) => format!("{} and {}", number(files, "file"), number(live, "live object")),
    }
}
