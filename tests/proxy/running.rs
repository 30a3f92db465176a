use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use nix::sys::signal::Signal;
use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::process::PATIENCE;

/// Ends the program when its own input ends, which it does with the test process, however that dies.
const GUARD: &str = r#"
exec 3<&0
if [ -n "$PROGRAM_FILES" ]; then ulimit -n "$PROGRAM_FILES"; fi
"$@" 3<&- </dev/null &
program=$!
echo $program > "$PROGRAM_PID"
(cat <&3; kill -9 $program) >/dev/null 2>&1 &
wait $program
code=$?
echo $code > "$PROGRAM_CODE"
exit $code
"#;

/// A proxy that ends with the test.
pub(crate) struct Running {
    child: Child,
    folder: PathBuf,
    lines: mpsc::Receiver<String>,
    /// Each port of the workload with the address where it is served.
    pub(crate) addresses: Vec<(u16, SocketAddr)>,
}

impl Running {
    /// Starts `simulate proxy` in a folder and waits until it serves this many ports.
    pub(crate) fn start(folder: &Path, ports: usize, arguments: &[&str]) -> Self {
        Self::start_with(folder, ports, arguments, None)
    }

    /// The same with so many file descriptors.
    pub(crate) fn start_with(folder: &Path, ports: usize, arguments: &[&str], files: Option<u32>) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard", env!("CARGO_BIN_EXE_meshsec"), "simulate", "proxy"]).args(arguments);
        command.env("PROGRAM_PID", folder.join("proxy.pid")).env("PROGRAM_CODE", folder.join("proxy.code"));
        command.env("PROGRAM_FILES", files.map(|files| files.to_string()).unwrap_or_default());
        command.current_dir(folder).stdin(Stdio::piped()).stderr(Stdio::piped());
        command.stdout(fs::File::create(folder.join("proxy.out")).unwrap());
        let mut child = command.spawn().unwrap();
        let errors = child.stderr.take().unwrap();
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut running = Self { child, folder: folder.to_owned(), lines, addresses: Vec::new() };
        while running.addresses.len() < ports {
            let line = running.wait_for(" -> listening ");
            let (before, after) = line.split_once(" -> listening ").unwrap();
            let port = before.trim().rsplit(':').next().unwrap().parse().unwrap();
            let address = after.split_whitespace().next().unwrap().parse().unwrap();
            running.addresses.push((port, address));
        }
        running
    }

    /// Where a port of the workload is served.
    pub(crate) fn address(&self, port: u16) -> SocketAddr {
        self.addresses.iter().find(|(own, _)| *own == port).unwrap().1
    }

    /// Waits for a line on standard error that holds this text.
    pub(crate) fn wait_for(&self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) if line.contains(text) => return line,
                Ok(line) => seen.push(line),
                Err(error) => panic!("no `{text}` on standard error ({error}), but:\n{}", seen.join("\n")),
            }
        }
    }

    /// Where calls of the caller are taken; to be asked once.
    pub(crate) fn outbound(&self) -> SocketAddr {
        let line = self.wait_for(" -> taken at ");
        line.split(" -> taken at ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap()
    }

    /// What was written to standard output.
    pub(crate) fn output(&self) -> String {
        fs::read_to_string(self.folder.join("proxy.out")).unwrap()
    }

    /// Memory of the program, in bytes.
    pub(crate) fn resident(&self) -> u64 {
        let pid = fs::read_to_string(self.folder.join("proxy.pid")).unwrap();
        let status = fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }

    /// Sends a signal to the program.
    pub(crate) fn signal(&self, signal: Signal) {
        let pid = fs::read_to_string(self.folder.join("proxy.pid")).unwrap().trim().parse().unwrap();
        kill(Pid::from_raw(pid), signal).unwrap();
    }

    /// Waits for the end and returns the exit code.
    pub(crate) fn wait(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(code) = fs::read_to_string(self.folder.join("proxy.code")).ok().filter(|code| code.ends_with('\n')) {
                return code.trim().parse().unwrap();
            }
            assert!(Instant::now() < deadline, "the proxy does not end");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
