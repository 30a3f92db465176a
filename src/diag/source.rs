use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;

/// Names one source of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(u32);

/// One text that was read, with the name the user knows it by.
#[derive(Debug, Clone)]
pub struct Source {
    /// The path as given or found, `<stdin>`, or a flag such as `--mesh-config`.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// It was met in a directory, and not named by the user.
    pub is_met: bool,
    /// It is an object that is in force already, not one that somebody means to apply.
    pub is_live: bool,
}

/// Every text that was read, in reading order.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Remembers a text and returns the name to point at it with.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(Source { name: name.into(), text: text.into(), is_met: false, is_live: false });
        id
    }

    /// The same of an object that is in force.
    pub fn add_live(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let id = self.add(name, text);
        if let Some(source) = self.sources.last_mut() {
            source.is_live = true;
        }
        id
    }

    /// Says that the objects of a source are in force.
    pub fn mark_live(&mut self, id: SourceId) {
        if let Some(source) = self.sources.get_mut(id.0 as usize) {
            source.is_live = true;
        }
    }

    /// Whether a source is an object in force.
    #[must_use]
    pub fn is_live(&self, id: SourceId) -> bool {
        self.get(id).is_some_and(|source| source.is_live)
    }

    /// Says that a source was met in a directory, and not named by the user.
    pub fn mark_met(&mut self, id: SourceId) {
        if let Some(source) = self.sources.get_mut(id.0 as usize) {
            source.is_met = true;
        }
    }

    /// Puts another text in the place of one that was read. Spans into the old text are void.
    pub fn replace(&mut self, id: SourceId, text: impl Into<Arc<str>>) {
        if let Some(source) = self.sources.get_mut(id.0 as usize) {
            source.text = text.into();
        }
    }

    /// The source with this name; `None` for an identifier of another map.
    #[must_use]
    pub fn get(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// Every source, in reading order.
    pub fn ids(&self) -> impl Iterator<Item = SourceId> {
        (0..self.sources.len()).filter_map(|number| u32::try_from(number).ok()).map(SourceId)
    }

    /// How many sources were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// The span with line and column counted from its offset, for one that was moved within the value it was read at.
    #[must_use]
    pub fn recounted(&self, span: Span) -> Span {
        let before = self.get(span.source).and_then(|source| source.text.get(..span.offset as usize));
        let Some(before) = before else { return span };
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let line = narrow(memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1);
        let column = narrow(before.get(start..).unwrap_or_default().chars().count() + 1);
        Span { line, column, ..span }
    }

    /// The place of a span in words a user can open: file, line and column.
    #[must_use]
    pub fn position(&self, span: Span) -> Position {
        Position {
            file: self.get(span.source).map_or_else(|| Arc::from("<unknown>"), |source| Arc::clone(&source.name)),
            line: span.line,
            column: span.column,
        }
    }
}

/// A place in a file, printed as `file:line:column`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The source's name.
    pub file: Arc<str>,
    /// Line, counted from 1.
    pub line: u32,
    /// Column in characters, counted from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A stretch of one source: where a value stands in the user's files.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The source it points into.
    pub source: SourceId,
    /// Line of the first character, counted from 1; 0 when unknown.
    pub line: u32,
    /// Column of the first character in characters, counted from 1; 0 when unknown.
    pub column: u32,
    /// Byte offset of the first character in the source.
    pub offset: u32,
    /// Length in bytes.
    pub length: u32,
}

/// A value with the place it was written at. The place never influences comparison.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with a value made from this one.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

impl Spanned<String> {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.value
    }
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: PartialOrd> PartialOrd for Spanned<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<T: Ord> Ord for Spanned<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.value.cmp(&other.value)
    }
}

impl<T: Hash> Hash for Spanned<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
