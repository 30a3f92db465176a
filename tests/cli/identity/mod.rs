//! The authority and what it issues: command by command, and on disk: many processes at once, processes that die, disks that fill, homes that
//! are not what they should be.

mod authority;
mod backup;
mod ca_crl;
mod ca_export;
mod ca_init;
mod ca_intermediate;
mod ca_verify;
mod concurrency;
mod crash;
mod disk;
mod homes;
mod jwt_svid;
mod kill;
mod passphrase;
mod svid_issue;
mod svid_issue_all;
mod svid_list;
mod svid_renew;
mod svid_renew_watch;
mod svid_revoke;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use meshsec::pki::Certificate;
use meshsec::pki::PrivateKey;
use meshsec::store::CertificateFilter;
use meshsec::store::CertificateRecord;
use meshsec::store::Home;
use meshsec::store::Order;
use tempfile::TempDir;

/// A folder of its own, with an authority in `home`.
pub(crate) struct Site(TempDir);

impl Site {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with an authority whose keys are in the clear, so that nothing waits for a passphrase.
    pub(crate) fn new() -> Self {
        let site = Self::empty();
        site.yes(&["ca", "init", "--insecure-no-password", "-q"]);
        site
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program, with nothing of the environment that could change what it does.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_meshsec"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("MESHSEC_HOME", self.path("home"))
            .env("COLUMNS", "100")
            .env_remove("MESHSEC_PASSWORD")
            .env_remove("NO_COLOR")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(&self.command(arguments).output().unwrap(), arguments)
    }

    /// Runs what has to succeed.
    pub(crate) fn yes(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.out
    }

    pub(crate) fn home(&self) -> Home {
        Home::open(&self.path("home")).unwrap()
    }

    /// Manifests with this many service accounts.
    pub(crate) fn write_accounts(&self, file: &str, count: usize) {
        let account =
            |number| format!("---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: a{number}, namespace: shop}}\n");
        fs::write(self.path(file), (0..count).map(account).collect::<String>()).unwrap();
    }

    /// What lies here, hidden files included.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.0.path())
    }
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) arguments: String,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn of(output: &Output, arguments: &[&str]) -> Self {
        Self {
            arguments: arguments.join(" "),
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every row of the ledger, after SQLite has looked at every page.
pub(crate) fn rows(home: &Home) -> Vec<CertificateRecord> {
    home.ledger().verify().unwrap();
    home.ledger().certificates(&CertificateFilter::default(), Order::Recorded).unwrap()
}

/// The certificates in a text that are there to their last line.
pub(crate) fn certificates(text: &str) -> Vec<Certificate> {
    let mut found = Vec::new();
    for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
        if let Some((base64, _)) = block.split_once("-----END CERTIFICATE-----") {
            let base64: String = base64.split_whitespace().collect();
            found.push(Certificate::from_der(&STANDARD.decode(base64).unwrap()).unwrap());
        }
    }
    found
}

/// The directories below this one that hold an identity, whether whole or not.
pub(crate) fn identity_directories(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    let entries: Vec<_> = entries.map(|entry| entry.unwrap()).collect();
    if entries.iter().any(|entry| !entry.file_type().unwrap().is_dir()) {
        found.push(folder.to_owned());
    }
    for entry in entries.iter().filter(|entry| entry.file_type().unwrap().is_dir()) {
        if !entry.file_name().to_str().unwrap().starts_with("..") {
            found.extend(identity_directories(&entry.path()));
        }
    }
    found
}

/// What a reader finds under the three names is whole, belongs together and is in the ledger; names may be missing.
pub(crate) fn check_identity(directory: &Path, recorded: &BTreeSet<String>) -> usize {
    let read = |name: &str| fs::read_to_string(directory.join(name)).ok();
    let place = directory.display();
    let key = read("key.pem").map(|text| PrivateKey::from_pem(&text, None).unwrap_or_else(|error| panic!("{place}: {error}")));
    let Some(chain) = read("cert-chain.pem") else { return 0 };
    let chain = certificates(&chain);
    assert_eq!(chain.len(), 2, "{place}: a chain is a leaf and its issuer");
    assert!(chain[0].is_signed_by(&chain[1]), "{place}");
    if let Some(key) = key {
        assert_eq!(key.public_key().unwrap().info(), chain[0].public_key().info(), "{place}: key and certificate");
    }
    let serial = chain[0].serial().to_string();
    assert!(recorded.contains(&serial), "{place}: {serial} left without being recorded");
    1
}

/// A random number below `limit`, from a state that a failing test can print.
pub(crate) fn next_random(state: &mut u64, limit: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % limit
}
