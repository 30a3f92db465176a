//! The real Envoy as a peer of our identities: `ENVOY_BIN` names its executable, without it these tests say that they were skipped.

mod configuration;
mod corpus;
mod deviations;
mod handshake;
mod key_types;
mod link;
mod load;
mod process;
mod program;
mod renewal;
mod revocation;
mod rotation;

use std::io::Write;

/// The Envoy to run; without one the test is skipped.
fn envoy(test: &str) -> Option<String> {
    let envoy = std::env::var("ENVOY_BIN").ok();
    if envoy.is_none() {
        skipped(test, "ENVOY_BIN does not name an Envoy");
    }
    envoy
}

/// Says past the test runner's capture that a test did not run.
fn skipped(test: &str, reason: &str) {
    std::io::stderr().write_all(format!("SKIPPED {test}: {reason}\n").as_bytes()).unwrap();
}
