//! One line per finding, as compilers print them and editors read them: `file:line:column: error[MS104] text`.

use std::io;
use std::io::Write;

use crate::diag::SourceMap;
use crate::lint::Report;
use crate::render::words::printable;

/// Writes the findings that count.
///
/// # Errors
/// When the writer fails.
pub fn check_short(out: &mut dyn Write, report: &Report, sources: &SourceMap) -> io::Result<()> {
    for reported in report.active() {
        let finding = &reported.finding;
        let place = sources.position(finding.span());
        let (line, column) = (place.line.max(1), place.column.max(1));
        let headline = printable(&finding.headline);
        writeln!(out, "{}:{line}:{column}: {}[{}] {headline}", place.file, finding.severity, finding.code)?;
    }
    Ok(())
}
