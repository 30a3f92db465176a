//! istiod's own translation and the real Envoy against this program, on a few random meshes. `MESHSEC_ORACLE` names the program of
//! `tests/oracle` and `ENVOY_BIN` an Envoy; without them this test says that it was skipped. `.ci/run` asks far more.
#![allow(clippy::unwrap_used, reason = "what a test builds on must work")]

use std::io::Write;
use std::process::Command;

#[test]
fn istiod_and_envoy_agree() {
    let oracle = std::env::var("MESHSEC_ORACLE");
    let (Ok(oracle), Ok(_)) = (oracle, std::env::var("ENVOY_BIN")) else {
        let line = "SKIPPED istiod_and_envoy_agree: MESHSEC_ORACLE and ENVOY_BIN do not name an oracle and an Envoy\n";
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(oracle)
        .args([
            "agree",
            "--meshsec",
            env!("CARGO_BIN_EXE_meshsec"),
            "--meshes",
            "8",
            "--requests",
            "60",
            "--seed",
            "7",
            "--translate",
        ])
        .arg("--regressions")
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}
