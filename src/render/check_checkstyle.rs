//! Findings in the format of Checkstyle, which most review tools read.

use std::io;
use std::io::Write;

use crate::diag::SourceMap;
use crate::lint::Report;
use crate::render::Repository;
use crate::render::xml::escaped;

/// Writes the findings that count, file by file.
///
/// # Errors
/// When the writer fails.
pub fn check_checkstyle(out: &mut dyn Write, report: &Report, sources: &SourceMap, repository: &Repository) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"4.3\">")?;
    let mut open: Option<String> = None;
    for reported in report.active() {
        let (finding, rule) = (&reported.finding, reported.rule);
        let place = sources.position(finding.span());
        let file = repository.path(&place.file);
        if open.as_ref() != Some(&file) {
            if open.is_some() {
                writeln!(out, "  </file>")?;
            }
            writeln!(out, "  <file name=\"{}\">", escaped(&file))?;
            open = Some(file);
        }
        writeln!(
            out,
            "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"meshsec.{}.{}\"/>",
            place.line.max(1),
            place.column.max(1),
            finding.severity,
            escaped(&finding.headline),
            rule.code,
            rule.name,
        )?;
    }
    if open.is_some() {
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}
