use std::ffi::OsStr;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

/// No command of a test takes longer than this.
const PATIENCE: Duration = Duration::from_secs(120);

/// Someone with a kubeconfig: an administrator, or a user who may do less, or whoever goes through a proxy.
#[derive(Clone)]
pub(crate) struct Caller {
    kubectl: PathBuf,
    home: PathBuf,
    kubeconfig: PathBuf,
}

impl Caller {
    pub(super) fn new(kubectl: &Path, home: &Path, kubeconfig: PathBuf) -> Self {
        Self { kubectl: kubectl.to_owned(), home: home.to_owned(), kubeconfig }
    }

    /// The file with which this caller reaches the server.
    pub(crate) fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// The same server and home, with another kubeconfig.
    pub(super) fn with_kubeconfig(&self, name: &str, text: &Value) -> Self {
        let kubeconfig = self.home.join(name);
        std::fs::write(&kubeconfig, text.to_string()).unwrap();
        Self { kubeconfig, ..self.clone() }
    }

    /// A kubeconfig for this server: its address, the authority to trust, and the token to show.
    pub(super) fn parts(&self) -> (String, String, String) {
        let shown = self.kubectl(&["config", "view", "--raw", "-o", "json"]).json();
        let cluster = &shown["clusters"][0]["cluster"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&cluster["server"]), text(&cluster["certificate-authority-data"]), text(&shown["users"][0]["user"]["token"]))
    }

    /// kubectl, which is a part of the server's program.
    pub(crate) fn kubectl(&self, arguments: &[&str]) -> Ran {
        self.kubectl_with(arguments, "")
    }

    /// kubectl with an input, for `-f -`.
    pub(crate) fn kubectl_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.kubectl_command();
        command.args(arguments);
        finish(command, input)
    }

    /// kubectl, to start it in another way.
    pub(crate) fn kubectl_command(&self) -> Command {
        let mut command = self.command(&self.kubectl);
        command.arg("kubectl");
        command
    }

    /// The program under test.
    pub(crate) fn meshsec(&self, arguments: &[&str]) -> Ran {
        self.meshsec_with(arguments, "")
    }

    /// The program under test with an input.
    pub(crate) fn meshsec_with(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.meshsec_command();
        command.args(arguments);
        finish(command, input)
    }

    /// The program under test, to start it in another way: with an environment, or to be killed.
    pub(crate) fn meshsec_command(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_meshsec"))
    }

    /// Any program, with this caller's kubeconfig.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("MESHSEC_") || name.to_ascii_lowercase().ends_with("_proxy") {
                command.env_remove(name);
            }
        }
        // What kubectl remembers of a server it keeps under the server's address, which the next server may have.
        command
            .env("KUBECONFIG", &self.kubeconfig)
            .env("HOME", &self.home)
            .env("KUBECACHEDIR", self.home.join("cache"))
            .env("NO_COLOR", "1");
        command
    }
}

/// Runs a command to its end, in time.
pub(crate) fn finish(mut command: Command, input: &str) -> Ran {
    let shown = format!("{command:?}");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A command may end without reading what it is given.
    std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let stdout = reader(child.stdout.take().unwrap());
    let stderr = reader(child.stderr.take().unwrap());
    let status = wait(&mut child, &shown);
    Ran { command: shown, code: status.code(), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn reader(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn wait(child: &mut Child, shown: &str) -> std::process::ExitStatus {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("{shown} has not ended in {PATIENCE:?}");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    command: String,
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The command must have succeeded; what it printed.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        self.ended_with(0).stdout
    }

    /// The command must have ended with this exit code.
    #[track_caller]
    pub(crate) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}\n{}", self.command, self.stdout, self.stderr);
        self
    }

    /// The command must have succeeded and printed JSON.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }
}
