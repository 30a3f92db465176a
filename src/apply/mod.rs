//! What to do to a cluster so that it holds what was written, in which order, and how far that has come.
//!
//! ```text
//! live objects + wanted objects --changes--> Change: create, configure, unchanged, prune
//!     --plan--> Plan: steps in an order that never opens a hole, each with its reason; gaps where no order can
//!     --Journal--> what was to be done, what was done
//! ```
//!
//! A hole is a request that is let in between two steps although it is refused before the first and after the last. What a step does to the
//! requests of a workload is an effect: it refuses more or less, lets in more or less, or makes the first or the last ALLOW policy come or
//! go. From the effects of two steps follows which of them has to go first ([`plan`]); the same way round for tokens and connections, whose
//! facts policies stand on.
//!
//! Invariants: pure (the cluster is read and written by whoever calls); one object, one step; an object that is as wanted is no step; a
//! Secret is never an [`Item`].
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod change;
mod expect;
mod item;
mod journal;
mod key;
mod order;
mod plan;
mod prune;

pub use change::Action;
pub use change::Change;
pub use change::changes;
pub use expect::Suite;
pub use expect::SuiteError;
pub use item::APPLIED_BY;
pub use item::BOOKKEEPING;
pub use item::Item;
pub use item::MANIFEST;
pub use item::content;
pub use item::digest;
pub use item::json_of;
pub use item::same_content;
pub use item::without_noise;
pub use journal::Done;
pub use journal::Journal;
pub use journal::JournalError;
pub use journal::JournalStep;
pub use journal::Progress;
pub use journal::State;
pub use key::Key;
pub use plan::After;
pub use plan::Gap;
pub use plan::Plan;
pub use plan::Step;
pub use plan::plan;
pub use prune::ApplySet;
pub use prune::Kept;
pub use prune::Selector;
pub use prune::prunable;

#[cfg(test)]
mod tests;
