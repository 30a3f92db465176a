//! An authority whose keys are not encrypted, and what it issued: what the tests of one command after another stand on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use jiff::Timestamp;
use meshsec::cli::entropy::SystemEntropy;
use meshsec::pki::AuthorityProfile;
use meshsec::pki::AuthorityState;
use meshsec::pki::Certificate;
use meshsec::pki::Entropy;
use meshsec::pki::KeyEncryption;
use meshsec::pki::KeyType;
use meshsec::pki::Lifetime;
use meshsec::pki::PrivateKey;
use meshsec::pki::Signer;
use meshsec::spiffe::TrustDomain;
use meshsec::store::AuthorityId;
use meshsec::store::Home;
use meshsec::store::NewAuthority;
use meshsec::store::Settings;
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

    /// Made at another time, with an intermediate that lives this long.
    pub(crate) fn made_at(then: Timestamp, intermediate_ttl: SignedDuration) -> Self {
        let authority = Self::nowhere();
        let trust_domain: TrustDomain = "cluster.local".parse().unwrap();
        let settings = Settings {
            trust_domain: trust_domain.clone(),
            max_svid_ttl: SignedDuration::from_hours(24),
            are_keys_encrypted: false,
            bundle_sequence: 1,
        };
        let mut entropy = SystemEntropy::new();
        let root = AuthorityProfile {
            trust_domain: trust_domain.clone(),
            common_name: "root".to_owned(),
            serial: entropy.serial().unwrap(),
            lifetime: Lifetime::of(then, SignedDuration::from_hours(10_000)),
            path_length: Some(1),
            is_constrained: false,
        };
        let root = Signer::self_signed(&root, entropy.private_key(KeyType::EcdsaP256).unwrap()).unwrap();
        let intermediate = AuthorityProfile {
            trust_domain: trust_domain.clone(),
            common_name: "default".to_owned(),
            serial: entropy.serial().unwrap(),
            lifetime: Lifetime::under(root.certificate(), then, intermediate_ttl).unwrap(),
            path_length: Some(0),
            is_constrained: false,
        };
        let key = entropy.private_key(KeyType::EcdsaP256).unwrap();
        let intermediate = root.sign_intermediate(&intermediate, &key.public_key().unwrap()).unwrap();
        let intermediate = Signer::new(intermediate, key).unwrap();
        let mut new = Home::create(&authority.path("home"), &settings, then).unwrap();
        let mut parent = None;
        for (name, signer) in [("root", &root), ("default", &intermediate)] {
            let id = AuthorityId::of(signer.certificate()).unwrap();
            let pem = signer.key().to_pem(&KeyEncryption::Plain, &mut entropy).unwrap();
            new.home_mut().write_key(&id, &pem).unwrap();
            let row = NewAuthority {
                name: name.parse().unwrap(),
                parent: parent.replace(id),
                trust_domain: trust_domain.clone(),
                state: AuthorityState::Active,
                certificate: signer.certificate().clone(),
                key_type: KeyType::EcdsaP256,
                created_at: then,
            };
            new.home_mut().ledger_mut().transaction(|transaction| transaction.insert_authority(&row)).unwrap();
        }
        new.commit().unwrap();
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

    /// Runs what has to be refused with this exit code and these words; it answers nothing, writes nothing here and changes nothing in the
    /// ledger.
    pub(crate) fn refuses(&self, arguments: &[&str], code: i32, says: &[&str]) {
        let everything = || (self.serials("all"), self.done(&["ca", "show", "-o", "json"]), self.names());
        let before = everything();
        let ran = self.run(arguments);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{arguments:?}: {ran:?}");
        for words in says {
            assert!(ran.err.contains(words), "{arguments:?} does not say `{words}`: {}", ran.err);
        }
        assert_eq!(everything(), before, "{arguments:?} changed something");
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

    /// What `ca show` says of the authority of this name (and state, if several have it).
    pub(crate) fn authority(&self, name: &str, state: &str) -> Value {
        let shown = self.run(&["ca", "show", "-o", "json"]).json();
        let is_it = |found: &&Value| found["name"] == name && found["state"] == state;
        let found = shown["authorities"].as_array().unwrap().iter().find(is_it).cloned();
        found.unwrap_or_else(|| panic!("no {state} {name} in {shown}"))
    }

    /// Its certificate.
    pub(crate) fn certificate(&self, name: &str, state: &str) -> Certificate {
        certificates(self.authority(name, state)["certificate"].as_str().unwrap()).swap_remove(0)
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

/// The permission bits of a file or directory, without following a link.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())).permissions().mode() & 0o7777
}

/// The keys of an object, in order.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What a Kubernetes Secret in YAML holds: everything but its data line by line, and the data decoded.
pub(crate) fn secret(yaml: &str) -> (String, Vec<(String, String)>) {
    let (head, data) = yaml.split_once("\ndata:\n").unwrap_or_else(|| panic!("no data in {yaml}"));
    let decode = |line: &str| {
        let (key, base64) = line.trim().split_once(": ").unwrap();
        (key.to_owned(), String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap())
    };
    (format!("{head}\n"), data.lines().map(decode).collect())
}

/// A certificate signing request for a new key, with these DNS names.
pub(crate) fn request(dns_names: &[&str]) -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = dns_names.iter().map(|name| (*name).to_owned()).collect();
    rcgen::CertificateParams::new(names).unwrap().serialize_request(&key).unwrap().pem().unwrap()
}
