//! What the simulator costs: `cargo bench --bench simulate`.
//!
//! Prints one table: process start and one request (median milliseconds, peak resident memory), `simulate batch` from process start
//! to exit (decisions per second on one and on two threads), the same decisions inside the process without JSON, and, when
//! `ENVOY_BIN` names an Envoy, the requests per second it answers with the same policies on one core.
//!
//! Sizes: `MESHSEC_BENCH_LINES` (1000000), `MESHSEC_BENCH_RUNS` (2), `MESHSEC_BENCH_STARTS` (50), `MESHSEC_BENCH_ENVOY_SECONDS` (3),
//! `MESHSEC_BENCH_ONLY` (start, batch, process or envoy).
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

mod batch;
mod shape;
mod table;

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
    let folder = tempfile::tempdir().expect("a folder for the input");
    let lines = size("MESHSEC_BENCH_LINES", 1_000_000);
    let runs = u32::try_from(size("MESHSEC_BENCH_RUNS", 2)).unwrap_or(2);
    for shape in SHAPES {
        if is_wanted("process") {
            let (rate, allowed) = batch::in_process(shape, lines);
            let what = format!("in process, {} ({:.0} % let in)", shape.name(), allowed * 100.0);
            Row::new(what, rate, "decisions/s", &Want::Nothing).print();
        }
        if is_wanted("batch") {
            let (manifests, requests) = (folder.path().join("mesh.yaml"), folder.path().join("requests.jsonl"));
            batch::write_input(shape, lines, &manifests, &requests).expect("the input can be written");
            for jobs in [1, 2] {
                let output = folder.path().join("answers.jsonl");
                let rate = batch::through_the_program(jobs, lines, &manifests, &requests, &output, runs);
                let want = if jobs == 2 { Want::AtLeast(shape.budget()) } else { Want::Nothing };
                Row::new(format!("batch -j {jobs}, {}", shape.name()), rate, "decisions/s", &want).print();
            }
        }
    }
}
