//! The part of YAML that most manifests are written in, read straight from the text: block mappings and lists, words and quoted words that
//! end on their line, brackets that close on their line, comments.
//!
//! The tree is the one that the [`Composer`](super::compose::Composer) builds, places included; the tests hold the two against each other.
//! Whatever is not certain (anchors, tags, block scalars, text over several lines, escapes, tabs, letters beyond ASCII, duplicate keys, mistakes of
//! any kind) is left to the composer, which is several times slower and knows all of YAML.

use std::collections::HashSet;

use super::Chunk;
use super::Node;
use super::Value;
use super::narrow;
use super::scalar;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::diag::Spanned;

/// Longer texts are left to the composer, which counts what they hold.
const BYTES: usize = 1024 * 1024;

/// Longer keys are not on one line for every reader.
const KEY_BYTES: usize = 512;

/// Deeper trees are left to the composer, which needs no stack for them.
const DEPTH: u32 = 64;

/// From this many keys on, a mapping is searched for duplicates through a table.
const MANY_KEYS: usize = 16;

type Entries = Vec<(Spanned<String>, Node)>;

/// The tree of a chunk; `None` when it takes the composer to tell.
pub(super) fn document(source: SourceId, chunk: Chunk<'_>) -> Option<Node> {
    let text = chunk.text.as_bytes();
    // Without the early end the loop is many times faster on what is plain.
    let is_odd = |byte: u8| !matches!(byte, b' '..=b'~' | b'\n');
    if chunk.is_unmarked || text.len() > BYTES || text.iter().fold(false, |odd, byte| odd | is_odd(*byte)) {
        return None;
    }
    let mut reader = Reader { source, chunk, text, at: 0, line: 1, line_start: 0, depth: 0 };
    reader.seek_content();
    if reader.column() == Some(0) && text.get(reader.at..)?.starts_with(b"---") {
        reader.at += 3;
        reader.end_line()?;
    }
    let root = reader.block()?;
    reader.column().is_none().then_some(root)
}

struct Reader<'t> {
    source: SourceId,
    chunk: Chunk<'t>,
    text: &'t [u8],
    /// The next byte.
    at: usize,
    /// Its line in the chunk, counted from 1.
    line: usize,
    /// Where that line starts.
    line_start: usize,
    /// Collections around it.
    depth: u32,
}

/// A word on one line, with its place.
struct Word<'t> {
    text: &'t str,
    is_quoted: bool,
    span: Span,
}

