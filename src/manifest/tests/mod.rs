//! The whole way from text to documents.

mod errors;
mod kinds;
mod mesh_config;
mod reader;

use crate::diag::Finding;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::Labels;
use crate::manifest::Manifests;
use crate::manifest::read;

/// Reads each text as a file of its own.
fn read_all(texts: &[&str]) -> Manifests {
    let mut sources = SourceMap::default();
    let ids: Vec<_> = texts.iter().enumerate().map(|(index, text)| sources.add(format!("{index}.yaml"), *text)).collect();
    read(&sources, &ids)
}

/// Reads a text that holds one good object.
fn read_one(text: &str) -> Body {
    let mut manifests = read_all(&[text]);
    assert!(manifests.findings.is_empty(), "{text}\n{:#?}", manifests.findings);
    assert_eq!(manifests.documents.len(), 1, "{text}");
    manifests.documents.remove(0).body
}

/// Reads one object of a kind, given its `spec` in flow style.
fn read_spec(api_version: &str, kind: &str, spec: &str) -> Body {
    read_one(&format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"))
}

/// Code, place and headline.
fn summary(finding: &Finding) -> String {
    let span = finding.primary.as_ref().map_or_else(Span::default, |label| label.span.0);
    format!("{}[{}] {}:{} {}", finding.severity, finding.code, span.line, span.column, finding.headline)
}

fn summaries(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(summary).collect()
}

/// Line and column.
fn at<T>(value: &Spanned<T>) -> (u32, u32) {
    (value.span.line, value.span.column)
}

/// The values without their places.
fn values(list: &[Spanned<String>]) -> Vec<&str> {
    list.iter().map(Spanned::as_str).collect()
}

fn pairs(labels: &Labels) -> Vec<(&str, &str)> {
    labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
