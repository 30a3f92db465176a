//! The program: identities for every service account of a mesh.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Instant;

use crate::table::Row;
use crate::table::Want;

pub(crate) fn measure(accounts: u64) {
    let folder = tempfile::tempdir().expect("a folder for the authority");
    let mut manifests = String::new();
    for number in 0..accounts {
        let namespace = number / 100;
        let object = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: account-";
        writeln!(manifests, "---\n{object}{number}, namespace: namespace-{namespace}}}").expect("text is written");
    }
    fs::write(folder.path().join("accounts.yaml"), manifests).expect("a file");
    run(folder.path(), &["ca", "init", "--trust-domain", "cluster.local", "--insecure-no-password"]);
    let all = ["svid", "issue", "-f", "accounts.yaml", "--all"];
    for (what, more) in [("keys and chains in files", ["--out", "certs"]), ("Kubernetes Secrets", ["-o", "k8s"])] {
        let start = Instant::now();
        run(folder.path(), &[&all[..], &more].concat());
        let seconds = start.elapsed().as_secs_f64();
        let rate = f64::from(u32::try_from(accounts).unwrap_or(u32::MAX)) / seconds;
        Row::new(format!("svid issue --all, {accounts} accounts, {what}"), seconds, "s", &Want::Nothing).print();
        Row::new("    the same", rate, "1/s", &Want::Nothing).print();
    }
}

fn run(folder: &Path, arguments: &[&str]) {
    let status = Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args(arguments)
        .args(["--home", "home", "--quiet"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "meshsec {arguments:?} succeeds");
}
