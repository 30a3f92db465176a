//! What is issued here is used by programs that others wrote: they accept it, and refuse what must be refused.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cloned_ref_to_slice_refs,
    clippy::needless_for_each,
    clippy::print_stderr,
    clippy::similar_names,
    clippy::string_slice,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

mod chains;
mod envoy;
mod formats;
mod go_spiffe;
#[cfg(feature = "store")]
mod keys;
mod material;
mod openssl;
mod program;
mod rustls;
mod step;
mod tokens;
