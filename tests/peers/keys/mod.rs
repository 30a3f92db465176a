//! Keys for tokens, between this program and others: every type and every encoding, both ways.

mod openssl;
mod python;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Output;

/// Says that a test, or a part of it, did not run; the harness does not swallow it.
fn skipped(what: &str, why: &str) {
    std::io::stderr().write_all(format!("SKIPPED {what}: {why}\n").as_bytes()).unwrap();
}

/// Runs this program in a folder.
fn meshsec(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args(arguments)
        .current_dir(folder)
        .env("MESHSEC_PASSWORD", "secret")
        .output()
        .unwrap()
}

/// What a program printed; it must have succeeded.
fn printed(output: &Output, what: &str) -> String {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}
