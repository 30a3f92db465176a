//! What reading and writing a large cluster costs: `cargo bench --bench cluster`.
//!
//! Starts the real API server that `MESHSEC_APISERVER` names (`tests/apiserver`), fills it with 10,000 workloads (deployments, each with a
//! service, an account, a ReplicaSet and a pod) and 10,000 policies in 50 namespaces, and prints what commands need from start to exit beside
//! kubectl and, with `MESHSEC_ISTIOCTL` naming one, istioctl on the same cluster: best and median time, median processor time of the command
//! itself, and peak memory. Sizes: `MESHSEC_BENCH_WORKLOADS` (10000), `MESHSEC_BENCH_POLICIES` (10000), `MESHSEC_BENCH_RUNS` (3),
//! `MESHSEC_BENCH_SLOW_RUNS` (1): of commands that take minutes.
#![expect(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a measurement prints its figures and gives up when it cannot measure"
)]

#[allow(
    dead_code,
    unused_imports,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::needless_pass_by_value,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::iter_over_hash_type,
    reason = "the tests use more of it, and build on what must work"
)]
#[path = "../../tests/cluster/harness/mod.rs"]
mod harness;
mod measure;
mod mesh;
mod table;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use harness::Server;
use mesh::Size;
use meshsec::cluster::Cluster;
use meshsec::cluster::kinds;
use table::Runs;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn main() {
    let Some(server) = Server::own("benches/cluster") else { return };
    let size = Size { workloads: number("MESHSEC_BENCH_WORKLOADS", 10_000), policies: number("MESHSEC_BENCH_POLICIES", 10_000) };
    let bench = Bench {
        cluster: mesh::connect(server.kubeconfig()),
        server,
        size,
        runs: number("MESHSEC_BENCH_RUNS", 3),
        slow_runs: number("MESHSEC_BENCH_SLOW_RUNS", 1),
    };
    let start = Instant::now();
    mesh::fill(bench.server.kubeconfig(), size);
    println!("{} workloads, {} policies, made in {:.0} s", size.workloads, size.policies, start.elapsed().as_secs_f64());
    table::head();
    bench.snapshots();
    bench.checks();
    bench.applies();
}

struct Bench {
    server: Server,
    cluster: Cluster,
    size: Size,
    runs: usize,
    slow_runs: usize,
}

impl Bench {
    fn meshsec(&self, arguments: &[&str]) -> Command {
        let mut command = self.server.meshsec_command();
        command.args(arguments);
        command
    }

    fn kubectl(&self, arguments: &[&str]) -> Command {
        let mut command = self.server.kubectl_command();
        command.args(arguments);
        command
    }

    fn measured(what: &str, runs: usize, command: impl Fn() -> Command, codes: &[i32]) -> Runs {
        let mut measured = Runs::of(what);
        for _ in 0..runs {
            measured.add(measure::run(command(), codes));
        }
        measured
    }

    fn snapshots(&self) {
        let folder = self.server.folder();
        let file = folder.join("mesh.yaml");
        let save = || self.meshsec(&["snapshot", "save", "--overwrite", "-o", path(&file)]);
        let ours = Self::measured("meshsec snapshot save", self.runs, save, &[0]);
        ours.print();
        let served = |kind: &&kinds::Kind| kind.group != "gateway.networking.k8s.io";
        let kinds: Vec<String> = kinds::MESH.iter().filter(served).map(kinds::Kind::resource).collect();
        let kinds = kinds.join(",");
        let get = || self.kubectl(&["get", &kinds, "-A", "-o", "yaml"]);
        Self::measured("kubectl get -A -o yaml, the same kinds", self.slow_runs, get, &[0]).print_beside(&ours);
    }

    fn checks(&self) {
        let check = || self.meshsec(&["policy", "check", "--cluster", "--exit-zero"]);
        let ours = Self::measured("meshsec policy check --cluster", self.runs, check, &[0]);
        ours.print();
        let Some(istioctl) = harness::program("MESHSEC_ISTIOCTL") else {
            println!("{:<58} skipped: MESHSEC_ISTIOCTL names none", "istioctl analyze -A");
            return;
        };
        let analyze = || {
            let mut command = self.server.command(&istioctl);
            command.args(["analyze", "-A"]);
            command
        };
        // 79: it found something.
        Self::measured("istioctl analyze -A", self.slow_runs, analyze, &[0, 79]).print_beside(&ours);
    }

    fn applies(&self) {
        let (folder, home) = (self.server.folder(), self.server.folder());
        let apply = || {
            let command = ["policy", "apply", "--force-conflicts", "--yes", "--home", path(&home), "-f", path(&folder)];
            self.meshsec(&command)
        };
        let by_kubectl = || self.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", path(&folder)]);
        let diff = || self.meshsec(&["policy", "diff", "--cluster", "-f", path(&folder)]);
        let mut edition = 0;
        let mut next = || {
            edition += 1;
            mesh::write(&folder, edition, self.size);
        };
        let changed = mesh::changed(self.size);

        next();
        let mut first = Runs::of("meshsec policy apply, all of them for the first time");
        let written = self.written(|| first.add(measure::run(apply(), &[0])));
        assert_eq!(written, self.size.policies, "each policy is applied once");
        first.print();

        let mut ours = Runs::of(format!("meshsec policy apply, {changed} changed"));
        let mut theirs = Runs::of(format!("kubectl apply --server-side, {changed} changed"));
        let mut compared = Runs::of(format!("meshsec policy diff --cluster, {changed} changed"));
        let mut unchanged = Runs::of("meshsec policy apply, nothing changed");
        let mut theirs_unchanged = Runs::of("kubectl apply --server-side, nothing changed");
        for run in 0..self.runs.max(self.slow_runs) {
            next();
            if run < self.runs {
                // 4: the key sets of the policies are elsewhere.
                compared.add(measure::run(diff(), &[0, 4]));
                assert_eq!(self.written(|| ours.add(measure::run(apply(), &[0]))), changed, "what changed is written");
                assert_eq!(self.written(|| unchanged.add(measure::run(apply(), &[0]))), 0, "nothing is written");
            }
            if run < self.slow_runs {
                next();
                let written = self.written(|| theirs.add(measure::run(by_kubectl(), &[0])));
                assert_eq!(written, changed, "kubectl writes what changed");
                theirs_unchanged.add(measure::run(by_kubectl(), &[0]));
            }
        }
        compared.print();
        ours.print();
        theirs.print_beside(&ours);
        unchanged.print();
        theirs_unchanged.print_beside(&unchanged);
    }

    /// How many policies were written meanwhile.
    fn written(&self, run: impl FnOnce()) -> usize {
        let before = mesh::states(&self.cluster);
        run();
        let after = mesh::states(&self.cluster);
        after.iter().filter(|(key, version)| before.get(*key) != Some(*version)).count()
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}
