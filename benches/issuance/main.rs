//! What a certificate costs: `cargo bench --bench issuance`.
//!
//! Prints one table. In process, for P-256 and RSA-2048 keys, a new key for each certificate: certificates per second on one core and on
//! all, beside the bare rate of the cryptographic library, which only makes a key and signs as many bytes with the same kind of key. The
//! two take turns, and on one core processor time is counted, so that what else the machine does weighs little. Then `openssl` with the
//! same work, one process for each certificate, and its own rate of signatures. Last the program itself: `svid issue --all` for many service accounts,
//! from process start to exit, with keys and chains in files and the ledger on disk.
//!
//! Sizes: `MESHSEC_BENCH_SECONDS` (6 for P-256; RSA takes five times as long, because the time to find a prime varies),
//! `MESHSEC_BENCH_ACCOUNTS` (10000), `MESHSEC_BENCH_ONLY` (process, openssl or program).
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

mod in_process;
mod openssl;
mod program;
#[path = "../simulate/table.rs"]
mod table;

use std::time::Duration;

use in_process::Work;
use meshsec::pki::KeyType;
use table::Row;
use table::Want;

/// How much slower a certificate may come than a bare key and signature.
const BUDGET: f64 = 1.25;

fn size(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let only = std::env::var("MESHSEC_BENCH_ONLY").unwrap_or_default();
    let is_wanted = |part: &str| only.is_empty() || only == part;
    let seconds = size("MESHSEC_BENCH_SECONDS", 6);
    let kinds = [(KeyType::EcdsaP256, Duration::from_secs(seconds)), (KeyType::Rsa2048, Duration::from_secs(5 * seconds))];
    table::head();
    for (key_type, time) in kinds {
        let work = Work::new(key_type);
        if is_wanted("process") {
            in_process(&work, time);
        }
        if is_wanted("openssl") {
            openssl::measure(&work);
        }
    }
    if is_wanted("program") {
        program::measure(size("MESHSEC_BENCH_ACCOUNTS", 10_000));
    }
}

fn in_process(work: &Work, time: Duration) {
    let name = work.key_type;
    let [bare, ours] = work.on_one_core(time);
    Row::new(format!("{name}: aws-lc-rs, key and signature, one core"), bare, "1/s", &Want::Nothing).print();
    Row::new(format!("{name}: certificates, one core"), ours, "1/s", &Want::AtLeast(bare / BUDGET)).print();
    Row::new(format!("{name}: time of a certificate to bare time"), bare / ours, "", &Want::AtMost(BUDGET)).print();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let [bare, ours] = work.on_all_cores(time, threads);
    Row::new(format!("{name}: aws-lc-rs, key and signature, {threads} threads"), bare, "1/s", &Want::Nothing).print();
    Row::new(format!("{name}: certificates, {threads} threads"), ours, "1/s", &Want::Nothing).print();
}
