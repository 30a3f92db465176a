//! What a command costs from start to exit.

use std::fs;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;

/// What one run cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// From start to exit.
    pub(crate) time: Duration,
    /// Processor time of the process.
    pub(crate) processor: Duration,
    /// Peak resident memory in megabytes.
    pub(crate) megabytes: f64,
}

/// Runs a command to its end, its output thrown away; it must end with one of these codes.
pub(crate) fn run(mut command: Command, codes: &[i32]) -> Cost {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let used = processor();
    let start = Instant::now();
    let mut child = command.spawn().expect("the program starts");
    let mut megabytes: f64 = 0.0;
    let status = loop {
        megabytes = megabytes.max(peak(&child).unwrap_or(0.0));
        if let Some(status) = child.try_wait().expect("a process can be waited for") {
            break status;
        }
        thread::sleep(Duration::from_millis(2));
    };
    let time = start.elapsed();
    assert!(status.code().is_some_and(|code| codes.contains(&code)), "{command:?} ended with {status}");
    Cost { time, processor: processor().saturating_sub(used), megabytes }
}

/// The most memory a running process had so far.
fn peak(child: &Child) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

/// Processor time of every process that was started here and has ended.
fn processor() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts what its processes use");
    let time = |value: nix::sys::time::TimeVal| {
        Duration::new(u64::try_from(value.tv_sec()).unwrap_or(0), u32::try_from(value.tv_usec() * 1000).unwrap_or(0))
    };
    time(usage.user_time()) + time(usage.system_time())
}
