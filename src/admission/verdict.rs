use crate::admission::Cause;
use crate::diag::Span;

/// What both gates say about one object.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// Why the API server refuses it: schema, validation rules, metadata, strict field validation.
    pub api_server: Vec<Refusal>,
    /// Why istiod's webhook refuses it as it was written.
    pub istiod: Vec<Refusal>,
    /// Why istiod's webhook refuses what the API server left of it; `None` when that is what was written, or when the API server
    /// refuses.
    pub after_api_server: Option<Vec<Refusal>>,
    /// What istiod's webhook warns about, whether it refuses or not: in what the API server left, or in what was written when the
    /// API server refuses.
    pub warnings: Vec<Warning>,
}

impl Verdict {
    /// Whether `kubectl apply` goes through: both gates accept.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.api_server.is_empty() && self.refusals_by_istiod().is_empty()
    }

    /// Whether the API server accepts, before istiod is asked.
    #[must_use]
    pub fn is_accepted_by_api_server(&self) -> bool {
        self.api_server.is_empty()
    }

    /// Whether istiod's webhook alone accepts, as offline tools ask it.
    #[must_use]
    pub fn is_accepted_by_istiod(&self) -> bool {
        self.istiod.is_empty()
    }

    /// Why istiod's webhook refuses the object when it is its turn: what the API server left of it, or, when the API server refuses,
    /// what was written.
    #[must_use]
    pub fn refusals_by_istiod(&self) -> &[Refusal] {
        self.after_api_server.as_deref().unwrap_or(&self.istiod)
    }

    /// The warnings that a client gets to see: none when istiod refuses.
    #[must_use]
    pub fn client_warnings(&self) -> &[Warning] {
        if self.refusals_by_istiod().is_empty() { &self.warnings } else { &[] }
    }
}

/// One reason of one gate to refuse an object.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The kind of mistake.
    pub cause: Cause,
    /// Where it was made.
    pub span: Span,
    /// The field, as a path such as `spec.rules[0].from[1].source.ipBlocks[0]`.
    pub path: String,
    /// What is wrong, one lower-case line without a full stop.
    pub message: String,
    /// What to write instead, when that is known.
    pub help: Option<String>,
}

/// Something istiod's webhook accepts with a warning.
#[derive(Debug, Clone)]
pub struct Warning {
    /// The kind of mistake.
    pub cause: Cause,
    /// Where it was made.
    pub span: Span,
    /// The field, as a path.
    pub path: String,
    /// The warning as the client sees it.
    pub text: String,
}
