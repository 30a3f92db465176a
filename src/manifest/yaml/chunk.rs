/// A stretch of a text, with where it starts.
#[derive(Debug, Clone, Copy)]
pub(in crate::manifest) struct Chunk<'t> {
    /// The stretch.
    pub text: &'t str,
    /// Byte offset of its start in the source.
    pub offset: usize,
    /// Lines before it.
    pub line: usize,
    /// It comes after `...` and does not begin with `---`.
    pub is_unmarked: bool,
}

/// Cuts a text at its document markers.
///
/// `---` and `...` at the start of a line mark documents wherever they stand: no scalar may hold such a line. Comments and
/// directives before a `---` stay with the document it starts.
#[derive(Debug)]
pub(super) struct Chunks<'t> {
    rest: Chunk<'t>,
    /// The document before ended with `...`.
    is_after_end: bool,
}

impl<'t> Chunks<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let (text, offset) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (rest, '\u{feff}'.len_utf8()),
            None => (text, 0),
        };
        Self { rest: Chunk { text, offset, line: 0, is_unmarked: false }, is_after_end: false }
    }

    /// Takes the first `length` bytes with `lines` line breaks off the rest.
    fn cut(&mut self, length: usize, lines: usize) -> Chunk<'t> {
        let (text, rest) = self.rest.text.split_at_checked(length).unwrap_or((self.rest.text, ""));
        let chunk = Chunk { text, ..self.rest };
        self.rest = Chunk { text: rest, offset: self.rest.offset + text.len(), line: self.rest.line + lines, is_unmarked: false };
        chunk
    }
}

impl<'t> Iterator for Chunks<'t> {
    type Item = Chunk<'t>;

    fn next(&mut self) -> Option<Chunk<'t>> {
        let (mut starts, mut has_content) = (false, false);
        let (mut length, mut lines) = (0, 0);
        let mut ahead = self.rest.text;
        while !ahead.is_empty() {
            let end = memchr::memchr(b'\n', ahead.as_bytes()).map_or(ahead.len(), |end| end + 1);
            let (line, after) = ahead.split_at_checked(end).unwrap_or((ahead, ""));
            ahead = after;
            let kind = Line::of(line);
            let is_end = matches!(kind, Line::End) && starts;
            if is_end || (matches!(kind, Line::Start { .. }) && starts) {
                let (tail, tail_lines) = if is_end { (line.len(), 1) } else { (0, 0) };
                let chunk = self.cut(length + tail, lines + tail_lines);
                self.is_after_end = is_end;
                if has_content {
                    return Some(chunk);
                }
                // Nothing between two markers: the parser has nothing to say about it.
                (length, lines, starts) = (0, 0, false);
                if is_end {
                    continue;
                }
            }
            match kind {
                Line::Start { has_content: begins } => (starts, has_content) = (true, has_content || begins),
                Line::Content => {
                    self.rest.is_unmarked |= self.is_after_end && !starts;
                    (starts, has_content) = (true, true);
                }
                Line::Directive => has_content = true,
                Line::End | Line::Blank => {}
            }
            length += line.len();
            lines += 1;
        }
        has_content.then(|| self.cut(usize::MAX, 0))
    }
}

/// What a line means for the cutting.
enum Line {
    /// `---`, perhaps with the beginning of the document after it.
    Start {
        has_content: bool,
    },
    /// `...`
    End,
    /// `%YAML` and its like.
    Directive,
    /// A comment or nothing.
    Blank,
    Content,
}

impl Line {
    fn of(line: &str) -> Self {
        let bytes = line.as_bytes();
        let after = |marker: &[u8]| bytes.strip_prefix(marker).filter(|rest| rest.first().is_none_or(u8::is_ascii_whitespace));
        if let Some(rest) = after(b"---") {
            Self::Start { has_content: !is_blank(rest) }
        } else if after(b"...").is_some() {
            Self::End
        } else if bytes.first() == Some(&b'%') {
            Self::Directive
        } else if is_blank(bytes) {
            Self::Blank
        } else {
            Self::Content
        }
    }
}

/// Whether there is nothing, or nothing but a comment.
fn is_blank(line: &[u8]) -> bool {
    line.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|byte| *byte == b'#')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_markers_and_keeps_places() {
        type Cut<'t> = (&'t str, usize, usize);
        let cases: &[(&str, &[Cut<'_>])] = &[
            ("", &[]),
            ("a: 1\n", &[("a: 1\n", 0, 0)]),
            ("a: 1\n---\nb: 2\n", &[("a: 1\n", 0, 0), ("---\nb: 2\n", 5, 1)]),
            ("---\na: 1\n---\nb: 2", &[("---\na: 1\n", 0, 0), ("---\nb: 2", 9, 2)]),
            ("# note\n%YAML 1.1\n---\na: 1\n", &[("# note\n%YAML 1.1\n---\na: 1\n", 0, 0)]),
            ("a: 1\n...\n# x\n---\nb: 2\n", &[("a: 1\n...\n", 0, 0), ("# x\n---\nb: 2\n", 9, 2)]),
            ("a: |\n ---\nb: 1\n", &[("a: |\n ---\nb: 1\n", 0, 0)]),
            ("a: ---b\n---c: 1\n", &[("a: ---b\n---c: 1\n", 0, 0)]),
            ("a: 1\r\n---\r\nb: 2\r\n", &[("a: 1\r\n", 0, 0), ("---\r\nb: 2\r\n", 6, 1)]),
            ("\u{feff}a: 1\n--- # next\nb: 2\n", &[("a: 1\n", 3, 0), ("--- # next\nb: 2\n", 8, 1)]),
            ("---\n---\n# x\n", &[]),
            ("---\n# x\n---\na: 1\n...\n...\n--- b\n---\n", &[("---\na: 1\n...\n", 8, 2), ("...\n--- b\n", 21, 5)]),
        ];
        for (text, expected) in cases {
            let found: Vec<_> = Chunks::new(text).map(|chunk| (chunk.text, chunk.offset, chunk.line)).collect();
            assert_eq!(found, *expected, "{text:?}");
        }
    }
}
