//! Findings as SARIF 2.1.0.
//!
//! Every rule stands in the log, in order of code, so that an index means the same rule in every log of one version. Results come with the most
//! severe first, because consumers keep only the first thousands.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use serde_json::Value;
use serde_json::json;

use crate::diag::Finding;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::lint::Group;
use crate::lint::RULES;
use crate::lint::Report;
use crate::lint::Reported;
use crate::lint::Rule;
use crate::lint::Suppressed;
use crate::lint::levels::is_off_by_default;
use crate::render::Repository;
use crate::render::check_places::Occurrences;
use crate::render::check_places::Region;
use crate::render::check_places::region;
use crate::render::rule_page::rule_body;
use crate::render::rule_page::rule_uri;
use crate::render::rule_page::who_else;

/// Where the schema of the format is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What relative addresses are relative to.
const ROOT: &str = "%SRCROOT%";

/// Writes every finding; those that do not count are marked as suppressed.
///
/// # Errors
/// When the writer fails.
pub fn check_sarif(out: &mut dyn Write, report: &Report, sources: &SourceMap, repository: &Repository) -> io::Result<()> {
    let places = Places { sources, repository };
    let mut findings: Vec<&Reported> = report.findings.iter().collect();
    findings.sort_by_key(|reported| Reverse(reported.finding.severity));
    let mut occurrences = Occurrences::default();
    let results: Vec<Value> =
        findings.iter().map(|reported| result(reported, occurrences.next(&reported.fingerprint), &places)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "meshsec",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": RULES.iter().map(|rule| rule_descriptor(rule)).collect::<Vec<_>>(),
            }},
            "invocations": [{"executionSuccessful": true}],
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer(&mut *out, &log)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule_descriptor(rule: &Rule) -> Value {
    let security_severity = match rule.severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Info => "2.0",
    };
    let configuration = if is_off_by_default(rule) {
        json!({"level": level(rule.severity), "enabled": false})
    } else {
        json!({"level": level(rule.severity)})
    };
    json!({
        "id": rule.code.0,
        "name": rule.name,
        "shortDescription": {"text": rule.finds},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": format!("{}\n\n{}\n\n{}", rule.finds, rule.why, who_else(rule.peers)),
            "markdown": rule_body(rule, "##"),
        },
        "helpUri": rule_uri(rule),
        "defaultConfiguration": configuration,
        "properties": {
            "tags": ["security", Group::of(rule.code).tag()],
            "security-severity": security_severity,
            "peers": rule.peers,
        },
    })
}

struct Places<'a> {
    sources: &'a SourceMap,
    repository: &'a Repository,
}

impl Places<'_> {
    fn artifact(&self, span: Span) -> Value {
        let name = self.sources.get(span.source).map_or("", |source| &source.name);
        let uri = self.repository.uri(name);
        // What stands outside the repository is named as it is.
        if uri.starts_with('/') { json!({"uri": format!("file://{uri}")}) } else { json!({"uri": uri, "uriBaseId": ROOT}) }
    }

    fn physical(&self, span: Span) -> Value {
        // What concerns everything stands at the start of the first file: consumers want a place.
        let region = region(self.sources, span).map_or_else(|| json!({"startLine": 1}), region_json);
        json!({"artifactLocation": self.artifact(span), "region": region})
    }
}

fn region_json(region: Region) -> Value {
    json!({
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    })
}

fn result(reported: &Reported, occurrence: usize, places: &Places<'_>) -> Value {
    let Reported { rule, finding, object, path, fingerprint, suppressed } = reported;
    let mut result = serde_json::Map::new();
    let mut put = |name: &str, value: Value| {
        result.insert(name.to_owned(), value);
    };
    put("ruleId", json!(rule.code.0));
    if let Some(index) = RULES.iter().position(|known| known.code == rule.code) {
        put("ruleIndex", json!(index));
    }
    put("level", json!(level(finding.severity)));
    put("message", json!({"text": message(finding)}));
    let mut location = serde_json::Map::new();
    location.insert("physicalLocation".to_owned(), places.physical(finding.span()));
    if let Some(object) = object {
        let name = format!("{} {}/{}", object.kind, object.namespace, object.name);
        let full = if path.is_empty() { name } else { format!("{name} {path}") };
        let logical = json!([{"name": object.name, "fullyQualifiedName": full, "kind": "resource"}]);
        location.insert("logicalLocations".to_owned(), logical);
    }
    put("locations", json!([location]));
    if !finding.secondary.is_empty() {
        let related = finding.secondary.iter().enumerate().map(|(index, label)| {
            let text = if label.text.is_empty() { "see also" } else { label.text.as_str() };
            json!({"id": index, "physicalLocation": places.physical(label.span.0), "message": {"text": text}})
        });
        put("relatedLocations", related.collect());
    }
    put(
        "partialFingerprints",
        json!({"meshsec/v1": fingerprint, "primaryLocationLineHash": format!("{fingerprint}:{occurrence}")}),
    );
    if let Some(fix) = fix(finding, places) {
        put("fixes", json!([fix]));
    }
    if let Some(suppressed) = suppressed {
        let (kind, justification) = match suppressed {
            Suppressed::InSource { reason } | Suppressed::ByPeer { reason } => ("inSource", reason.as_str()),
            Suppressed::Baseline => ("external", "in the baseline"),
        };
        put("suppressions", json!([{"kind": kind, "status": "accepted", "justification": justification}]));
    }
    let mut properties = json!({"confidence": finding.confidence.as_str()});
    if let (Some(witness), Some(properties)) = (&finding.witness, properties.as_object_mut()) {
        let scenario = serde_json::from_str(witness).unwrap_or_else(|_| json!(witness));
        properties.insert("witness".to_owned(), scenario);
    }
    put("properties", properties);
    Value::Object(result)
}

fn message(finding: &Finding) -> String {
    let mut lines = vec![finding.headline.clone()];
    lines.extend(finding.primary.iter().map(|label| label.text.clone()).filter(|text| !text.is_empty()));
    lines.extend(finding.help.iter().map(|help| format!("help: {help}")));
    lines.extend(finding.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}

fn fix(finding: &Finding, places: &Places<'_>) -> Option<Value> {
    let fix = finding.fix.as_ref()?;
    let mut changes: BTreeMap<_, (Span, Vec<Value>)> = BTreeMap::new();
    for edit in &fix.edits {
        let span = places.sources.recounted(edit.span.0);
        let deleted = region_json(region(places.sources, span)?);
        let (_, replacements) = changes.entry(span.source).or_insert_with(|| (span, Vec::new()));
        replacements.push(json!({"deletedRegion": deleted, "insertedContent": {"text": edit.text}}));
    }
    if changes.is_empty() {
        return None;
    }
    let changes: Vec<Value> = changes
        .into_values()
        .map(|(span, replacements)| json!({"artifactLocation": places.artifact(span), "replacements": replacements}))
        .collect();
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    let description = finding.help.as_deref().unwrap_or(&finding.headline);
    Some(json!({"description": {"text": description}, "artifactChanges": changes, "properties": {"safety": safety}}))
}
