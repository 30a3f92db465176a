//! Decisions per second: through the program, and inside the process.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
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

use nix::time::ClockId;
use nix::time::clock_gettime;

use crate::process::children;
use crate::shape::Shape;

/// Scenarios that are kept in memory for the rate without reading and writing.
const POOL: u64 = 10_000;

/// Writes the manifests and the requests of a shape.
pub(crate) fn write_input(shape: Shape, lines: u64, manifests: &Path, requests: &Path) -> std::io::Result<()> {
    std::fs::write(manifests, shape.manifests(8080))?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(requests)?);
    for (request, _) in shape.requests().zip(0..lines) {
        out.write_all(request.line().as_bytes())?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Decisions per second from process start to exit: of wall time, and of processor time. The best of `runs`.
pub(crate) fn through_the_program(jobs: u32, lines: u64, manifests: &Path, requests: &Path, runs: u64) -> (f64, f64) {
    let (mut wall, mut processor) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..runs {
        let (start, used) = (Instant::now(), children().0);
        let status = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(["simulate", "batch", "-o", "jsonl", "-j", &jobs.to_string()])
            .arg("-f")
            .arg(manifests)
            .arg(requests)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("meshsec runs");
        assert!(status.success(), "every line is answered");
        wall = wall.min(start.elapsed().as_secs_f64());
        processor = processor.min(children().0.saturating_sub(used).as_secs_f64());
    }
    (rate(lines, wall), rate(lines, processor))
}

/// The mesh a text describes.
pub(crate) fn mesh_of(text: String) -> Mesh {
    let mut sources = SourceMap::default();
    let id = sources.add("mesh.yaml", text);
    let manifests = manifest::read(&sources, &[id]);
    assert!(manifests.findings.is_empty(), "the manifests are as they should be");
    let options = mesh::BuildOptions { default_namespace: None, features: Vec::new(), mesh_config: None, unread: Vec::new() };
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

/// What the simulator does without reading scenarios and writing answers.
pub(crate) struct InProcess {
    /// Decisions per second of wall time.
    pub(crate) per_second: f64,
    /// Decisions per second of processor time.
    pub(crate) per_processor_second: f64,
    /// The share of requests that are let in.
    pub(crate) let_in: f64,
}

/// Answers scenarios on one thread; the best of three runs.
pub(crate) fn in_process(shape: Shape, decisions: u64) -> InProcess {
    let mesh = mesh_of(shape.manifests(8080));
    let lines: Vec<String> = shape.requests().zip(0..POOL).map(|(request, _)| request.line()).collect();
    let scenarios: Vec<Scenario<'_>> = lines.iter().map(|line| Scenario::from_json(line).expect("a scenario")).collect();
    let mut simulator = Simulator::new(setting(&mesh));
    let (mut wall, mut processor, mut allowed) = (f64::INFINITY, f64::INFINITY, 0_u64);
    for _ in 0..3 {
        allowed = 0;
        let (start, used) = (Instant::now(), thread_time());
        for (scenario, _) in scenarios.iter().cycle().zip(0..decisions) {
            let decision = simulator.answer(scenario, &mut NoFiles).expect("an answer");
            allowed += u64::from(decision.verdict == Verdict::Allowed);
        }
        wall = wall.min(start.elapsed().as_secs_f64());
        processor = processor.min(thread_time() - used);
    }
    #[expect(clippy::cast_precision_loss, reason = "a share is an estimate")]
    let let_in = allowed as f64 / decisions as f64;
    InProcess { per_second: rate(decisions, wall), per_processor_second: rate(decisions, processor), let_in }
}

/// Seconds of processor time of this thread.
fn thread_time() -> f64 {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("the system counts what threads use");
    Duration::from(time).as_secs_f64()
}

/// Which of some scenarios are let in.
pub(crate) fn lets_in(text: String, lines: &[String]) -> Vec<bool> {
    let mesh = mesh_of(text);
    let mut simulator = Simulator::new(setting(&mesh));
    let answer = |line: &String| {
        let scenario = Scenario::from_json(line).expect("a scenario");
        simulator.answer(&scenario, &mut NoFiles).expect("an answer").verdict == Verdict::Allowed
    };
    lines.iter().map(answer).collect()
}

fn setting(mesh: &Mesh) -> Setting<'_> {
    let now = "2026-01-01T00:00:00Z".parse().expect("a time");
    Setting { mesh, default_namespace: None, now, keys: KeySets::new(), certificate_defect: None, detail: Detail::Verdict }
}

#[expect(clippy::cast_precision_loss, reason = "a rate is an estimate")]
pub(crate) fn rate(count: u64, seconds: f64) -> f64 {
    count as f64 / seconds
}
