//! Decisions per second: through the program, and inside the process.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Instant;

use meshsec::diag::SourceMap;
use meshsec::manifest;
use meshsec::mesh;
use meshsec::mesh::Mesh;
use meshsec::simulate::Detail;
use meshsec::simulate::Files;
use meshsec::simulate::KeySets;
use meshsec::simulate::Setting;
use meshsec::simulate::Simulator;
use meshsec::simulate::Verdict;
use meshsec::simulate::scenario::MintedToken;
use meshsec::simulate::scenario::Scenario;

use crate::shape::Shape;

/// Scenarios that are kept in memory for the rate without reading and writing.
const POOL: u64 = 10_000;

/// Writes the manifests and the requests of a shape.
pub fn write_input(shape: Shape, lines: u64, manifests: &Path, requests: &Path) -> std::io::Result<()> {
    std::fs::write(manifests, shape.manifests(8080))?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(requests)?);
    for (request, _) in shape.requests().zip(0..lines) {
        out.write_all(request.line().as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Decisions per second from process start to exit, answers written to a file; the best of `runs`.
pub fn through_the_program(jobs: u32, lines: u64, manifests: &Path, requests: &Path, output: &Path, runs: u32) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..runs {
        let out = File::create(output).expect("the output can be created");
        let start = Instant::now();
        let status = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(["simulate", "batch", "-o", "jsonl", "-j", &jobs.to_string()])
            .arg("-f")
            .arg(manifests)
            .arg(requests)
            .stdout(Stdio::from(out))
            .stderr(Stdio::null())
            .status()
            .expect("meshsec runs");
        best = best.min(start.elapsed().as_secs_f64());
        assert!(status.success(), "every line is answered");
    }
    rate(lines, best)
}

/// The mesh a text describes.
pub fn mesh_of(text: String) -> Mesh {
    let mut sources = SourceMap::default();
    let id = sources.add("mesh.yaml", text);
    let manifests = manifest::read(&sources, &[id]);
    assert!(manifests.findings.is_empty(), "the manifests are as they should be");
    let options = mesh::BuildOptions { default_namespace: None, features: Vec::new(), mesh_config: None };
    mesh::build(&manifests, &options).0
}

struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, path: &str) -> Result<Arc<str>, String> {
        Err(format!("no file `{path}` here"))
    }

    fn mint(&mut self, _: &MintedToken) -> Result<String, String> {
        Err("no keys here".to_owned())
    }
}

/// Decisions per second on one thread without reading scenarios and writing answers, and how many of the requests are let in.
pub fn in_process(shape: Shape, decisions: u64) -> (f64, f64) {
    let mesh = mesh_of(shape.manifests(8080));
    let lines: Vec<String> = shape.requests().zip(0..POOL).map(|(request, _)| request.line()).collect();
    let scenarios: Vec<Scenario<'_>> = lines.iter().map(|line| Scenario::from_json(line).expect("a scenario")).collect();
    let (best, allowed) = answer_all(&mesh, &scenarios, decisions);
    (rate(decisions, best), allowed)
}

fn answer_all(mesh: &Mesh, scenarios: &[Scenario<'_>], decisions: u64) -> (f64, f64) {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    let setting = Setting { mesh, default_namespace: None, now, keys: KeySets::new(), detail: Detail::Verdict };
    let mut simulator = Simulator::new(setting);
    let (mut best, mut allowed) = (f64::INFINITY, 0_u64);
    for _ in 0..3 {
        allowed = 0;
        let start = Instant::now();
        for (scenario, _) in scenarios.iter().cycle().zip(0..decisions) {
            let decision = simulator.answer(scenario, &mut NoFiles).expect("an answer");
            allowed += u64::from(decision.verdict == Verdict::Allowed);
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    #[expect(clippy::cast_precision_loss, reason = "a share is an estimate")]
    let share = allowed as f64 / decisions as f64;
    (best, share)
}

#[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
pub fn rate(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}
