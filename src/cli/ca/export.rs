use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::cli::ca::crl;
use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::ca::signing::Issuer;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::error::Outcome;
use crate::pki::Crl;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::istiod;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Material;
use crate::pki::pem_chain;
use crate::render;
use crate::render::KubernetesSecret;
use crate::store;
use crate::store::AuthorityName;
use crate::store::PublishedFile;
use crate::store::publish;

/// Write an intermediate for the program that is to sign with it
///
/// For Istio that is the plug-in authority: `ca-cert.pem`, `ca-key.pem`, `cert-chain.pem`, `root-cert.pem`, and `ca-crl.pem` with `--crl`.
/// The key leaves unencrypted, because istiod has no passphrase: the directory is for its owner only, the Secret for a pipe. What is
/// written is first loaded as istiod would load it. During a rotation it holds what belongs to the present step.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ExportArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// The program that is to sign
    #[arg(long = "for", value_enum, value_name = "CONSUMER")]
    consumer: Consumer,
    /// The intermediate
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    name: AuthorityName,
    /// Also write the complete set of revocation lists; peers then refuse whoever no list covers
    #[arg(long)]
    crl: bool,
    /// How long the revocation lists last
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = parse_ttl, requires = "crl")]
    next_update: SignedDuration,
    /// Namespace of the Secret
    #[arg(long, value_name = "NAMESPACE", default_value = "istio-system")]
    namespace: String,
    /// Replace files of the same names that something else wrote
    #[arg(long, help_heading = "Output")]
    overwrite: bool,
    /// Directory to write, or `k8s` for a Secret `cacerts` on standard output
    #[arg(short, long, value_name = "DIR|k8s", help_heading = "Output")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  meshsec ca export --for istio --name cluster-east -o cacerts/
  meshsec ca export --for istio --name cluster-east -o k8s | kubectl apply -f -";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Consumer {
    /// istiod, as Secret `cacerts`
    Istio,
}

/// What istiod mounts.
pub(super) struct PlugIn {
    pub(super) ca_cert: String,
    pub(super) ca_key: Zeroizing<String>,
    pub(super) cert_chain: String,
    pub(super) root_cert: String,
    pub(super) ca_crl: Option<String>,
}

impl PlugIn {
    /// The files of an issuer, once istiod's own checks and those of peers pass on them. The chain begins with the signer and leaves the root out.
    pub(super) fn of(issuer: &Issuer, lists: Option<&[Crl]>, now: Timestamp) -> Result<Self, Error> {
        let certificate = issuer.signer.certificate();
        if issuer.signer.key().key_type() == KeyType::Ed25519 {
            return Err(Error::question(
                format!(
                    "`{}` has an Ed25519 key: istiod would sign with it, and Envoy refuses what it signs",
                    issuer.authority.name
                ),
                "make an intermediate with `--key-type ecdsa-p256` under a root of the same kind".to_owned(),
            ));
        }
        let plug_in = Self {
            ca_cert: certificate.pem(),
            ca_key: issuer.signer.key().to_pem(&KeyEncryption::Plain, &mut SystemEntropy::new())?,
            cert_chain: certificate.pem(),
            root_cert: pem_chain(&issuer.bundle),
            ca_crl: lists.map(|lists| lists.iter().map(Crl::pem).collect()),
        };
        plug_in.require_usable(issuer, now)?;
        Ok(plug_in)
    }

    fn require_usable(&self, issuer: &Issuer, now: Timestamp) -> Result<(), Error> {
        let mut material = Material::default();
        for file in self.files() {
            if let Some(name) = FileName::from_name(file.name) {
                material.insert(name, file.bytes.to_vec());
            }
        }
        let verdict = istiod::verify(&material, issuer.authority.trust_domain.as_str(), now);
        if verdict.usable {
            return Ok(());
        }
        let reasons: Vec<&str> = verdict.findings.iter().map(|finding| finding.message.as_str()).collect();
        Err(Error::question(
            format!("the mesh would not work with `{}`: {}", issuer.authority.name, reasons.join("; ")),
            "see `meshsec ca show`: an expired authority is replaced by `meshsec ca intermediate --replace` or `meshsec ca rotate`".to_owned(),
        ))
    }

    /// Name, content, and whether only the owner may read it.
    pub(super) fn files(&self) -> Vec<PublishedFile<'_>> {
        let mut files = vec![
            PublishedFile { name: "ca-cert.pem", bytes: self.ca_cert.as_bytes(), is_private: false },
            PublishedFile { name: "ca-key.pem", bytes: self.ca_key.as_bytes(), is_private: true },
            PublishedFile { name: "cert-chain.pem", bytes: self.cert_chain.as_bytes(), is_private: false },
            PublishedFile { name: "root-cert.pem", bytes: self.root_cert.as_bytes(), is_private: false },
        ];
        if let Some(lists) = &self.ca_crl {
            files.push(PublishedFile { name: "ca-crl.pem", bytes: lists.as_bytes(), is_private: false });
        }
        files
    }
}

impl ExportArgs {
    fn is_for_kubernetes(&self) -> bool {
        self.output == Path::new("k8s")
    }

    pub(super) fn run(self, env: &mut Env<'_>) -> Result<Outcome, Error> {
        let Consumer::Istio = self.consumer;
        let (mut home, passphrase) = self.authority.open(env)?;
        let passphrase = passphrase.as_ref().map(|passphrase| passphrase.as_str());
        let issuer = Issuer::open(&home, &self.name, passphrase)?;
        // Everything that can be refused is refused before a revocation list gets its number.
        if !self.is_for_kubernetes() {
            store::require_writable(&self.output)?;
        }
        let refusable = PlugIn::of(&issuer, None, env.now)?;
        if !self.is_for_kubernetes() && !self.overwrite {
            let names: Vec<&str> = refusable.files().iter().map(|file| file.name).collect();
            store::require_own(&self.output, &names)?;
        }
        let lists = if self.crl {
            let authorities = crl::listed(&home, env.now)?;
            Some(crl::sign_all(&mut home, &authorities, passphrase, env.now, self.next_update)?)
        } else {
            None
        };
        let plug_in = PlugIn::of(&issuer, lists.as_deref(), env.now)?;
        if self.is_for_kubernetes() {
            let files = plug_in.files();
            let secret = KubernetesSecret {
                namespace: &self.namespace,
                name: "cacerts",
                secret_type: "Opaque",
                annotations: Vec::new(),
                data: files.iter().map(|file| (file.name, file.bytes)).collect(),
            };
            render::kubernetes_secret(env.stdout, &secret)?;
            return Ok(Outcome::Yes);
        }
        let version = format!("{}-{}", issuer.signer.certificate().serial(), env.now.as_nanosecond());
        publish(&self.output, &version, &plug_in.files(), self.overwrite)?;
        if !env.quiet {
            let names: Vec<&str> = plug_in.files().iter().map(|file| file.name).collect();
            writeln!(env.stderr, "wrote {} in {}", names.join(", "), self.output.display())?;
            writeln!(env.stderr, "{} ca-key.pem is not encrypted: istiod has no passphrase", env.style.warning("warning:"))?;
        }
        Ok(Outcome::Yes)
    }
}