impl Word<'_> {
    fn value(&self) -> Value {
        if self.is_quoted { Value::String(self.text.to_owned()) } else { scalar::implicit(self.text) }
    }

    /// The key that it makes. Merge keys are the composer's.
    fn key(&self) -> Option<Spanned<String>> {
        if self.text.len() > KEY_BYTES || self.text == "<<" {
            return None;
        }
        Some(Spanned::new(scalar::key(self.value())?, self.span))
    }
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.byte(self.at)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// Whether a word ends here: at a blank, the end of the line or of the text.
    fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), None | Some(b' ' | b'\n'))
    }

    /// How far the next byte is indented; `None` at the end of the text.
    fn column(&self) -> Option<usize> {
        self.peek().map(|_| self.at - self.line_start)
    }

    /// From the start of a line or its end to the next content.
    fn seek_content(&mut self) {
        loop {
            self.skip_blanks();
            if self.peek() == Some(b'#') {
                self.skip_comment();
            }
            if self.peek() != Some(b'\n') {
                return;
            }
            self.at += 1;
            (self.line, self.line_start) = (self.line + 1, self.at);
        }
    }

    /// Leaves a line that must hold nothing more but a comment, for the next content.
    fn end_line(&mut self) -> Option<()> {
        let end = self.at;
        self.skip_blanks();
        match self.peek() {
            None | Some(b'\n') => {}
            Some(b'#') if self.at > end => self.skip_comment(),
            Some(_) => return None,
        }
        self.seek_content();
        Some(())
    }

    fn skip_blanks(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    fn skip_comment(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// The place of what stands on this line from `start` to `end`.
    fn span(&self, start: usize, end: usize) -> Span {
        Span {
            source: self.source,
            line: narrow(self.chunk.line + self.line),
            column: narrow(start - self.line_start + 1),
            offset: narrow(self.chunk.offset + start),
            length: narrow(end - start),
        }
    }

    /// A collection that begins on a line of its own, or after a dash.
    fn block(&mut self) -> Option<Node> {
        if self.is_dash() {
            return self.block_list();
        }
        let word = self.word(false)?;
        self.block_mapping(&word)
    }

    fn is_dash(&self) -> bool {
        self.peek() == Some(b'-') && self.is_blank(self.at + 1)
    }

    /// A mapping whose first key was read.
    fn block_mapping(&mut self, first: &Word<'t>) -> Option<Node> {
        self.enter()?;
        let column = usize::try_from(first.span.column).ok()?.checked_sub(1)?;
        let mut entries = Entries::new();
        let mut key = self.key(first)?;
        loop {
            let value = self.block_value(key.span, column)?;
            entries.push((key, value));
            match self.column() {
                Some(indented) if indented > column => return None,
                Some(indented) if indented == column => {
                    let word = self.word(false)?;
                    key = self.key(&word)?;
                }
                _ => break,
            }
        }
        self.depth -= 1;
        let last = entries.last().map(|(_, value)| value.span)?;
        let span = until(first.span, last);
        mapping(entries, span)
    }

    /// What stands after a key and its colon, in the mapping at `column`.
    fn block_value(&mut self, key: Span, column: usize) -> Option<Node> {
        let colon_end = self.at;
        self.skip_blanks();
        if !matches!(self.peek(), None | Some(b'\n' | b'#')) {
            return self.inline();
        }
        self.at = colon_end;
        self.end_line()?;
        match self.column() {
            Some(indented) if indented > column => self.block(),
            Some(indented) if indented == column && self.is_dash() => self.block_list(),
            _ => Some(Node { value: Value::Null, span: key }),
        }
    }

    fn block_list(&mut self) -> Option<Node> {
        self.enter()?;
        let column = self.column()?;
        let start = self.span(self.at, self.at + 1);
        let mut items: Vec<Node> = Vec::new();
        loop {
            self.at += 1;
            self.skip_blanks();
            // A dash alone, a list in a list, a comment: places are peculiar there.
            if self.is_dash() || matches!(self.peek(), None | Some(b'\n' | b'#')) {
                return None;
            }
            let item = if matches!(self.peek(), Some(b'[' | b'{')) {
                self.inline()?
            } else {
                let word = self.word(false)?;
                if self.peek() == Some(b':') { self.block_mapping(&word)? } else { self.end_of_line_with(&word)? }
            };
            items.push(item);
            match self.column() {
                Some(indented) if indented > column => return None,
                Some(indented) if indented == column && self.is_dash() => {}
                _ => break,
            }
        }
        self.depth -= 1;
        let span = until(start, items.last()?.span);
        Some(Node { value: Value::Sequence(items), span })
    }

    /// A word or brackets, and nothing more on the line.
    fn inline(&mut self) -> Option<Node> {
        if !matches!(self.peek(), Some(b'[' | b'{')) {
            let word = self.word(false)?;
            return self.end_of_line_with(&word);
        }
        let node = self.brackets()?;
        self.end_line()?;
        Some(node)
    }

    fn end_of_line_with(&mut self, word: &Word<'t>) -> Option<Node> {
        self.end_line()?;
        Some(Node { value: word.value(), span: word.span })
    }

    /// `[..]` or `{..}` on this line.
    fn brackets(&mut self) -> Option<Node> {
        self.enter()?;
        let start = self.at;
        let is_list = self.peek() == Some(b'[');
        let close = if is_list { b']' } else { b'}' };
        let (mut items, mut entries) = (Vec::new(), Entries::new());
        self.at += 1;
        self.skip_blanks();
        let mut is_first = true;
        while self.peek() != Some(close) || !is_first {
            if is_list {
                items.push(self.in_brackets()?);
            } else {
                let word = self.word(true)?;
                let key = self.key(&word)?;
                self.skip_blanks();
                entries.push((key, self.in_brackets()?));
            }
            self.skip_blanks();
            match self.peek()? {
                b',' => self.at += 1,
                byte if byte == close => break,
                _ => return None,
            }
            self.skip_blanks();
            is_first = false;
        }
        self.at += 1;
        self.depth -= 1;
        let span = self.span(start, self.at);
        if is_list { Some(Node { value: Value::Sequence(items), span }) } else { mapping(entries, span) }
    }

    fn in_brackets(&mut self) -> Option<Node> {
        if matches!(self.peek(), Some(b'[' | b'{')) {
            return self.brackets();
        }
        let word = self.word(true)?;
        Some(Node { value: word.value(), span: word.span })
    }

    /// Takes the colon after a key.
    fn key(&mut self, word: &Word<'_>) -> Option<Spanned<String>> {
        if self.peek() != Some(b':') || !self.is_blank(self.at + 1) {
            return None;
        }
        self.at += 1;
        word.key()
    }

    /// A quoted or plain word that ends on this line.
    fn word(&mut self, in_brackets: bool) -> Option<Word<'t>> {
        let start = self.at;
        let quote = self.peek().filter(|byte| matches!(byte, b'"' | b'\''));
        let (from, to, end) = if let Some(quote) = quote {
            let rest = self.text.get(start + 1..)?;
            let to = start + 1 + memchr::memchr3(quote, b'\\', b'\n', rest)?;
            if self.byte(to) != Some(quote) || self.byte(to + 1) == Some(quote) {
                return None;
            }
            (start + 1, to, to + 1)
        } else {
            let end = self.end_of_plain(in_brackets)?;
            (start, end, end)
        };
        self.at = end;
        let text = self.chunk.text.get(from..to)?;
        Some(Word { text, is_quoted: quote.is_some(), span: self.span(start, end) })
    }

    /// Where a plain word ends, without the blanks after it.
    fn end_of_plain(&self, in_brackets: bool) -> Option<usize> {
        let begins = match self.peek()? {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'_' | b'~' | b'(' | b'+' | b'$' | b'=' | b'^' => true,
            b'-' | b'.' => self.byte(self.at + 1).is_some_and(|byte| byte.is_ascii_alphanumeric()),
            _ => false,
        };
        if !begins {
            return None;
        }
        let mut at = self.at + 1;
        loop {
            match self.byte(at) {
                None | Some(b'\n') => break,
                Some(b':') if self.is_blank(at + 1) => {
                    // A blank before the colon belongs to neither.
                    return (self.byte(at - 1) != Some(b' ')).then_some(at);
                }
                Some(b':') if matches!(self.byte(at + 1), Some(b',' | b'[' | b']' | b'{' | b'}')) => return None,
                Some(b'#') if self.byte(at - 1) == Some(b' ') => break,
                Some(b',' | b'[' | b']' | b'{' | b'}') if in_brackets => break,
                Some(b'?') if in_brackets => return None,
                Some(_) => at += 1,
            }
        }
        while self.byte(at - 1) == Some(b' ') {
            at -= 1;
        }
        Some(at)
    }

    fn enter(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth <= DEPTH).then_some(())
    }
}

/// From the start of one place to the end of another.
fn until(start: Span, end: Span) -> Span {
    Span { length: (end.offset + end.length).saturating_sub(start.offset), ..start }
}

/// A mapping in which no key is written twice.
fn mapping(entries: Entries, span: Span) -> Option<Node> {
    let is_unique = if entries.len() > MANY_KEYS {
        let mut seen = HashSet::with_capacity(entries.len());
        entries.iter().all(|(key, _)| seen.insert(key.as_str()))
    } else {
        entries.iter().enumerate().all(|(index, (key, _))| entries.iter().take(index).all(|(other, _)| other != key))
    };
    is_unique.then_some(Node { value: Value::Mapping(entries), span })
}

#[cfg(test)]
mod tests;
