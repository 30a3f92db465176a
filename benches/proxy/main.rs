//! What the proxy costs, beside the real Envoy: `cargo bench --bench proxy`.
//!
//! Prints one table. In each row Envoy (`ENVOY_BIN`, one worker) and `simulate proxy` enforce the same policies in front of the same
//! application, and the same generator asks both for the same: `wrk` over HTTP/1.1, `h2load` over HTTP/2. Proxies run on the first core, all
//! else on the second, so requests per second may be what the second core can do; what counts is the processor time that a proxy took for
//! what it answered. Neither generator has a client certificate: for mutual TLS another Envoy stands before it, which opens one connection for
//! each that it accepts and resumes no session. Envoy's listener is the one that `policy translate` writes, without the PROXY header, and
//! neither side writes a line for a request. The last rows are the memory that stays resident while connections are open and idle.
//!
//! `cargo bench --bench proxy -- TEXT` measures only the rows whose name holds the text. `cargo bench --bench proxy -- --load 300` asks this
//! proxy for 300 seconds while its manifests change every second, and tells what failed and what its memory did.
//!
//! Sizes: `MESHSEC_BENCH_SECONDS` (2, of one run), `MESHSEC_BENCH_ROUNDS` (3, each side in turn), `MESHSEC_BENCH_IDLE` (10000 connections).
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

mod application;
mod generator;
mod idle;
mod load;
#[allow(dead_code, reason = "shared with the tests of certificates")]
#[path = "../../tests/peers/material.rs"]
mod material;
mod policies;
mod process;
mod rows;
mod sides;
mod table;

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// Programs and sizes of a run.
struct Bench {
    folder: PathBuf,
    envoy: Option<String>,
    seconds: u64,
    rounds: u64,
}

fn size(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let first = arguments.next();
    if first.as_deref() == Some(application::FLAG) {
        let port = arguments.next().and_then(|port| port.parse().ok()).expect("a port");
        return application::serve(port);
    }
    let folder = tempfile::tempdir().expect("a folder for what is configured");
    let bench = Bench {
        folder: folder.path().to_owned(),
        envoy: std::env::var("ENVOY_BIN").ok().filter(|program| Path::new(program).is_file()),
        seconds: size("MESHSEC_BENCH_SECONDS", 2),
        rounds: size("MESHSEC_BENCH_ROUNDS", 3),
    };
    if first.as_deref() == Some("--load") {
        let seconds = arguments.next().and_then(|seconds| seconds.parse().ok()).expect("`--load SECONDS`");
        return load::run(&bench, Duration::from_secs(seconds));
    }
    let only = first.unwrap_or_default();
    table::head();
    for row in rows::all().into_iter().filter(|row| row.name().contains(&only)) {
        rows::measure(&bench, &row);
    }
    for tls in [false, true] {
        if idle::name(tls).contains(&only) {
            idle::measure(&bench, tls, usize::try_from(size("MESHSEC_BENCH_IDLE", 10_000)).unwrap_or(usize::MAX));
        }
    }
}
