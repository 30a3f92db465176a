use std::ops::Deref;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use nix::sys::signal::Signal;
use nix::unistd::Pid;
use serde_json::json;
use tempfile::TempDir;

use super::caller::Caller;
use super::process::Process;
use super::program;
use super::skipped;
use super::webhook::Webhook;

static SHARED: OnceLock<Server> = OnceLock::new();

/// Makes names that no other test has.
static NUMBER: AtomicUsize = AtomicUsize::new(1);

pub(super) fn number() -> usize {
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// An API server with etcd, Istio's kinds, and its administrator, as whom commands run.
pub(crate) struct Server {
    program: PathBuf,
    process: Option<Process>,
    admin: Caller,
    folder: PathBuf,
    webhook: OnceLock<Option<Webhook>>,
    /// Goes last: the processes live in it.
    temporary: Option<TempDir>,
}

impl Server {
    /// The server that all tests of this program share; started by the first. Nothing, said aloud, when the program is absent.
    pub(crate) fn start(test: &str) -> Option<&'static Self> {
        let program = found(test)?;
        Some(SHARED.get_or_init(|| {
            // Nobody drops what lives in a `static`: the server removes its folder itself.
            Self::launch(&program, TempDir::with_prefix("meshsec-").unwrap().keep(), None)
        }))
    }

    /// A server of the test's own: it may be killed, and filled, and its namespaces may have any name.
    pub(crate) fn own(test: &str) -> Option<Self> {
        let program = found(test)?;
        let temporary = TempDir::with_prefix("meshsec-").unwrap();
        Some(Self::launch(&program, temporary.path().to_owned(), Some(temporary)))
    }

    fn launch(program: &Path, folder: PathBuf, temporary: Option<TempDir>) -> Self {
        let mut server = Self {
            program: program.to_owned(),
            process: None,
            admin: Caller::new(program, &folder, folder.join("kubeconfig")),
            folder,
            webhook: OnceLock::new(),
            temporary,
        };
        server.restart();
        server
    }

    /// Kills it, as a lost machine would.
    pub(crate) fn kill(&mut self) {
        self.process.as_mut().unwrap().kill();
    }

    /// Ends it in order, if it runs, and starts it again with the same data and the same address.
    pub(crate) fn restart(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.stop();
        }
        let mut command = Command::new(&self.program);
        command.arg("serve").arg("--dir").arg(&self.folder);
        command.arg("--crds").arg(self.program.with_file_name("crds.yaml"));
        command.env("HOME", &self.folder);
        if self.temporary.is_none() {
            command.arg("--temporary");
        }
        self.process = Some(Process::start(command, &self.folder.join("server.log")).0);
    }

    /// Stops the server's clock until it is resumed: it takes connections and never answers.
    pub(crate) fn pause(&self) {
        self.signal(Signal::SIGSTOP);
    }

    /// Lets a paused server run on.
    pub(crate) fn resume(&self) {
        self.signal(Signal::SIGCONT);
    }

    fn signal(&self, signal: Signal) {
        let id = self.process.as_ref().unwrap().id();
        nix::sys::signal::kill(Pid::from_raw(i32::try_from(id).unwrap()), signal).unwrap();
    }

    /// A new namespace, which no other test knows.
    pub(crate) fn namespace(&self) -> String {
        let name = format!("test-{}", number());
        self.kubectl(&["create", "namespace", &name]).ok();
        name
    }

    /// A new namespace in which istiod's webhook is asked about Istio's kinds. Nothing, said aloud, when istiod's code is absent.
    pub(crate) fn namespace_with_webhook(&self, test: &str) -> Option<String> {
        self.webhook(test)?;
        let name = self.namespace();
        self.kubectl(&["label", "namespace", &name, Webhook::LABEL]).ok();
        // The server reads labels from a cache of its own.
        self.wait_for_refusal(&name);
        Some(name)
    }

    /// istiod's webhook, registered with this server for namespaces that have its label.
    pub(crate) fn webhook(&self, test: &str) -> Option<&Webhook> {
        let webhook = self
            .webhook
            .get_or_init(|| Some(Webhook::start(&program("MESHSEC_ORACLE")?, self, &self.folder.join("webhook.log"))))
            .as_ref();
        if webhook.is_none() {
            skipped(test, "MESHSEC_ORACLE does not name the program of tests/oracle");
        }
        webhook
    }

    fn wait_for_refusal(&self, namespace: &str) {
        let nonsense = json!({
            "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy", "metadata": {"name": "nonsense"}, "spec": {"action": "DENY"},
        });
        for _ in 0..200 {
            let ran = self.kubectl_with(&["create", "--dry-run=server", "-n", namespace, "-f", "-"], &nonsense.to_string());
            if ran.code != Some(0) {
                assert!(ran.stderr.contains("validation.istio.io"), "{ran:?}");
                return;
            }
        }
        panic!("nobody asks the webhook");
    }

    /// A folder for a test's files, which goes with the server.
    pub(crate) fn folder(&self) -> PathBuf {
        let folder = self.folder.join(format!("files-{}", number()));
        std::fs::create_dir(&folder).unwrap();
        folder
    }
}

/// Commands of the server's administrator.
impl Deref for Server {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.admin
    }
}

fn found(test: &str) -> Option<PathBuf> {
    let program = program("MESHSEC_APISERVER");
    if program.is_none() {
        skipped(test, "MESHSEC_APISERVER does not name the program of tests/apiserver");
    }
    program
}
