use crate::admission::Cause;
use crate::admission::Refusal;
use crate::admission::api_server::path::Path;
use crate::diag::Span;

/// How many refusals of one object are worth keeping.
const MOST: usize = 1_000;

/// The refusals found so far, and where in the object the walk is.
#[derive(Debug)]
pub(super) struct Refusals<'r> {
    pub(super) path: Path<'r>,
    found: &'r mut Vec<Refusal>,
}

impl<'r> Refusals<'r> {
    pub(super) fn new(found: &'r mut Vec<Refusal>) -> Self {
        Self { path: Path::ROOT, found }
    }

    /// The same refusals, one step further into the object.
    pub(super) fn at<'n>(&'n mut self, step: impl FnOnce(&'n Path<'n>) -> Path<'n>) -> Refusals<'n> {
        Refusals { path: step(&self.path), found: self.found }
    }

    /// Refuses the value at the present path.
    pub(super) fn add(&mut self, cause: Cause, span: Span, message: String, help: impl Into<Option<String>>) {
        if self.found.len() < MOST {
            self.found.push(Refusal { cause, span, path: self.path.to_string(), message, help: help.into() });
        }
    }
}
