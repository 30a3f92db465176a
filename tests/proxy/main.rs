//! The live proxy on real sockets: what it answers, beside the real Envoy and `simulate`, and how it starts, changes its rules and ends.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stderr,
    clippy::similar_names,
    clippy::string_slice,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

mod admin;
mod agree;
mod application;
mod audit;
mod certificates;
mod chromium;
mod client;
mod clients;
mod ext_authz;
mod http2;
mod keys;
mod ledger;
mod life;
mod limits;
mod malformed;
#[allow(dead_code, reason = "shared with the tests of certificates")]
#[path = "../peers/material.rs"]
mod material;
mod mesh;
mod outbound;
mod outbound_agree;
mod outbound_envoy;
mod page;
#[allow(dead_code, reason = "shared with the tests of certificates")]
#[path = "../peers/envoy/process.rs"]
mod process;
mod running;
mod terminal;
mod traffic;
