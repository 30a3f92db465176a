//! One run of the program: milliseconds from start to exit, and peak resident memory.

use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;

/// What one command costs.
pub(crate) struct Cost {
    /// Median time from start to exit.
    pub(crate) milliseconds: f64,
    /// Median processor time of the process.
    pub(crate) processor: f64,
    /// Peak resident memory of the largest process started so far.
    pub(crate) megabytes: f64,
}

/// Runs the program this often.
pub(crate) fn run(arguments: &[&str], runs: u64) -> Cost {
    let (mut times, mut processor) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let used = children().0;
        let start = Instant::now();
        let mut command = Command::new(env!("CARGO_BIN_EXE_meshsec"));
        let status =
            command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::null()).stderr(Stdio::null()).status();
        times.push(start.elapsed());
        processor.push(children().0.saturating_sub(used));
        assert!(status.is_ok_and(|status| status.success()), "meshsec {arguments:?} succeeds");
    }
    Cost { milliseconds: median(times), processor: median(processor), megabytes: children().1 }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}

/// Processor time of all finished processes that were started here, and the peak memory of the largest in megabytes.
pub(crate) fn children() -> (Duration, f64) {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts what its processes use");
    let time = |value: nix::sys::time::TimeVal| {
        Duration::new(u64::try_from(value.tv_sec()).unwrap_or(0), u32::try_from(value.tv_usec() * 1000).unwrap_or(0))
    };
    #[expect(clippy::cast_precision_loss, reason = "megabytes are an estimate")]
    let megabytes = usage.max_rss() as f64 * 1024.0 / 1e6;
    (time(usage.user_time()) + time(usage.system_time()), megabytes)
}
