//! The proxy at full rate for minutes, while its manifests change every second.

use std::fs;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::Bench;
use crate::generator;
use crate::policies;
use crate::process::is_there;
use crate::rows::Body;
use crate::rows::Row;
use crate::rows::Version;
use crate::sides;
use crate::sides::Application;

/// How often a line is printed.
const TELL: Duration = Duration::from_secs(10);

/// Runs for this long and tells what failed.
pub(crate) fn run(bench: &Bench, length: Duration) {
    for program in ["taskset", "wrk"] {
        if !is_there(program) {
            println!("SKIPPED: {program} is not installed");
            return;
        }
    }
    let application = Application::start(&bench.folder);
    let manifests = policies::manifests(application.port, 100, None);
    sides::write(&bench.folder, &manifests);
    let running = sides::start_proxy(&bench.folder, application.port);
    let row = Row { version: Version::Http1, tls: false, new_connections: false, policies: 100, tokens: None, body: Body::Small };
    let is_over = AtomicBool::new(false);
    println!("{:>9} {:>12} {:>12}", "seconds", "reloads", "resident MB");
    let counted = thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            let (mut told, mut changes) = (Duration::ZERO, 0_u64);
            while !is_over.load(Ordering::Relaxed) {
                if start.elapsed() >= told {
                    println!("{:>9} {changes:>12} {:>12.1}", told.as_secs(), running.process.megabytes());
                    told += TELL;
                }
                thread::sleep(Duration::from_secs(1));
                changes += 1;
                let text = format!("{manifests}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: added-{changes}}}\n");
                fs::write(bench.folder.join("mesh.yaml"), text).expect("the manifests can be written");
                running.process.reload();
            }
        });
        let counted = generator::run(&bench.folder, &row, running.address, length.as_secs());
        is_over.store(true, Ordering::Relaxed);
        counted
    });
    println!("{} requests in {:.0} s, {} failed", counted.requests, counted.seconds, counted.failed);
}
