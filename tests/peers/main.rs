//! Other people's programs and libraries against this one. Each test says by name that it is skipped when its peer is absent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

mod go_spiffe;
