//! Tests of the program itself: flags reach the code, exit codes, output, help.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cloned_ref_to_slice_refs,
    clippy::string_slice,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

mod batch;
mod bundle;
mod certificates;
mod examples;
mod from_svid;
#[cfg(feature = "store")]
mod identity;
mod input;
#[cfg(feature = "store")]
mod jwk;
mod jwt;
mod meshes;
mod policy_action;
mod policy_check;
mod policy_check_config;
mod policy_diff;
mod policy_effective;
mod policy_explain;
mod policy_outputs;
mod regressions;
mod request;
mod run;
#[cfg(feature = "cluster")]
mod snapshot;
mod svid_inspect;
mod svid_verify;
mod translate;
mod vectors;
#[cfg(feature = "store")]
mod walkthrough;
