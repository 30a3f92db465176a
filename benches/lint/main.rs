//! What a check of a large repository costs: `cargo bench --bench lint`.
//!
//! Prints time, manifests per second and peak memory of `policy check` on 10,000 manifests in 1,000 files and on 100,000 in 10,000, the time of a
//! check again after one file changed, and, with `MESHSEC_ISTIOCTL` naming an istioctl, what `istioctl analyze` and `istioctl validate` need for
//! the same files in the same run, and what they find. Sizes: `MESHSEC_BENCH_FILES` (1000), `MESHSEC_BENCH_LARGE` (10000; 0 leaves it out).
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

#[path = "../simulate/process.rs"]
mod process;
mod repository;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use jiff::Timestamp;
use meshsec::diag::SourceMap;
use meshsec::lint;
use meshsec::mesh::BuildOptions;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn size(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let files = size("MESHSEC_BENCH_FILES", 1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let written = repository::write(folder.path(), files);
    let path = folder.path().to_str().expect("a path in UTF-8");
    println!("{} manifests in {files} files, {} policies with a bad `when` key", written.manifests, written.broken);

    let seconds = ours(path, &written, 5);
    again(folder.path());
    peers(path, seconds);

    let large = size("MESHSEC_BENCH_LARGE", 10_000);
    if large > 0 {
        let folder = tempfile::tempdir().expect("a folder");
        let written = repository::write(folder.path(), large);
        println!("\n{} manifests in {large} files", written.manifests);
        ours(folder.path().to_str().expect("a path in UTF-8"), &written, 1);
    }
}

/// `policy check` from process start to exit.
fn ours(path: &str, written: &repository::Written, runs: u64) -> f64 {
    let arguments = ["policy", "check", path, "--exit-zero", "-o", "json"];
    let cost = process::run(&arguments, runs);
    let seconds = cost.milliseconds / 1e3;
    println!(
        "meshsec policy check      {seconds:>7.2} s  {:>9.0} manifests/s  {:>6.0} MB  {:.2} s processor time",
        written.manifests as f64 / seconds,
        cost.megabytes,
        cost.processor / 1e3
    );
    let output = Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args(["policy", "check", path, "--exit-zero", "-o", "json", "--select", "condition-key-unknown"])
        .output()
        .expect("meshsec runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report in JSON");
    let found = report["findings"].as_array().map_or(0, Vec::len);
    println!("                          {found} of the {} bad keys found", written.broken);
    seconds
}

/// What `--watch` does after one file changed.
fn again(folder: &Path) {
    let mut sources = SourceMap::default();
    let mut ids = Vec::new();
    let mut entries: Vec<_> = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten().collect();
    entries.retain(|entry| entry.file_type().is_file());
    for entry in entries {
        let text = std::fs::read_to_string(entry.path()).expect("a file");
        ids.push(sources.add(entry.path().display().to_string(), text));
    }
    let (levels, known_namespaces) = (lint::Levels::default(), BTreeSet::new());
    let options = lint::Options {
        mesh: BuildOptions::default(),
        levels: &levels,
        known_namespaces: &known_namespaces,
        assume_admitted: false,
        now: Timestamp::UNIX_EPOCH,
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        progress: &|| (),
    };
    let mut read: Vec<_> = ids.iter().map(|id| lint::read_source(&sources, *id, &options)).collect();
    let mut times = Vec::new();
    for index in 0..11 {
        let start = Instant::now();
        read[index] = lint::read_source(&sources, ids[index], &options);
        let report = lint::join(&sources, &read.iter().collect::<Vec<_>>(), &options);
        times.push(start.elapsed());
        assert!(report.counts.documents > 0, "something was checked");
    }
    times.sort_unstable();
    println!("after one changed file    {:>7.1} ms (budget 100 ms)", times[times.len() / 2].as_secs_f64() * 1e3);
}

/// The same files put to istioctl.
fn peers(path: &str, ours: f64) {
    let Ok(istioctl) = std::env::var("MESHSEC_ISTIOCTL") else {
        println!("istioctl                  skipped: MESHSEC_ISTIOCTL names none");
        return;
    };
    for arguments in [&["analyze", "--use-kube=false", path][..], &["validate", "-f", path]] {
        let start = Instant::now();
        let output = Command::new(&istioctl).args(arguments).output().expect("istioctl runs");
        let seconds = start.elapsed().as_secs_f64();
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let lines = text.lines().filter(|line| line.contains("unknown attribute") || line.contains("Error [")).count();
        let last = text.lines().last().unwrap_or_default();
        println!(
            "istioctl {:<16} {seconds:>7.2} s  {:.1} times as long; {lines} lines of errors, the last line: {}",
            arguments[0],
            seconds / ours,
            last.get(..last.len().min(100)).unwrap_or_default()
        );
    }
}
