//! Processes on one core, and what they use.

use std::fs;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// Where the proxies run.
pub(crate) const PROXY_CORE: &str = "0";
/// Where everything else runs.
pub(crate) const OTHER_CORE: &str = "1";

/// A process that ends when this does.
pub(crate) struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A command that runs on one core, where the system can tell it so.
pub(crate) fn on_core(core: &str, program: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core, program]);
    command
}

impl Process {
    /// Starts a command in a folder and waits until it listens.
    pub(crate) fn start(mut command: Command, folder: &Path, name: &str, address: SocketAddr) -> Self {
        let log = folder.join(format!("{name}.log"));
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(fs::File::create(&log).expect("a log"));
        let mut process = Self(command.spawn().expect("taskset starts"));
        for _ in 0..600 {
            thread::sleep(Duration::from_millis(50));
            if TcpStream::connect(address).is_ok() {
                return process;
            }
            if process.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                break;
            }
        }
        panic!("{name} does not listen: {}", fs::read_to_string(log).unwrap_or_default());
    }

    /// Seconds of processor time used so far.
    pub(crate) fn processor_seconds(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.0.id())).expect("the system tells of its processes");
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: f64 = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
        ticks / 100.0
    }

    /// Has what was configured read again.
    pub(crate) fn reload(&self) {
        let id = i32::try_from(self.0.id()).expect("a process id");
        kill(Pid::from_raw(id), Signal::SIGHUP).expect("the process is there");
    }

    /// Megabytes that are resident.
    pub(crate) fn megabytes(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/status", self.0.id())).expect("the system tells of its processes");
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes: f64 = line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0.0);
        kilobytes / 1024.0
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port()
}

/// Whether a program can be run.
pub(crate) fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}
