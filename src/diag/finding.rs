use std::fmt;

use crate::diag::Span;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// True but surprising, or likely a mistake.
    Warning,
    /// The input cannot be used as it is.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// Identifies a kind of finding, such as `MS001`. Codes are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A place with what is to be said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: SpanKey,
    /// What stands there; may be empty.
    pub text: String,
}

/// A span that does take part in comparison, for findings.
#[derive(Debug, Clone, Copy)]
pub struct SpanKey(pub Span);

impl PartialEq for SpanKey {
    fn eq(&self, other: &Self) -> bool {
        (self.0.source, self.0.offset, self.0.length) == (other.0.source, other.0.offset, other.0.length)
    }
}

impl Eq for SpanKey {}

/// How sure a finding is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Confidence {
    /// It follows from what was given.
    #[default]
    Proved,
    /// It follows if what was given is all there is.
    Likely,
    /// It depends on something that was not given, which is named: ``the manifests of namespace `shop` ``.
    CannotTell(String),
}

impl Confidence {
    /// The word for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::Likely => "likely",
            Self::CannotTell(_) => "cannot tell",
        }
    }
}

/// How far a [`Fix`] can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// Writes what the text unmistakably meant.
    Safe,
    /// Guesses, or changes which requests pass.
    Unsafe,
}

/// A change of the text that removes a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// How far it can be trusted.
    pub safety: Safety,
    /// The changes, all or none of them.
    pub edits: Vec<Edit>,
}

/// Replaces a stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; of length 0 to insert.
    pub span: SpanKey,
    /// What stands there then.
    pub text: String,
}

/// A statement about the user's input; work goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Identifies the kind of finding.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one lower-case line without a full stop.
    pub headline: String,
    /// The place it is about.
    pub primary: Option<Label>,
    /// Further places.
    pub secondary: Vec<Label>,
    /// Where the rule comes from, or a consequence.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// How sure it is.
    pub confidence: Confidence,
    /// How to do it, when that is mechanical.
    pub fix: Option<Fix>,
    /// A request that shows it: one scenario of `simulate request`, as JSON.
    pub witness: Option<String>,
}

impl Finding {
    /// A finding at one place, without label text.
    pub fn new(code: Code, severity: Severity, headline: impl Into<String>, span: Span) -> Self {
        Self {
            code,
            severity,
            headline: headline.into(),
            primary: Some(Label { span: SpanKey(span), text: String::new() }),
            secondary: Vec::new(),
            notes: Vec::new(),
            help: None,
            confidence: Confidence::Proved,
            fix: None,
            witness: None,
        }
    }

    /// Says what stands at the primary place.
    #[must_use]
    pub fn with_label(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    /// Points at a further place.
    #[must_use]
    pub fn with_secondary(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span: SpanKey(span), text: text.into() });
        self
    }

    /// Adds where the rule comes from, or a consequence.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says that it holds only if what was given is all there is.
    #[must_use]
    pub fn likely(mut self) -> Self {
        self.confidence = Confidence::Likely;
        self
    }

    /// Says that it depends on something that was not given: ``the manifests of namespace `shop` ``.
    #[must_use]
    pub fn cannot_tell(mut self, missing: impl Into<String>) -> Self {
        self.confidence = Confidence::CannotTell(missing.into());
        self
    }

    /// Adds one edit to its fix; the fix is as safe as its least safe edit.
    #[must_use]
    pub fn with_edit(mut self, safety: Safety, span: Span, text: impl Into<String>) -> Self {
        let fix = self.fix.get_or_insert(Fix { safety, edits: Vec::new() });
        fix.safety = fix.safety.max(safety);
        fix.edits.push(Edit { span: SpanKey(span), text: text.into() });
        self
    }

    /// Adds a request that shows it: one scenario of `simulate request`, as JSON.
    #[must_use]
    pub fn with_witness(mut self, scenario: impl Into<String>) -> Self {
        self.witness = Some(scenario.into());
        self
    }

    /// Where it points first.
    #[must_use]
    pub fn span(&self) -> Span {
        self.primary.as_ref().map_or_else(Span::default, |label| label.span.0)
    }

    /// Whether this finding makes the input unusable.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
