use std::fs;
use std::io::Read;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

/// Ends Envoy when its own input ends, which it does with the test process, however that dies.
const GUARD: &str = r#"
exec 3<&0
"$@" 3<&- </dev/null &
envoy=$!
(cat <&3; kill -9 $envoy) >/dev/null 2>&1 &
wait $envoy
"#;

/// How long Envoy may take for anything that it is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An Envoy that ends with the test.
pub(crate) struct Envoy {
    child: Child,
    folder: PathBuf,
    name: &'static str,
}

impl Envoy {
    /// Starts Envoy in a folder and waits until it serves.
    pub(crate) fn start(program: &str, folder: &Path, name: &'static str, configuration: &Value) -> Self {
        let mut configuration = configuration.clone();
        configuration["admin"] = serde_json::json!({"address": {"pipe": {"path": folder.join(format!("{name}.admin"))}}});
        // Secrets are delivered to nodes that say who they are only.
        configuration["node"] = serde_json::json!({"id": name, "cluster": "test"});
        let file = folder.join(format!("{name}.json"));
        fs::write(&file, configuration.to_string()).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", GUARD, "guard", program, "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"]);
        command.args(["--file-flush-interval-msec", "10", "--log-path"]).arg(folder.join(format!("{name}.log")));
        command.arg("-c").arg(&file).current_dir(folder).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut running = Self { child: command.spawn().unwrap(), folder: folder.to_owned(), name };
        let deadline = Instant::now() + PATIENCE;
        while !running.admin("GET", "/ready").contains("LIVE") {
            let has_ended = running.child.try_wait().unwrap().is_some();
            assert!(!has_ended && Instant::now() < deadline, "{name} does not serve: {}", running.log());
            thread::sleep(Duration::from_millis(20));
        }
        running
    }

    /// What Envoy's administration interface answers; empty when there is none yet.
    pub(crate) fn admin(&self, method: &str, path: &str) -> String {
        let socket = self.folder.join(format!("{}.admin", self.name));
        request(&socket, method, path).unwrap_or_default()
    }

    /// The value of a counter; its name is what the given text ends.
    pub(crate) fn counter(&self, name: &str) -> u64 {
        let stats = self.admin("GET", "/stats");
        let values = stats.lines().filter_map(|line| line.split_once(": ")).filter(|(found, _)| found.ends_with(name));
        values.filter_map(|(_, value)| value.trim().parse::<u64>().ok()).sum()
    }

    /// What Envoy wrote to its log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join(format!("{}.log", self.name))).unwrap_or_default()
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Asks Envoy whether it would start with this configuration; what it said, when it would not.
pub(crate) fn refusal(program: &str, folder: &Path, configuration: &Value) -> Option<String> {
    let file = folder.join("validate.json");
    fs::write(&file, configuration.to_string()).unwrap();
    let output = Command::new(program).args(["--mode", "validate", "--log-level", "error", "-c"]).arg(&file).output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Sends a request over a Unix socket and reads the response to its end.
pub(crate) fn request(socket: &Path, method: &str, path: &str) -> std::io::Result<String> {
    let mut connection = UnixStream::connect(socket)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    connection.write_all(format!("{method} {path} HTTP/1.1\r\nhost: peer\r\nconnection: close\r\n\r\n").as_bytes())?;
    let mut response = Vec::new();
    connection.read_to_end(&mut response)?;
    Ok(String::from_utf8_lossy(&response).into_owned())
}

/// Puts a file in the place of another by a rename, which is what Envoy watches for.
pub(crate) fn replace(file: &Path, text: &str) {
    let part = file.with_extension("part");
    fs::write(&part, text).unwrap();
    fs::rename(part, file).unwrap();
}

/// Whether something holds within a time.
pub(crate) fn eventually(time: Duration, holds: impl Fn() -> bool) -> bool {
    let deadline = Instant::now() + time;
    while !holds() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(Duration::from_millis(10));
    }
    true
}

/// Waits until something holds.
pub(crate) fn wait_until(what: &str, holds: impl Fn() -> bool) {
    assert!(eventually(PATIENCE, holds), "waited in vain for {what}");
}
