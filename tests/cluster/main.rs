//! A real API server, with the real etcd and kubectl, and istiod's webhook behind it.
//!
//! `MESHSEC_APISERVER` names the program of `tests/apiserver`, `MESHSEC_ORACLE` that of `tests/oracle`. A test begins with
//! [`harness::Server::start`], which is the one server of all tests, and makes itself a namespace; one that stops the server
//! or needs all of it has its own from [`harness::Server::own`].
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    clippy::string_slice,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

mod apply;
#[cfg(feature = "store")]
mod ca_install;
mod diff;
mod facade;
mod harness;
mod reading;
mod server;
mod snapshot;
#[cfg(feature = "store")]
mod svid_install;
mod waiting;
mod writing;
