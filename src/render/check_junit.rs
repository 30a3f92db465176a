//! Findings as test results: a suite per file, a test per object; a finding at or above the threshold is a test that failed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::io::Write;

use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::lint::ObjectName;
use crate::lint::Report;
use crate::lint::Reported;
use crate::lint::Suppressed;
use crate::render::xml::escaped;

/// What became of one test.
enum Result<'r> {
    Passed(Vec<&'r Reported>),
    Failed(&'r Reported),
    Skipped(&'r Reported, String),
}

struct Case<'r> {
    name: String,
    line: u32,
    result: Result<'r>,
}

/// Writes every object and finding. `fail_on` is the least level of a finding that fails; `None` lets nothing fail.
///
/// # Errors
/// When the writer fails.
pub fn check_junit(out: &mut dyn Write, report: &Report, sources: &SourceMap, fail_on: Option<Severity>) -> io::Result<()> {
    let suites = suites(report, fail_on);
    let all = || suites.values().flatten();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"meshsec policy check\" {}>", counts(all()))?;
    for (id, cases) in &suites {
        let file = sources.get(*id).map_or_else(String::new, |source| escaped(&source.name));
        writeln!(out, "  <testsuite name=\"{file}\" {}>", counts(cases))?;
        for case in cases {
            write_case(out, case, &file, sources)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn suites(report: &Report, fail_on: Option<Severity>) -> BTreeMap<SourceId, Vec<Case<'_>>> {
    let mut suites: BTreeMap<SourceId, Vec<Case<'_>>> = BTreeMap::new();
    // What is only told, by the start of the object it stands in.
    let mut told: BTreeMap<(SourceId, u32), Vec<&Reported>> = BTreeMap::new();
    let mut failed: BTreeSet<(SourceId, u32)> = BTreeSet::new();
    let start_of = |reported: &Reported| {
        let span = reported.finding.span();
        let key = (span.source, span.offset);
        let index = report.documents.partition_point(|document| (document.place.source, document.place.offset) <= key);
        let document = index.checked_sub(1).and_then(|index| report.documents.get(index));
        document.filter(|document| document.place.source == span.source).map(|document| (span.source, document.place.offset))
    };
    for reported in &report.findings {
        let start = start_of(reported);
        let result = match &reported.suppressed {
            Some(Suppressed::InSource { reason } | Suppressed::ByPeer { reason }) => {
                Result::Skipped(reported, format!("suppressed: {reason}"))
            }
            Some(Suppressed::Baseline) => Result::Skipped(reported, "in the baseline".to_owned()),
            None if fail_on.is_some_and(|least| reported.finding.severity >= least) => {
                failed.extend(start);
                Result::Failed(reported)
            }
            None if start.is_none() => Result::Passed(vec![reported]),
            None => {
                told.entry(start.unwrap_or_default()).or_default().push(reported);
                continue;
            }
        };
        let span = reported.finding.span();
        let object = reported.object.as_ref().map(|object| format!(" {}", title(object))).unwrap_or_default();
        let place = format!("line {}, column {}", span.line.max(1), span.column.max(1));
        let name = format!("{} {}{object} ({place})", reported.rule.code, reported.rule.name);
        suites.entry(span.source).or_default().push(Case { name, line: span.line, result });
    }
    for document in &report.documents {
        let start = (document.place.source, document.place.offset);
        let suite = suites.entry(document.place.source).or_default();
        let told = told.remove(&start).unwrap_or_default();
        if failed.contains(&start) && told.is_empty() {
            continue;
        }
        let line = document.place.line;
        let name = format!("{} (line {})", title(&document.object), line.max(1));
        suite.push(Case { name, line, result: Result::Passed(told) });
    }
    for cases in suites.values_mut() {
        cases.sort_by_key(|case| case.line);
        number(cases);
    }
    suites
}

fn title(object: &ObjectName) -> String {
    let ObjectName { kind, namespace, name } = object;
    if namespace.is_empty() { format!("{kind} {name}") } else { format!("{kind} {namespace}/{name}") }
}

fn counts<'c, 'r: 'c>(cases: impl IntoIterator<Item = &'c Case<'r>>) -> String {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for case in cases {
        tests += 1;
        match case.result {
            Result::Passed(_) => {}
            Result::Failed(_) => failures += 1,
            Result::Skipped(..) => skipped += 1,
        }
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"0\"")
}

fn write_case(out: &mut dyn Write, case: &Case<'_>, file: &str, sources: &SourceMap) -> io::Result<()> {
    let start = format!("    <testcase name=\"{}\" classname=\"{file}\" time=\"0\"", escaped(&case.name));
    match &case.result {
        Result::Passed(told) if told.is_empty() => writeln!(out, "{start}/>"),
        Result::Passed(told) => {
            let lines: Vec<String> = told.iter().map(|reported| line(reported, sources)).collect();
            writeln!(out, "{start}>\n      <system-out>{}</system-out>\n    </testcase>", escaped(&lines.join("\n")))
        }
        Result::Failed(reported) => {
            let finding = &reported.finding;
            let mut text = vec![line(reported, sources)];
            text.extend(finding.primary.iter().filter(|label| !label.text.is_empty()).map(|label| label.text.clone()));
            text.extend(finding.help.iter().map(|help| format!("help: {help}")));
            text.extend(finding.notes.iter().map(|note| format!("note: {note}")));
            writeln!(
                out,
                "{start}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
                finding.severity,
                escaped(&finding.headline),
                escaped(&text.join("\n"))
            )
        }
        Result::Skipped(reported, why) => {
            let message = escaped(&format!("{why} ({})", reported.finding.headline));
            writeln!(out, "{start}>\n      <skipped message=\"{message}\"/>\n    </testcase>")
        }
    }
}

fn line(reported: &Reported, sources: &SourceMap) -> String {
    let finding = &reported.finding;
    format!("{}: {}[{}] {}", sources.position(finding.span()), finding.severity, finding.code, finding.headline)
}

/// Gives cases of one name numbers: readers tell cases apart by their names.
fn number(cases: &mut [Case<'_>]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for case in cases {
        let count = seen.entry(case.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            case.name = format!("{} #{count}", case.name);
        }
    }
}
