//! The compiled form against a slow reading of the specification, the algebra of policies, and the specification's own cases.
#![expect(clippy::wildcard_enum_match_arm, reason = "a test that meets something else fails")]

mod attachment;
mod explanation;
mod facts;
mod generate;
mod lowering;
mod notation;
mod plain;
mod properties;
mod reference;
mod vectors;
