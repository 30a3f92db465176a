//! What the simulator costs: `cargo bench --bench simulate`.
//!
//! Prints one table: process start and one request (median milliseconds, peak resident memory); `simulate batch` from process start
//! to exit on one and on two threads; the same decisions inside the process without JSON; and, when `ENVOY_BIN` names an Envoy, the
//! requests per second it answers with the same policies on one core. Rates come twice: by wall time, and by processor time, which
//! says what the machine would do if nothing else ran on it.
//!
//! Sizes: `MESHSEC_BENCH_LINES` (1000000), `MESHSEC_BENCH_RUNS` (2), `MESHSEC_BENCH_STARTS` (50), `MESHSEC_BENCH_ENVOY_SECONDS` (3),
//! `MESHSEC_BENCH_ONLY` (start, batch, process or envoy).
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

mod batch;
mod peer;
mod process;
mod shape;
mod table;

use std::path::Path;

use shape::Shape;
use table::Row;
use table::Want;

const SHAPES: [Shape; 7] = [
    Shape::Policies,
    Shape::Paths(10),
    Shape::Paths(1000),
    Shape::Blocks(10),
    Shape::Blocks(1000),
    Shape::Principals(10),
    Shape::Principals(1000),
];

fn size(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let only = std::env::var("MESHSEC_BENCH_ONLY").unwrap_or_default();
    let is_wanted = |part: &str| only.is_empty() || only == part;
    table::head();
    // Starts come first: what a process inherits from a small parent does not blur its memory.
    if is_wanted("start") {
        starts(size("MESHSEC_BENCH_STARTS", 50));
    }
    let folder = tempfile::tempdir().expect("a folder for the input");
    let lines = size("MESHSEC_BENCH_LINES", 1_000_000);
    if is_wanted("batch") {
        for shape in &SHAPES {
            through_the_program(*shape, lines, folder.path());
        }
    }
    if is_wanted("process") {
        for shape in &SHAPES {
            in_process(*shape, lines);
        }
    }
    if is_wanted("envoy") {
        for shape in &SHAPES {
            envoy(*shape, folder.path());
        }
    }
}

fn starts(runs: u64) {
    let request = [
        "simulate",
        "request",
        "-f",
        "examples/online-boutique",
        "--from",
        "default/frontend",
        "--to",
        "productcatalogservice.default:3550",
    ];
    for (what, arguments, most) in
        [("--version", &["--version"][..], 5.0), ("simulate request on examples/online-boutique", &request, 15.0)]
    {
        let cost = process::run(arguments, runs);
        Row::new(format!("{what}: start to exit"), cost.milliseconds, "ms", &Want::AtMost(most)).print();
        Row::new(format!("{what}: processor time"), cost.processor, "ms", &Want::Nothing).print();
        Row::new(format!("{what}: peak memory"), cost.megabytes, "MB", &Want::AtMost(15.0)).print();
    }
}

fn through_the_program(shape: Shape, lines: u64, folder: &Path) {
    let (manifests, requests) = (folder.join("mesh.yaml"), folder.join("requests.jsonl"));
    batch::write_input(shape, lines, &manifests, &requests).expect("the input can be written");
    for jobs in [1, 2] {
        let (wall, processor) = batch::through_the_program(jobs, lines, &manifests, &requests, size("MESHSEC_BENCH_RUNS", 2));
        let want = if jobs == 2 { Want::AtLeast(shape.budget()) } else { Want::Nothing };
        Row::new(format!("batch -j {jobs}, {}", shape.name()), wall, "decisions/s", &want).print();
        Row::new("    by processor time, one core", processor, "decisions/s", &Want::Nothing).print();
    }
}

fn in_process(shape: Shape, decisions: u64) {
    let measured = batch::in_process(shape, decisions);
    let what = format!("in process, {} ({:.0} % let in)", shape.name(), measured.let_in * 100.0);
    Row::new(what, measured.per_second, "decisions/s", &Want::Nothing).print();
    Row::new("    by processor time, one core", measured.per_processor_second, "decisions/s", &Want::Nothing).print();
}

fn envoy(shape: Shape, folder: &Path) {
    let what = format!("Envoy on one core, {}", shape.name());
    let Ok(program) = std::env::var("ENVOY_BIN") else {
        Row::skipped(what, "ENVOY_BIN is not set").print();
        return;
    };
    let rate = peer::measure(&program, shape, folder, size("MESHSEC_BENCH_ENVOY_SECONDS", 3));
    Row::new(what, rate.per_second, "requests/s", &Want::Nothing).print();
    let what = format!("    by processor time ({} of {} verdicts agree)", rate.agreed, rate.asked);
    Row::new(what, rate.per_processor_second, "requests/s", &Want::Nothing).print();
}
