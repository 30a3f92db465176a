use std::fs::OpenOptions;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program that serves until its input closes: it ends with this process even when nothing here runs any more.
pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts it; the line of JSON that it prints when it is ready. Its complaints go to a file.
    pub(super) fn start(mut command: Command, log: &Path) -> (Self, Value) {
        let complaints = OpenOptions::new().create(true).append(true).open(log).unwrap();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(complaints).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let process = Self { child };
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            output.read_line(&mut line).unwrap();
            sender.send(line)
        });
        let line = receiver.recv_timeout(PATIENCE).unwrap_or_default();
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
            let said = std::fs::read_to_string(log).unwrap();
            let last: Vec<_> = said.lines().rev().take(20).collect();
            panic!("{command:?} is not ready; it said {line:?}, and, the last first:\n{}", last.join("\n"))
        });
        (process, ready)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits.
    pub(super) fn stop(&mut self) {
        drop(self.child.stdin.take());
        let end = Instant::now() + Duration::from_secs(30);
        while self.child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                return self.kill();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// SIGKILL.
    pub(super) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
