mod strictness;

use std::collections::HashMap;

use serde_saphyr::granit_parser;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::granit_parser::Event;
use serde_saphyr::granit_parser::Marker;
use serde_saphyr::granit_parser::Parser;
use serde_saphyr::granit_parser::ScalarStyle;
use serde_saphyr::granit_parser::ScanError;
use serde_saphyr::granit_parser::StrInput;
use serde_saphyr::granit_parser::StructureStyle;
use serde_saphyr::granit_parser::Tag;

use super::Chunk;
use super::Node;
use super::Parsed;
use super::Value;
use super::entries;
use super::entries::Entry;
use super::limits;
use super::narrow;
use super::scalar;
use super::scalar::ScalarTag;
use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::codes;

/// Builds the trees of one chunk from the parser's events.
pub(super) struct Composer<'t, 'c> {
    source: SourceId,
    chunk: Chunk<'t>,
    parser: Parser<'t, StrInput<'t>>,
    /// How many more values may be copied for anchors and aliases.
    alias_nodes: &'c mut usize,
    /// Where in the chunk the last token ended; `None` when the parser does not tell.
    token_end: Option<usize>,
    /// The column, counted from 0, from which on a tab may follow the last token, when that was plain text.
    tabs_from: Option<usize>,
    document: Building,
}

/// One document on its way.
#[derive(Default)]
struct Building {
    open: Vec<Frame>,
    root: Option<Node>,
    /// Finished nodes that carry an anchor, with the number of values in them.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    findings: Vec<Finding>,
}

/// A collection that is not closed yet.
struct Frame {
    span: Span,
    anchor: usize,
    /// Values counted before it.
    nodes_before: usize,
    /// The text that the mapping is in truth. See [`Composer::is_glued`].
    glued: Option<Node>,
    /// It stands in brackets, or in something that does.
    is_flow: bool,
    items: Items,
}

enum Items {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Key> },
}

struct Key {
    name: Spanned<String>,
    is_merge: bool,
}

impl<'t, 'c> Composer<'t, 'c> {
    pub(super) fn new(source: SourceId, chunk: Chunk<'t>, alias_nodes: &'c mut usize) -> Self {
        let options = granit_parser::options! {
            emit_comments: false,
            // Our own limit comes first and names itself.
            flow_nesting_limit: limits::DEPTH * 8,
            block_nesting_limit: limits::DEPTH * 8,
        };
        let parser = Parser::new_from_str_with_options(chunk.text, options);
        Self { source, chunk, parser, alias_nodes, token_end: Some(0), tabs_from: None, document: Building::default() }
    }

