//! An authority whose keys are not encrypted, and what it issued: what the tests of one command after another stand on.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use meshsec::pki::Certificate;
use meshsec::pki::PrivateKey;
use serde_json::Value;

use crate::identity::Site;
use crate::identity::certificates;
use crate::run;
use crate::run::Ran;

/// A folder with an authority in `home`. Its keys are not encrypted, so that tests need not wait for them.
pub(crate) struct Authority(Site);

impl Authority {
    /// Of `cluster.local`, as `ca init` makes it.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Made with these flags.
    pub(crate) fn with(flags: &[&str]) -> Self {
        let authority = Self::nowhere();
        authority.done(&[&["ca", "init", "--insecure-no-password", "-q"], flags].concat());
        authority
    }

    /// The folder, and nothing in it yet.
    pub(crate) fn nowhere() -> Self {
        Self(Site::empty())
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// What lies in the folder, hidden files included.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.names()
    }

    /// The program, to be started here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.command(arguments);
        command.stdin(Stdio::piped());
        command
    }

    /// Runs the program here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, "")
    }

    /// Runs the program here with this on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Ran {
        run::finish(&mut self.command(arguments), input)
    }

    /// Runs what has to end well; its answer.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Runs what has to be refused with this exit code and these words; it answers nothing and leaves the ledger as it is.
    pub(crate) fn refuses(&self, arguments: &[&str], code: i32, says: &[&str]) {
        let before = self.serials("all");
        let ran = self.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{arguments:?}: {ran:?}");
        for words in says {
            assert!(ran.err.contains(words), "{arguments:?} does not say `{words}`: {}", ran.err);
        }
        assert_eq!(self.serials("all"), before, "{arguments:?} changed the ledger");
    }

    /// Issues to an account of namespace `shop` into a directory of the account's name.
    pub(crate) fn issue(&self, account: &str, flags: &[&str]) {
        let service_account = format!("shop/{account}");
        let fixed = ["svid", "issue", "--service-account", &service_account, "--out", account, "-q"];
        self.done(&[&fixed, flags].concat());
    }

    /// The rows of the ledger in this state (`valid`, `expired`, `revoked`, `all`), without authorities.
    pub(crate) fn rows(&self, state: &str) -> Vec<Value> {
        let ran = self.run(&["svid", "list", "--state", state, "-o", "json"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["certificates"].as_array().unwrap().clone()
    }

    /// Their serial numbers.
    pub(crate) fn serials(&self, state: &str) -> Vec<String> {
        self.rows(state).iter().map(|row| row["serial"].as_str().unwrap().to_owned()).collect()
    }

    /// What lies in a directory of an identity.
    pub(crate) fn files(&self, directory: &str) -> Files {
        Files::read(&self.path(directory))
    }
}

/// The three files of an identity.
pub(crate) struct Files {
    pub(crate) chain: Vec<Certificate>,
    pub(crate) key: PrivateKey,
    pub(crate) roots: Vec<Certificate>,
}

impl Files {
    /// Reads them; the key has to be the certificate's.
    pub(crate) fn read(directory: &Path) -> Self {
        let text = |name: &str| fs::read_to_string(directory.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let chain = certificates(&text("cert-chain.pem"));
        let key = PrivateKey::from_pem(&text("key.pem"), None).unwrap();
        assert_eq!(key.public_key().unwrap().info(), chain[0].public_key().info(), "the key is not the certificate's");
        Self { chain, key, roots: certificates(&text("root-cert.pem")) }
    }

    /// The certificate of the workload.
    pub(crate) fn leaf(&self) -> &Certificate {
        &self.chain[0]
    }

    /// Its serial number.
    pub(crate) fn serial(&self) -> String {
        self.leaf().serial().to_string()
    }

    /// Its names.
    pub(crate) fn names(&self) -> Vec<String> {
        self.leaf().subject_alt_names().iter().map(ToString::to_string).collect()
    }
}

/// A certificate signing request for a new key, with these DNS names.
pub(crate) fn request(dns_names: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = dns_names.iter().map(|name| (*name).to_owned()).collect();
    rcgen::CertificateParams::new(names).unwrap().serialize_request(&key).unwrap().pem().unwrap()
}
