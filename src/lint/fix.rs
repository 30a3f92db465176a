//! Repairs that are mechanical, applied to the text: comments and layout stay.

use std::collections::BTreeMap;

use crate::diag::Code;
use crate::diag::Edit;
use crate::diag::Safety;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::lint::Report;

/// The texts after applying the fixes of findings from a level on, with the codes of what was repaired in each; texts without a fix are left out.
///
/// Of fixes that touch the same stretch the first is taken; the others have their turn when the text is checked again.
#[must_use]
pub fn apply(report: &Report, sources: &SourceMap, most: Safety, least: Severity) -> BTreeMap<SourceId, (String, Vec<Code>)> {
    let mut by_source: BTreeMap<SourceId, Vec<(Code, &[Edit])>> = BTreeMap::new();
    for reported in report.active().filter(|reported| reported.finding.severity >= least) {
        let Some(fix) = reported.finding.fix.as_ref().filter(|fix| fix.safety <= most) else { continue };
        let Some(first) = fix.edits.first() else { continue };
        let source = first.span.0.source;
        if fix.edits.iter().all(|edit| edit.span.0.source == source) {
            by_source.entry(source).or_default().push((reported.rule.code, &fix.edits));
        }
    }
    let mut fixed = BTreeMap::new();
    for (id, fixes) in by_source {
        let Some(source) = sources.get(id) else { continue };
        let mut taken: Vec<&Edit> = Vec::new();
        let mut codes = Vec::new();
        for (code, edits) in fixes {
            if edits.iter().any(|edit| taken.iter().any(|other| touches(edit, other))) {
                continue;
            }
            taken.extend(edits);
            codes.push(code);
        }
        taken.sort_by_key(|edit| edit.span.0.offset);
        if let Some(text) = edited(&source.text, &taken) {
            fixed.insert(id, (text, codes));
        }
    }
    fixed
}

fn range(edit: &Edit) -> (usize, usize) {
    let start = edit.span.0.offset as usize;
    (start, start + edit.span.0.length as usize)
}

fn touches(a: &Edit, b: &Edit) -> bool {
    let ((a_start, a_end), (b_start, b_end)) = (range(a), range(b));
    a_start <= b_end && b_start <= a_end
}

/// The text with every stretch replaced; `None` when a stretch is no part of it.
fn edited(text: &str, edits: &[&Edit]) -> Option<String> {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = range(edit);
        result.push_str(text.get(at..start)?);
        result.push_str(&edit.text);
        at = end;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}
