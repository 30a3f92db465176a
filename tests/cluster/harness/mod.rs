//! Starts what the tests talk to, on loopback and in temporary folders, and ends it with them, however they end.

mod caller;
mod process;
mod proxy;
mod server;
mod users;
mod webhook;

pub(crate) use caller::Caller;
pub(crate) use caller::Ran;
pub(crate) use proxy::Fault;
pub(crate) use proxy::Proxy;
pub(crate) use proxy::Seen;
pub(crate) use server::Server;

/// Says that a test is skipped, and why.
fn skipped(test: &str, why: &str) {
    eprintln!("skipped: {test}: {why}");
}

/// The programs of others that the environment names.
pub(crate) fn program(variable: &str) -> Option<std::path::PathBuf> {
    std::env::var_os(variable).filter(|path| !path.is_empty()).map(std::path::PathBuf::from)
}
