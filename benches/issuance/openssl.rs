//! `openssl` with the same work: a new key and a certificate for it, signed by an authority with the same kind of key.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;

use crate::in_process::Work;
use crate::table::Row;
use crate::table::Want;

pub(crate) fn measure(work: &Work) {
    let name = work.key_type;
    let what = format!("{name}: openssl req -x509 -CA, one process for each");
    if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
        return Row::skipped(what, "no openssl").print();
    }
    let folder = tempfile::tempdir().expect("a folder for the authority");
    let key = work.signer.key().to_pem(&KeyEncryption::Plain, &mut SystemEntropy::default()).expect("the authority's key");
    fs::write(folder.path().join("key.pem"), key.as_bytes()).expect("a file");
    fs::write(folder.path().join("cert.pem"), work.signer.certificate().pem()).expect("a file");
    let start = Instant::now();
    let mut calls = 0_u32;
    while start.elapsed() < Duration::from_secs(5) {
        if !certify(folder.path(), name) {
            return Row::skipped(what, "openssl has no -CA (3.0 and later do)").print();
        }
        calls += 1;
    }
    Row::new(what, f64::from(calls) / start.elapsed().as_secs_f64(), "1/s", &Want::Nothing).print();
    match signatures(name) {
        Some(rate) => Row::new(format!("{name}: openssl speed, signatures alone, one core"), rate, "1/s", &Want::Nothing).print(),
        None => Row::skipped(format!("{name}: openssl speed"), "its output is not understood").print(),
    }
}

fn certify(folder: &Path, key_type: KeyType) -> bool {
    let key: &[&str] =
        if key_type.is_rsa() { &["-newkey", "rsa:2048"] } else { &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] };
    let names = "subjectAltName=critical,URI:spiffe://cluster.local/ns/default/sa/frontend";
    Command::new("openssl")
        .current_dir(folder)
        .args([
            "req", "-x509", "-nodes", "-CA", "cert.pem", "-CAkey", "key.pem", "-subj", "/CN=x", "-days", "1", "-addext", names,
        ])
        .args(key)
        .args(["-keyout", "leaf-key.pem", "-out", "leaf.pem"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Signatures per second as `openssl speed` counts them: the first column behind the seconds for each operation.
fn signatures(key_type: KeyType) -> Option<f64> {
    let what = if key_type.is_rsa() { "rsa2048" } else { "ecdsap256" };
    let output = Command::new("openssl").args(["speed", "-seconds", "2", what]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let columns: Vec<&str> = text.lines().last()?.split_whitespace().collect();
    let seconds = |column: &&str| column.strip_suffix('s').is_some_and(|number| number.parse::<f64>().is_ok());
    let last = columns.iter().rposition(seconds)?;
    columns.get(last + 1)?.parse().ok()
}
