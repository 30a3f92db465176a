//! Places must lie inside the text they point into.

use std::fmt::Debug;

use meshsec::diag::Finding;
use meshsec::diag::SourceId;
use meshsec::diag::SourceMap;
use meshsec::diag::Span;

/// Panics when a place of a finding is not one of its source.
pub fn check_findings(findings: &[Finding], sources: &SourceMap) {
    for finding in findings {
        for label in finding.primary.iter().chain(&finding.secondary) {
            check(label.span.0, sources, finding);
        }
    }
}

/// Panics when a place is not one of its source.
pub fn check(span: Span, sources: &SourceMap, about: &dyn Debug) {
    let Span { source, line, column, offset, length } = span;
    let text = &*sources.get(source).unwrap_or_else(|| panic!("no such source: {span:?} of {about:?}")).text;
    let (offset, length) = (offset as usize, length as usize);
    assert!(offset + length <= text.len(), "beyond the text of {} bytes: {span:?} of {about:?}", text.len());
    assert!(text.is_char_boundary(offset) && text.is_char_boundary(offset + length), "inside a character: {span:?} of {about:?}");
    // Only line feeds end lines here; a text with other breaks, or with a byte order mark, is not counted along.
    if line == 0 || offset == 0 || text.contains(['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']) {
        return;
    }
    let before = &text[..offset];
    let wanted_line = before.matches('\n').count() + 1;
    let wanted_column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    assert_eq!((line as usize, column as usize), (wanted_line, wanted_column), "line and column of {span:?} of {about:?}");
}

/// Panics when a place anywhere in a value lies beyond the only source there is. Places are found in the debug form, so that no kind
/// of document has to be taken apart here.
pub fn check_all(value: &dyn Debug, sources: &SourceMap) {
    let debug = format!("{value:?}");
    let text = sources.get(SourceId::default()).map_or("", |source| &*source.text);
    let mut rest = debug.as_str();
    while let Some(at) = rest.find(['"', '{']) {
        let (head, tail) = rest.split_at(at);
        if tail.starts_with('"') {
            rest = after_quoted(tail);
            continue;
        }
        rest = &tail[1..];
        if head.ends_with("Span ") {
            let number = |name| number_after(rest, name);
            let span = Span {
                source: SourceId::default(),
                line: number("line: "),
                column: number("column: "),
                offset: number("offset: "),
                length: number("length: "),
            };
            check(span, sources, &text);
        }
    }
}

fn after_quoted(text: &str) -> &str {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return &text[at + 1..],
            _ => {}
        }
    }
    ""
}

fn number_after(text: &str, name: &str) -> u32 {
    let Some((_, after)) = text.split_once(name) else { return 0 };
    let end = after.find(|character: char| !character.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().unwrap_or_default()
}
