//! Where a statement about the user's files comes from, and how it is said.
//!
//! In: the text of every source that was read. Out: [`Span`]s into it and [`Finding`]s about it.
//!
//! Invariants: a [`Span`] always names a source of the [`SourceMap`] it was made with; positions never take part in
//! equality, ordering or hashing of the values they annotate ([`Spanned`]). Drawing a finding is left to `render`.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod finding;
mod source;

pub use finding::Code;
pub use finding::Confidence;
pub use finding::Edit;
pub use finding::Finding;
pub use finding::Fix;
pub use finding::Label;
pub use finding::Safety;
pub use finding::Severity;
pub use finding::SpanKey;
pub use source::Position;
pub use source::Source;
pub use source::SourceId;
pub use source::SourceMap;
pub use source::Span;
pub use source::Spanned;