    /// The documents of the chunk: one, unless it has none or markers that only the parser sees.
    pub(super) fn documents(mut self) -> Vec<Parsed> {
        let mut finished = Vec::new();
        loop {
            let step = match self.parser.next_event() {
                None => break,
                Some(Err(error)) => Err(self.syntax_error(&error)),
                Some(Ok((event, span))) => {
                    let is_end = matches!(event, Event::DocumentEnd);
                    let step = self.event(event, self.span(span.start, span.end));
                    if is_end && step.is_ok() {
                        let document = std::mem::take(&mut self.document);
                        finished.push(Parsed { root: document.root, findings: document.findings });
                    }
                    step
                }
            };
            if let Err(error) = step {
                let mut findings = std::mem::take(&mut self.document).findings;
                findings.push(self.with_template_hint(*error));
                finished.push(Parsed { root: None, findings });
                break;
            }
        }
        if let Some(Parsed { root: root @ Some(_), findings }) = finished.first_mut().filter(|_| self.chunk.is_unmarked) {
            let span = root.take().map_or_else(Span::default, |root| Span { length: 1, ..root.span });
            let headline = "a document after `...` without `---`: the Kubernetes tools pass over it in silence".to_owned();
            findings.push(*fail(headline, span, "begin it with `---`"));
        }
        finished.retain(|parsed| !parsed.findings.is_empty() || parsed.root.as_ref().is_some_and(|root| !root.is_null()));
        finished
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the other events bring no values, and the parser may add more of them")]
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Box<Finding>> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.token(span, !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded))?;
                self.tabs_from = (style == ScalarStyle::Plain).then(|| self.text_column());
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::SequenceStart(style, anchor, _) => {
                let is_flow = self.bracket(style, span)?;
                let span = if style == StructureStyle::Block { self.first_dash(span) } else { span };
                self.open(Items::Sequence(Vec::new()), is_flow, anchor, span)
            }
            Event::MappingStart(style, anchor, _) => {
                let is_flow = self.bracket(style, span)?;
                self.open(Items::Mapping { entries: Vec::new(), key: None }, is_flow, anchor, span)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if span.length > 0 {
                    self.token_end = Some(self.local(span.offset + span.length));
                    self.tabs_from = None;
                }
                self.close(span)
            }
            Event::Alias(anchor) => {
                self.token(span, true)?;
                self.alias(anchor, span)
            }
            Event::DocumentEnd => self.no_tabs_before(self.chunk.text.len(), span),
            Event::UnresolvedAlias(_) => Err(fail("an alias without an anchor".to_owned(), span, "write the value out")),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Box<Finding>> {
        let tag = scalar_tag(style, tag);
        let Some(value) = scalar::resolve(tag, text) else {
            let shown: String = text.chars().take(40).collect();
            return Err(fail(format!("`{shown}` does not fit its tag"), span, "remove the tag, or correct the value"));
        };
        if style == ScalarStyle::Plain && self.is_in_brackets() && text.contains('?') {
            let headline = "a `?` in brackets begins a key, also within a word".to_owned();
            return Err(fail(headline, span, "put the text in quotes"));
        }
        self.count(1, span)?;
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let is_over_lines = !is_block && self.is_over_lines(span);
        let is_glued = tag == ScalarTag::Implicit && self.is_glued(span);
        if let Some(Frame { items: Items::Mapping { key: key @ None, .. }, span: start, glued, .. }) =
            self.document.open.last_mut()
        {
            let is_merge = tag == ScalarTag::Implicit && text == "<<";
            if is_over_lines {
                return Err(fail("a key must stand on one line".to_owned(), span, "join its lines"));
            }
            let whole = is_glued.then(|| Value::String(format!("{text}:")));
            if start.offset == span.offset {
                *glued = whole.clone().map(|value| Node { value, span: Span { length: span.length + 1, ..span } });
            }
            let Some(name) = scalar::key(whole.unwrap_or(value)) else {
                return Err(fail("this cannot be a key".to_owned(), span, "write the key in quotes"));
            };
            *key = Some(Key { name: Spanned::new(name, span), is_merge });
            return Ok(());
        }
        // What is not written stands where its key or dash stands.
        let span = if span.length == 0 && value == Value::Null { self.parent_place(span) } else { span };
        self.place(Node { value, span }, anchor, 1)
    }

    /// Whether a colon and a bracket or comma follow a plain key at once, as in `[fe80::]`.
    ///
    /// The Kubernetes tools take the colon for a part of the text then; newer YAML takes the text for a key without a value.
    fn is_glued(&self, span: Span) -> bool {
        let end = usize::try_from(span.offset + span.length).unwrap_or(0).saturating_sub(self.chunk.offset);
        let following = self.chunk.text.as_bytes().get(end..).unwrap_or_default();
        span.length > 0 && matches!(following, [b':', b',' | b'[' | b']' | b'{' | b'}', ..])
    }

    /// The place of a block list's first dash: the parser gives that of the first item when the dash is not indented.
    fn first_dash(&self, span: Span) -> Span {
        let start = usize::try_from(span.offset).unwrap_or(0).saturating_sub(self.chunk.offset);
        let (before, after) = self.chunk.text.split_at_checked(start).unwrap_or_default();
        let is_dash = after.strip_prefix('-').is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        let Some(line) = before.trim_end().strip_suffix('-').filter(|_| !is_dash) else { return span };
        let breaks = before.get(line.len()..).unwrap_or_default().matches('\n').count();
        let column = line.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Span {
            line: span.line.saturating_sub(narrow(breaks)),
            column: narrow(column),
            offset: narrow(self.chunk.offset + line.len()),
            ..span
        }
    }

