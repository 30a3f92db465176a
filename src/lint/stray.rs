//! Files that are met in a directory and are no manifests: values of a chart, the chart itself, configurations of other programs.

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceMap;
use crate::lint::JudgedDocument;
use crate::manifest::codes;

/// That a document is no object is a warning about a file the user names, and no more than information about one that only lies there.
pub(super) fn weaken(finding: &mut Finding, document: Option<&JudgedDocument>, sources: &SourceMap) {
    let Some(source) = sources.get(finding.span().source).filter(|source| source.is_met) else { return };
    let has_no_kind = document.is_some_and(|document| document.object.kind.is_empty());
    if finding.code != codes::MISSING_FIELD || !has_no_kind {
        return;
    }
    // A chart has an `apiVersion` of its own, and no kind.
    let is_chart = source.name.rsplit(['/', '\\']).next().is_some_and(|name| name == "Chart.yaml");
    if finding.severity < Severity::Error || is_chart {
        finding.severity = Severity::Info;
    }
}
