//! YAML text to trees in which every value knows its place.
//!
//! The dialect is the one the Kubernetes tools read: YAML 1.1 words and octal numbers (`yes`, `on`, `017`), anchors, aliases
//! and merge keys, JSON as a subset, and several documents in one text. Plain keys that look like numbers or booleans become
//! the strings those tools make of them, so `on: x` has the key `true`.
//!
//! A text is cut at its document markers first, so bad YAML in one document does not hide the next. What is plain is read straight
//! from the text (`plain`); all other trees are built from the parser's events without recursion (`compose`), and [`limits`] bound what a hostile text can cost.

mod chunk;
mod compose;
mod entries;
mod plain;
mod scalar;

use std::collections::VecDeque;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::codes;

pub(in crate::manifest) use chunk::Chunk;
use chunk::Chunks;
use compose::Composer;

/// What the reader accepts of one text.
pub mod limits {
    /// Bytes of one source.
    pub const SOURCE_BYTES: usize = 64 * 1024 * 1024;
    /// Mappings and sequences inside each other.
    pub const DEPTH: usize = 200;
    /// Values in one document, those made by aliases included.
    pub const DOCUMENT_NODES: usize = 4_000_000;
    /// Values copied for anchors and aliases, in one source.
    pub const ALIAS_NODES: usize = 200_000;
}

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written. An alias stands at its own place, the values inside it where the anchor wrote them.
    pub span: Span,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on` and their like, not quoted.
    Bool(bool),
    /// A number, not quoted.
    Number(Number),
    /// Any text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in the order written.
    Mapping(Vec<(Spanned<String>, Node)>),
}

/// A number as written and as meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// The digits as written.
    pub text: String,
    /// What they mean.
    pub value: NumberValue,
}

/// The value of a [`Number`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum NumberValue {
    /// A whole number that fits.
    Integer(i64),
    /// A whole number that only fits without a sign.
    Unsigned(u64),
    /// Any other number.
    Float(f64),
}

impl PartialEq for Node {
    /// Compares values; places take no part.
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Node {
    /// The value of a key, when this is a mapping that has it. `null` counts as absent.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Value::Mapping(entries) = &self.value else { return None };
        entries.iter().find(|(name, _)| name.value == key).map(|(_, node)| node).filter(|node| !node.is_null())
    }

    /// The text, when this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// Whether nothing is written here.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// What this is, in words that fit after "found".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// One document of a text.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; `None` when the document is not YAML or exceeds a limit.
    pub root: Option<Node>,
    /// What was found on the way. With an error in it the tree is only good for finding out what the document is, and what the
    /// Kubernetes tools would make of it: of a key that is written twice they take the last.
    pub findings: Vec<Finding>,
}

/// The documents of a text, one at a time.
#[derive(Debug)]
pub struct Documents<'t> {
    source: SourceId,
    chunks: Chunks<'t>,
    ready: VecDeque<Parsed>,
    alias_nodes: usize,
}

/// The documents of a text, in order. Documents without content are passed over.
#[must_use]
pub fn documents(source: SourceId, text: &str) -> Documents<'_> {
    let mut documents = Documents { source, chunks: Chunks::new(text), ready: VecDeque::new(), alias_nodes: limits::ALIAS_NODES };
    if let Some(refusal) = refuse(source, text) {
        documents.chunks = Chunks::new("");
        documents.ready.push_back(Parsed { root: None, findings: vec![refusal] });
    }
    documents
}

/// All documents of a text with all that was found. See [`documents`] for one at a time.
#[must_use]
pub fn parse(source: SourceId, text: &str) -> (Vec<Node>, Vec<Finding>) {
    let mut nodes = Vec::new();
    let mut findings = Vec::new();
    for parsed in documents(source, text) {
        nodes.extend(parsed.root);
        findings.extend(parsed.findings);
    }
    (nodes, findings)
}

/// Reads one stretch of a text that is known to hold YAML, such as the lines of a block scalar.
pub(in crate::manifest) fn parse_chunk(source: SourceId, chunk: Chunk<'_>) -> Vec<Parsed> {
    let mut alias_nodes = limits::ALIAS_NODES;
    Composer::new(source, chunk, &mut alias_nodes).documents()
}

/// Whether plain text is read as the parser reads it, to the last byte of every place. It is; fuzzers look for texts with which it is not.
#[doc(hidden)]
#[must_use]
pub fn reads_alike(text: &str) -> bool {
    let source = SourceId::default();
    Chunks::new(text).all(|chunk| {
        let Some(plain) = plain::document(source, chunk) else { return true };
        let composed = parse_chunk(source, chunk);
        let [Parsed { root: Some(root), findings }] = composed.as_slice() else { return false };
        findings.is_empty() && format!("{root:?}") == format!("{plain:?}")
    })
}

impl Iterator for Documents<'_> {
    type Item = Parsed;

    fn next(&mut self) -> Option<Parsed> {
        loop {
            if let Some(parsed) = self.ready.pop_front() {
                return Some(parsed);
            }
            let chunk = self.chunks.next()?;
            if let Some(root) = plain::document(self.source, chunk) {
                return Some(Parsed { root: Some(root), findings: Vec::new() });
            }
            self.ready.extend(Composer::new(self.source, chunk, &mut self.alias_nodes).documents());
        }
    }
}

/// Why bytes are not text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// The bytes are not UTF-8.
    #[error("not UTF-8 text: bad byte at offset {offset}")]
    NotUtf8 {
        /// Where the first bad byte stands, counted from 0.
        offset: usize,
    },
    /// There is a NUL byte, as binary files have.
    #[error("not a text file: NUL byte at offset {offset}")]
    Nul {
        /// Where the first NUL byte stands, counted from 0.
        offset: usize,
    },
}

/// The text that bytes hold. A byte order mark at the start stays, and the reader passes over it.
///
/// # Errors
///
/// Names the offset of the first byte that no text file has.
pub fn text_of(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some(offset) = memchr::memchr(0, bytes) {
        return Err(NotText::Nul { offset });
    }
    str::from_utf8(bytes).map_err(|error| NotText::NotUtf8 { offset: error.valid_up_to() })
}

/// Says why a text is not even looked at.
fn refuse(source: SourceId, text: &str) -> Option<Finding> {
    let start = Span { source, line: 1, column: 1, offset: 0, length: 0 };
    if text.len() > limits::SOURCE_BYTES {
        let limit = limits::SOURCE_BYTES / (1024 * 1024);
        let headline = format!("the text is {} bytes long, more than the {limit} MiB that are read", text.len());
        return Some(
            Finding::new(codes::LIMIT_EXCEEDED, Severity::Error, headline, start)
                .with_help("split it into smaller files, or leave out what is no manifest"),
        );
    }
    let offset = memchr::memchr(0, text.as_bytes())?;
    let before = text.get(..offset).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let span = Span { source, line: narrow(line), column: narrow(column), offset: narrow(offset), length: 1 };
    Some(
        Finding::new(codes::YAML_SYNTAX, Severity::Error, format!("NUL byte at offset {offset}: this is no YAML text"), span)
            .with_help("leave binary files out"),
    )
}

/// A position as spans hold it. Sources are far smaller than what fits.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