    /// The place of the pending key.
    fn parent_place(&self, otherwise: Span) -> Span {
        match self.document.open.last() {
            Some(Frame { items: Items::Mapping { key: Some(key), .. }, .. }) => key.name.span,
            _ => otherwise,
        }
    }

    fn open(&mut self, items: Items, is_flow: bool, anchor: usize, span: Span) -> Result<(), Box<Finding>> {
        if let Some(Frame { items: Items::Mapping { key: None, .. }, .. }) = self.document.open.last() {
            return Err(fail("a key must be a string".to_owned(), span, "quote it if it starts with a bracket"));
        }
        if self.document.open.len() >= limits::DEPTH {
            let headline = format!("more than {} mappings and lists inside each other", limits::DEPTH);
            return Err(Box::new(Finding::new(codes::LIMIT_EXCEEDED, Severity::Error, headline, span)));
        }
        let nodes_before = self.document.nodes;
        self.count(1, span)?;
        self.document.open.push(Frame { span, anchor, nodes_before, glued: None, is_flow, items });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Box<Finding>> {
        let Some(frame) = self.document.open.pop() else { return Ok(()) };
        if let (Some(text), Items::Mapping { entries, .. }) = (frame.glued, &frame.items)
            && let [Entry { value: Node { value: Value::Null, .. }, .. }] = entries.as_slice()
        {
            return self.place(text, frame.anchor, 1);
        }
        let (value, last) = match frame.items {
            Items::Sequence(items) => {
                let last = items.last().map(|item| item.span);
                (Value::Sequence(items), last)
            }
            Items::Mapping { entries, .. } => {
                let last = entries.iter().rev().find(|entry| !entry.merged).map(|entry| entry.value.span);
                (Value::Mapping(entries::unique(entries, &mut self.document.findings)), last)
            }
        };
        // A block collection ends with its last value, one in brackets with the bracket.
        let end = if end.length == 0 { last.unwrap_or(end) } else { end };
        let length = (end.offset + end.length).saturating_sub(frame.span.offset).max(frame.span.length);
        let size = self.document.nodes - frame.nodes_before;
        self.place(Node { value, span: Span { length, ..frame.span } }, frame.anchor, size)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Box<Finding>> {
        if let Some(Frame { items: Items::Mapping { key: key @ None, .. }, .. }) = self.document.open.last_mut() {
            let named = self.document.anchors.get(&anchor).map(|(node, _)| node.value.clone());
            let Some(name) = named.and_then(scalar::key) else {
                return Err(fail("a key must be a string".to_owned(), span, "write the key out"));
            };
            *key = Some(Key { name: Spanned::new(name, span), is_merge: false });
            return Ok(());
        }
        let Some(size) = self.document.anchors.get(&anchor).map(|(_, size)| *size) else {
            return Err(fail("an alias inside the value it stands for".to_owned(), span, "write the value out"));
        };
        self.afford_copy(size, span)?;
        let Some((node, _)) = self.document.anchors.get(&anchor) else { return Ok(()) };
        let node = Node { value: node.value.clone(), span };
        self.count(size, span)?;
        self.place(node, 0, size)
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node, anchor: usize, size: usize) -> Result<(), Box<Finding>> {
        if anchor != 0 {
            self.afford_copy(size, node.span)?;
            self.document.anchors.insert(anchor, (node.clone(), size));
        }
        match self.document.open.last_mut().map(|frame| &mut frame.items) {
            None => self.document.root = Some(node),
            Some(Items::Sequence(items)) => items.push(node),
            Some(Items::Mapping { entries, key }) => match key.take() {
                Some(Key { is_merge: false, name }) => entries.push(Entry { key: name, value: node, merged: false }),
                Some(Key { is_merge: true, .. }) => {
                    let span = node.span;
                    let Some(merged) = entries::mergeable(node) else {
                        return Err(fail(
                            "`<<` takes a mapping or a list of mappings".to_owned(),
                            span,
                            "quote the key if it is meant as it stands",
                        ));
                    };
                    entries.extend(merged);
                }
                // INVARIANT: a value only comes after its key.
                None => {}
            },
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Box<Finding>> {
        self.document.nodes += nodes;
        if self.document.nodes <= limits::DOCUMENT_NODES {
            return Ok(());
        }
        let headline = format!("more than {} values in one document", limits::DOCUMENT_NODES);
        Err(Box::new(
            Finding::new(codes::LIMIT_EXCEEDED, Severity::Error, headline, span).with_help("split it into several documents"),
        ))
    }

    /// Pays for a copy of a value.
    fn afford_copy(&mut self, size: usize, span: Span) -> Result<(), Box<Finding>> {
        if let Some(rest) = self.alias_nodes.checked_sub(size) {
            *self.alias_nodes = rest;
            return Ok(());
        }
        let headline = format!("anchors and aliases make more than {} values", limits::ALIAS_NODES);
        Err(Box::new(Finding::new(codes::LIMIT_EXCEEDED, Severity::Error, headline, span).with_help("write the values out")))
    }

    fn syntax_error(&self, error: &ScanError) -> Box<Finding> {
        let span = Span { length: 1, ..self.span(*error.marker(), *error.marker()) };
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            let headline = format!("more than {} mappings and lists inside each other", limits::DEPTH);
            return Box::new(Finding::new(codes::LIMIT_EXCEEDED, Severity::Error, headline, span));
        }
        let info = error.kind().to_string();
        let finding =
            Finding::new(codes::YAML_SYNTAX, Severity::Error, format!("bad YAML: {}", info.trim_end_matches('.')), span);
        Box::new(match advice(error.kind()) {
            Some(help) => finding.with_help(help),
            None => finding,
        })
    }

    /// Says what to do when the line holds a template's braces, which is the usual reason for such errors.
    fn with_template_hint(&self, finding: Finding) -> Finding {
        let place = finding.primary.as_ref().map_or(0, |label| label.span.0.offset);
        let place = usize::try_from(place).unwrap_or(0).saturating_sub(self.chunk.offset);
        let (before, after) = self.chunk.text.split_at_checked(place).unwrap_or_default();
        let before = before.rsplit('\n').next().unwrap_or_default();
        let after = after.split('\n').next().unwrap_or_default();
        if finding.code == codes::YAML_SYNTAX && (before.contains("{{") || after.contains("{{") || before.ends_with('{')) {
            return finding.with_help("this is a template: render it first, for example with `helm template`");
        }
        finding
    }

    fn span(&self, start: Marker, end: Marker) -> Span {
        let offset = start.byte_offset().unwrap_or(0);
        let length = end.byte_offset().unwrap_or(offset).saturating_sub(offset);
        Span {
            source: self.source,
            line: narrow(start.line() + self.chunk.line),
            column: narrow(start.col() + 1),
            offset: narrow(offset + self.chunk.offset),
            length: narrow(length),
        }
    }
}

fn fail(headline: String, span: Span, help: &str) -> Box<Finding> {
    Box::new(Finding::new(codes::YAML_SYNTAX, Severity::Error, headline, span).with_help(help))
}

fn scalar_tag(style: ScalarStyle, tag: Option<&Tag>) -> ScalarTag {
    let Some(tag) = tag else {
        return if style == ScalarStyle::Plain { ScalarTag::Implicit } else { ScalarTag::Text };
    };
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("int") => ScalarTag::Int,
        Some("float") => ScalarTag::Float,
        Some("bool") => ScalarTag::Bool,
        Some("null") => ScalarTag::Null,
        Some("binary") => ScalarTag::Binary,
        Some("merge") => ScalarTag::Implicit,
        _ => ScalarTag::Text,
    }
}

/// What to do about the mistakes people make.
#[expect(clippy::wildcard_enum_match_arm, reason = "advice is for the common mistakes only")]
fn advice(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation => {
            Some("indent with spaces, YAML takes no tabs there")
        }
        ErrorKind::UnclosedQuotedScalar => Some("close the quote"),
        ErrorKind::UnclosedFlowCollection { .. } | ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofFlowSequence => {
            Some("close the bracket")
        }
        ErrorKind::UnknownAnchor => {
            Some("an alias needs its anchor earlier in the same document; quote text that starts with `*`")
        }
        ErrorKind::InvalidIndentation | ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            Some("compare the indentation with the lines above")
        }
        _ => None,
    }
}
