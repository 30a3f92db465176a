//! Findings as workflow commands of GitHub Actions, which become annotations on the changed lines.

use std::cmp::Reverse;
use std::io;
use std::io::Write;

use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::lint::Report;
use crate::lint::Reported;
use crate::render::Repository;
use crate::render::check_places::region;

/// So many annotations of one level does GitHub show for a step.
const SHOWN_PER_LEVEL: usize = 10;

/// Writes the findings that count, errors first, and what is not shown of them.
///
/// # Errors
/// When the writer fails.
pub fn check_github(out: &mut dyn Write, report: &Report, sources: &SourceMap, repository: &Repository) -> io::Result<()> {
    let mut findings: Vec<&Reported> = report.active().collect();
    findings.sort_by_key(|reported| Reverse(reported.finding.severity));
    for Reported { rule, finding, .. } in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let place = sources.position(finding.span());
        write!(out, "::{command} file={}", property(&repository.path(&place.file)))?;
        if let Some(region) = region(sources, finding.span()) {
            write!(out, ",line={},endLine={}", region.line, region.end_line)?;
            // Columns are taken only within one line.
            if region.line == region.end_line {
                write!(out, ",col={},endColumn={}", region.column, region.end_column)?;
            }
        }
        let title = format!("{} {}", rule.code, rule.name);
        let help = finding.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        writeln!(out, ",title={}::{}", property(&title), data(&format!("{}{help}", finding.headline)))?;
    }
    let counts = [Severity::Error, Severity::Warning, Severity::Info].map(|severity| report.count(severity));
    if counts.iter().any(|count| *count > SHOWN_PER_LEVEL) {
        let [errors, warnings, infos] = counts;
        let text = format!(
            "{errors} errors, {warnings} warnings, {infos} infos; GitHub shows {SHOWN_PER_LEVEL} of each as annotations, the log of the step has all"
        );
        writeln!(out, "::notice title=meshsec policy check::{}", data(&text))?;
    }
    Ok(())
}

/// Text behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_command_or_begins_another() {
        assert_eq!(data("100% of\r\n::error::x"), "100%25 of%0D%0A::error::x");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
