//! `AuthorizationPolicy`: selection, lowering, evaluation, and the reasons.
//!
//! ```text
//! Object<AuthorizationPolicy> --select--> applies / why not --lower--> Engine (istiod's RBAC, one per action)
//!     --compile--> index whose cost does not grow with list lengths --evaluate(Facts)--> verdict and reasons
//! ```
//!
//! | surprising row | outcome |
//! |---|---|
//! | ALLOW policy without rules | matches nothing, but its presence denies everything else |
//! | rule without conditions (`{}`) | matches everything |
//! | no ALLOW policy selected | everything that is not denied is allowed |
//! | dry-run | never part of the outcome (CUSTOM excepted: it denies) |
//!
//! Order: CUSTOM (per provider, by name), then DENY, then ALLOW; AUDIT never decides.
//! Specification: `AuthorizationPolicy` reference, Envoy RBAC filter.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod compile;
mod effective;
mod engine;
mod evaluate;
mod explain;
mod explained;
mod facts;
mod lower;
mod plain;
mod template;
#[cfg(test)]
mod tests;

pub use compile::CompiledEngine;
pub use effective::AppliedPolicy;
pub use effective::Effective;
pub use effective::EffectivePort;
pub use effective::IgnoredObject;
pub use effective::PeerPolicy;
pub use effective::ServiceRule;
pub use effective::effective;
pub use engine::Attribute;
pub use engine::CustomEngine;
pub use engine::CustomOutcome;
pub use engine::Engine;
pub use engine::EngineRule;
pub use engine::Engines;
pub use engine::Entry;
pub use engine::LoweringNote;
pub use engine::NoteKind;
pub use engine::Pattern;
pub use engine::Test;
pub use engine::TextPattern;
pub use engine::Value;
pub use evaluate::Outcome;
pub use evaluate::Scratch;
pub use explain::EntryTrace;
pub use explain::FailedTest;
pub use explain::FailureReason;
pub use explain::NearestMiss;
pub use explain::RuleTrace;
pub use explain::TestTrace;
pub use explain::Truth;
pub use explained::DecisionTable;
pub use explained::ExplainedNote;
pub use explained::ExplainedPolicy;
pub use explained::ExplainedRule;
pub use explained::OnChain;
pub use explained::Otherwise;
pub use explained::Row;
pub use explained::Scope;
pub use explained::Step;
pub use explained::decision_tables;
pub use explained::explain_policies;
pub use explained::verb;
pub use facts::Facts;
pub use facts::Headers;
pub use facts::HttpFacts;
pub use facts::Known;
pub use facts::Withheld;
pub use lower::ChainKind;
pub use lower::Lowered;
pub use lower::Selection;
pub use lower::lower;
pub use lower::lower_one;
pub use lower::lower_these;
pub use template::is_template_loadable;
pub use template::template_covers;
