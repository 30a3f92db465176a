//! Findings as GitLab's code quality report.

use std::io;
use std::io::Write;

use serde::Serialize;

use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::lint::Report;
use crate::render::Repository;
use crate::render::check_places::Occurrences;

#[derive(Serialize)]
struct Issue<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    check_name: &'a str,
    description: String,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

#[derive(Serialize)]
struct Content {
    body: String,
}

/// Writes the findings that count, as one JSON array.
///
/// # Errors
/// When the writer fails.
pub fn check_gitlab(out: &mut dyn Write, report: &Report, sources: &SourceMap, repository: &Repository) -> io::Result<()> {
    let mut occurrences = Occurrences::default();
    let issues: Vec<Issue<'_>> = report
        .active()
        .map(|reported| {
            let finding = &reported.finding;
            let place = sources.position(finding.span());
            // Of two issues with one fingerprint only one would be shown.
            let fingerprint = match occurrences.next(&reported.fingerprint) {
                1 => reported.fingerprint.clone(),
                number => format!("{}-{number}", reported.fingerprint),
            };
            Issue {
                kind: "issue",
                check_name: reported.rule.code.0,
                description: format!("{}: {}", reported.rule.code, finding.headline),
                categories: ["Security"],
                severity: match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Info => "info",
                },
                fingerprint,
                location: Location { path: repository.path(&place.file), lines: Lines { begin: place.line.max(1) } },
                content: finding.help.clone().map(|body| Content { body }),
            }
        })
        .collect();
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}
