//! Where the Kubernetes tools refuse what newer YAML allows: tabs before a token, keys over several lines.

use super::Composer;
use super::StructureStyle;
use super::fail;
use crate::diag::Finding;
use crate::diag::Span;

impl Composer<'_, '_> {
    /// Whether the present place is inside brackets.
    pub(super) fn is_in_brackets(&self) -> bool {
        self.document.open.last().is_some_and(|frame| frame.is_flow)
    }

    /// The place in the chunk of an offset in the source.
    pub(super) fn local(&self, offset: u32) -> usize {
        usize::try_from(offset).unwrap_or(0).saturating_sub(self.chunk.offset)
    }

    /// Takes note of the start of a collection, and says whether it stands in brackets.
    pub(super) fn bracket(&mut self, style: StructureStyle, span: Span) -> Result<bool, Box<Finding>> {
        let is_flow = style == StructureStyle::Flow || self.is_in_brackets();
        if style == StructureStyle::Flow && span.length > 0 {
            self.token(span, true)?;
        }
        Ok(is_flow)
    }

    /// Takes note of a token, and refuses tabs before it.
    pub(super) fn token(&mut self, span: Span, is_end_known: bool) -> Result<(), Box<Finding>> {
        if span.length == 0 {
            return Ok(());
        }
        self.no_tabs_before(self.local(span.offset), span)?;
        self.token_end = is_end_known.then(|| self.local(span.offset + span.length));
        self.tabs_from = None;
        Ok(())
    }

    /// The column from which on the lines of a plain text go on: one more than that of the collection it stands in.
    pub(super) fn text_column(&self) -> usize {
        self.document.open.last().map_or(0, |frame| usize::try_from(frame.span.column).unwrap_or(0))
    }

    /// Refuses a tab where indentation can be: between a line's start, or its dashes, and what follows. Brackets may hold any.
    pub(super) fn no_tabs_before(&self, end: usize, span: Span) -> Result<(), Box<Finding>> {
        if self.is_in_brackets() {
            return Ok(());
        }
        let before = self.chunk.text.get(..end).unwrap_or_default();
        let line = before.rfind('\n').unwrap_or(0);
        let start = self.token_end.unwrap_or(line);
        let Some(gap) = before.get(start..) else { return Ok(()) };
        let mut is_indentation = start == 0 || self.token_end.is_none();
        let mut is_comment = false;
        // The blanks after plain text still belong to it.
        let mut text_from = self.tabs_from;
        for (index, letter) in gap.char_indices() {
            match letter {
                '\n' => (is_indentation, is_comment) = (true, false),
                _ if is_comment => {}
                '#' => (is_comment, text_from) = (true, None),
                '\t' if is_indentation => {
                    let place = start + index;
                    let line_start = before.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |line| line + 1);
                    if text_from.is_some_and(|column| place - line_start >= column) {
                        continue;
                    }
                    let above = before.get(..place).unwrap_or_default();
                    let span = Span {
                        line: super::narrow(self.chunk.line + above.matches('\n').count() + 1),
                        column: super::narrow(above.get(line_start..).unwrap_or_default().chars().count() + 1),
                        offset: super::narrow(self.chunk.offset + place),
                        length: 1,
                        ..span
                    };
                    return Err(fail("a tab in indentation".to_owned(), span, "indent with spaces, YAML takes no tabs there"));
                }
                ' ' | '\t' | '\r' | '\u{feff}' => {}
                '-' | '?' => {
                    let is_indicator = gap.get(index + 1..).is_some_and(|rest| rest.starts_with([' ', '\t', '\n', '\r']));
                    (is_indentation, text_from) = (is_indentation && is_indicator, None);
                }
                _ => (is_indentation, text_from) = (false, None),
            }
        }
        Ok(())
    }

    /// Whether a key that was not begun with `?` goes on in a second line.
    pub(super) fn is_over_lines(&self, span: Span) -> bool {
        let (start, end) = (self.local(span.offset), self.local(span.offset + span.length));
        let text = self.chunk.text;
        let is_explicit = || text.get(..start).is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('?'));
        text.get(start..end).is_some_and(|key| key.trim_end().contains('\n')) && !is_explicit()
    }
}
