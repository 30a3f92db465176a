//! A report of `policy check` as JSON. The views here are the contract: fields are added, never renamed.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde::Serialize;

use crate::diag::Confidence;
use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::lint::JudgedDocument;
use crate::lint::ObjectName;
use crate::lint::Report;
use crate::lint::Reported;
use crate::lint::Suppressed;

/// Names the shape of what is written.
const SCHEMA_VERSION: &str = "meshsec.dev/policy-check/v1";

/// Writes a report as one indented object.
///
/// # Errors
/// When the writer fails.
pub fn check_json(out: &mut dyn Write, report: &Report, sources: &SourceMap) -> io::Result<()> {
    let view = View {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION"),
        documents: report.documents.iter().map(|document| DocumentView::new(document, sources)).collect(),
        findings: report.findings.iter().map(|reported| FindingView::new(reported, sources)).collect(),
        missing: &report.missing,
        summary: Summary {
            files: report.counts.files,
            documents: report.counts.documents,
            policies: report.counts.policies,
            workloads: report.counts.workloads,
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            infos: report.count(Severity::Info),
            suppressed: report.suppressed(),
            baseline: report.in_baseline(),
        },
    };
    serde_json::to_writer_pretty(&mut *out, &view)?;
    writeln!(out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    schema_version: &'static str,
    version: &'static str,
    documents: Vec<DocumentView<'a>>,
    findings: Vec<FindingView<'a>>,
    /// What was not given, and how many findings depend on it.
    missing: &'a BTreeMap<String, usize>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    documents: usize,
    policies: usize,
    workloads: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
    baseline: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentView<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    file: String,
    line: u32,
    accepted: Option<bool>,
    accepted_by_istiod: Option<bool>,
    admission_warnings: &'a [String],
}

impl<'a> DocumentView<'a> {
    fn new(document: &'a JudgedDocument, sources: &SourceMap) -> Self {
        let ObjectName { kind, namespace, name } = &document.object;
        let position = sources.position(document.place);
        Self {
            kind,
            namespace,
            name,
            file: position.file.to_string(),
            line: position.line,
            accepted: document.accepted,
            accepted_by_istiod: document.accepted_by_istiod,
            admission_warnings: &document.warnings,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingView<'a> {
    code: &'static str,
    name: &'static str,
    severity: String,
    confidence: &'static str,
    /// What was not given, when that is why it cannot be told.
    missing: Option<&'a str>,
    peers: &'static [&'static str],
    message: &'a str,
    #[serde(flatten)]
    place: Place,
    object: Option<ObjectView<'a>>,
    path: &'a str,
    label: Option<&'a str>,
    related: Vec<Related<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fix: Option<FixView<'a>>,
    witness: Option<serde_json::Value>,
    fingerprint: &'a str,
    suppressed: Option<SuppressedView<'a>>,
}

#[derive(Serialize)]
struct ObjectView<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct Place {
    file: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    offset: Option<u32>,
    length: Option<u32>,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(flatten)]
    place: Place,
    message: &'a str,
}

#[derive(Serialize)]
struct FixView<'a> {
    safety: &'static str,
    edits: Vec<EditView<'a>>,
}

#[derive(Serialize)]
struct EditView<'a> {
    #[serde(flatten)]
    place: Place,
    text: &'a str,
}

#[derive(Serialize)]
struct SuppressedView<'a> {
    by: &'static str,
    reason: Option<&'a str>,
}

impl Place {
    fn new(span: Option<Span>, sources: &SourceMap) -> Self {
        let position = span.map(|span| sources.position(span));
        Self {
            line: position.as_ref().map(|position| position.line),
            column: position.as_ref().map(|position| position.column),
            file: position.map(|position| position.file.to_string()),
            offset: span.map(|span| span.offset),
            length: span.map(|span| span.length),
        }
    }
}

impl<'a> FindingView<'a> {
    fn new(reported: &'a Reported, sources: &SourceMap) -> Self {
        let finding: &Finding = &reported.finding;
        let primary = finding.primary.as_ref();
        Self {
            code: reported.rule.code.0,
            name: reported.rule.name,
            severity: finding.severity.to_string(),
            confidence: finding.confidence.as_str(),
            missing: match &finding.confidence {
                Confidence::CannotTell(missing) => Some(missing),
                Confidence::Proved | Confidence::Likely => None,
            },
            peers: reported.rule.peers,
            message: &finding.headline,
            place: Place::new(primary.map(|label| label.span.0), sources),
            object: reported.object.as_ref().map(|object| ObjectView {
                kind: &object.kind,
                namespace: &object.namespace,
                name: &object.name,
            }),
            path: &reported.path,
            label: primary.map(|label| label.text.as_str()).filter(|text| !text.is_empty()),
            related: finding
                .secondary
                .iter()
                .map(|label| Related { place: Place::new(Some(label.span.0), sources), message: &label.text })
                .collect(),
            notes: &finding.notes,
            help: finding.help.as_deref(),
            fix: finding.fix.as_ref().map(|fix| FixView {
                safety: match fix.safety {
                    Safety::Safe => "safe",
                    Safety::Unsafe => "unsafe",
                },
                edits: fix
                    .edits
                    .iter()
                    .map(|edit| EditView { place: Place::new(Some(sources.recounted(edit.span.0)), sources), text: &edit.text })
                    .collect(),
            }),
            witness: finding.witness.as_deref().and_then(|witness| serde_json::from_str(witness).ok()),
            fingerprint: &reported.fingerprint,
            suppressed: reported.suppressed.as_ref().map(|suppressed| match suppressed {
                Suppressed::InSource { reason } => SuppressedView { by: "source", reason: Some(reason) },
                Suppressed::ByPeer { reason } => SuppressedView { by: "peer", reason: Some(reason) },
                Suppressed::Baseline => SuppressedView { by: "baseline", reason: None },
            }),
        }
    }
}
