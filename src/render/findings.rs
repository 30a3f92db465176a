//! Findings as a compiler prints them: headline, excerpt of the source, help.

use std::io;
use std::io::Write;
use std::ops::Range;

use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Source;
use crate::diag::SourceMap;
use crate::diag::Span;
use crate::render::Style;
use crate::render::masked::masked;

/// Sources up to this size are shown around a finding; of larger ones only the line.
const EXCERPT_LIMIT: usize = 1 << 20;

/// Writes every finding with an excerpt of the text it is about.
///
/// # Errors
/// When the writer fails.
pub fn findings(out: &mut dyn Write, findings: &[Finding], sources: &SourceMap, style: Style) -> io::Result<()> {
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(usize::from(style.width));
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Info => Level::INFO,
        };
        let mut group = level
            .primary_title(finding.headline.as_str())
            .id(finding.code.0)
            .elements(std::iter::empty::<Snippet<'_, annotate_snippets::Annotation<'_>>>());
        let labels = finding.primary.iter().map(|label| (AnnotationKind::Primary, label));
        for (kind, label) in labels.chain(finding.secondary.iter().map(|label| (AnnotationKind::Context, label))) {
            let Some(source) = sources.get(label.span.0.source) else { continue };
            let (line, text, range) = excerpt(source, label.span.0);
            group = group.element(
                Snippet::source(masked(text))
                    .line_start(line)
                    .path(source.name.as_ref())
                    .annotation(kind.span(range).label(label.text.as_str())),
            );
        }
        group = with_footers(group, finding);
        writeln!(out, "{}\n", renderer.render(&[group]))?;
    }
    Ok(())
}

fn with_footers<'a>(mut group: Group<'a>, finding: &'a Finding) -> Group<'a> {
    for note in &finding.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    match &finding.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The text to draw, its first line number, and the range within it.
fn excerpt(source: &Source, span: Span) -> (usize, &str, Range<usize>) {
    let text: &str = &source.text;
    let start = floor_boundary(text, span.offset as usize);
    let end = floor_boundary(text, start.saturating_add(span.length.max(1) as usize)).max(start);
    if text.len() <= EXCERPT_LIMIT {
        return (1, text, start..end);
    }
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let line_end = text.get(start..).and_then(|after| after.find('\n')).map_or(text.len(), |at| start + at);
    let line = text.get(line_start..line_end).unwrap_or_default();
    (span.line.max(1) as usize, line, start - line_start..end.min(line_end).max(start) - line_start)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
