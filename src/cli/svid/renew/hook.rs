//! `--exec`: a command after each replacement, such as one that tells a proxy to read its files again.

use std::io;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::cli::error::Error;
use crate::cli::svid::renew::plan::Facts;

/// How long a command may take; the other certificates wait for it.
const LIMIT: Duration = Duration::from_secs(60);
/// How often it is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Runs a command for a directory by the shell. It knows the directory and the identity from its environment, and nothing of the passphrase.
///
/// # Errors
/// When it cannot be started, ends with anything but 0, takes too long, or the program is to end before it has ended.
pub(super) fn run(command: &str, facts: &Facts, is_stopped: &dyn Fn() -> bool) -> Result<(), Error> {
    let failed = |output: String| Error::Program { program: command.to_owned(), output };
    let mut child = Command::new("sh")
        .args(["-c", command])
        .env("MESHSEC_CERT_DIR", &facts.directory)
        .env("MESHSEC_SPIFFE_ID", facts.spiffe_id.as_ref().map_or("", |id| id.as_str()))
        .env_remove("MESHSEC_PASSWORD")
        .stdin(Stdio::null())
        .stdout(io::stderr())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let begin = Instant::now();
    loop {
        match child.try_wait() {
            Ok(None) if is_stopped() => return Err(failed("it still runs, and is left to itself".to_owned())),
            Ok(None) if begin.elapsed() > LIMIT => {
                // It may have ended in between; then there is nothing to stop.
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(format!("it took longer than {} s and was stopped", LIMIT.as_secs())));
            }
            Ok(None) => thread::sleep(TICK),
            Ok(Some(status)) => return status.success().then_some(()).ok_or_else(|| failed(words(status))),
            Err(error) => return Err(failed(error.to_string())),
        }
    }
}

fn words(status: ExitStatus) -> String {
    status.code().map_or_else(|| status.to_string(), |code| format!("it ended with exit code {code}"))
}
