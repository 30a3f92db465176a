//! The plug-in authority: what istiod mounts, once its own checks and those of peers pass on it.

use std::fmt;

use clap::Args;
use jiff::SignedDuration;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::cli::ca::crl;
use crate::cli::ca::init::DEFAULT;
use crate::cli::ca::material::SECRET_NAME;
use crate::cli::ca::signing::AuthorityArgs;
use crate::cli::ca::signing::Issuer;
use crate::cli::duration::parse_ttl;
use crate::cli::entropy::SystemEntropy;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::passphrase::Passphrase;
use crate::pki::Crl;
use crate::pki::KeyEncryption;
use crate::pki::KeyType;
use crate::pki::istiod;
use crate::pki::istiod::FileName;
use crate::pki::istiod::Material;
use crate::pki::pem_chain;
use crate::render::KubernetesSecret;
use crate::store::AuthorityName;
use crate::store::Home;
use crate::store::PublishedFile;

/// Which intermediate istiod is to sign with.
#[derive(Debug, Args)]
pub(super) struct PlugInArgs {
    #[command(flatten)]
    authority: AuthorityArgs,
    /// The intermediate
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    pub(super) name: AuthorityName,
    /// Also write the complete set of revocation lists; peers then refuse whoever no list covers
    #[arg(long)]
    pub(super) crl: bool,
    /// How long the revocation lists last
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = parse_ttl, requires = "crl")]
    next_update: SignedDuration,
    /// Namespace of the Secret
    #[arg(long, value_name = "NAMESPACE", default_value = "istio-system")]
    pub(super) namespace: String,
}

/// The home with the intermediate opened, and nothing written yet.
pub(super) struct Opened {
    home: Home,
    passphrase: Option<Passphrase>,
    pub(super) issuer: Issuer,
}

impl PlugInArgs {
    /// Opens the intermediate's key.
    pub(super) fn open(&self, env: &Env<'_>) -> Result<Opened, Error> {
        let (home, passphrase) = self.authority.open(env)?;
        let issuer = Issuer::open(&home, &self.name, passphrase.as_ref().map(|passphrase| passphrase.as_str()))?;
        Ok(Opened { home, passphrase, issuer })
    }

    /// Signs the revocation lists, when they are wanted. They have their numbers then, whatever becomes of them.
    pub(super) fn lists(&self, opened: &mut Opened, now: Timestamp) -> Result<Option<Vec<Crl>>, Error> {
        if !self.crl {
            return Ok(None);
        }
        let authorities = crl::listed(&opened.home, now)?;
        let passphrase = opened.passphrase.as_ref().map(|passphrase| passphrase.as_str());
        crl::sign_all(&mut opened.home, &authorities, passphrase, now, self.next_update).map(Some)
    }
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
        let verdict = istiod::verify(&self.material(), issuer.authority.trust_domain.as_str(), now);
        if verdict.usable {
            return Ok(());
        }
        let reasons: Vec<&str> = verdict.findings.iter().map(|finding| finding.message.as_str()).collect();
        Err(Error::question(
            format!("the mesh would not work with `{}`: {}", issuer.authority.name, reasons.join("; ")),
            "see `meshsec ca show`: an expired authority is replaced by `meshsec ca intermediate --replace` or `meshsec ca rotate`".to_owned(),
        ))
    }

    /// The files as istiod finds them.
    pub(super) fn material(&self) -> Material {
        let mut material = Material::default();
        for file in self.files() {
            if let Some(name) = FileName::from_name(file.name) {
                material.insert(name, file.bytes.to_vec());
            }
        }
        material
    }

    /// The Secret that istiod mounts.
    pub(super) fn secret<'s>(&'s self, namespace: &'s str) -> KubernetesSecret<'s> {
        KubernetesSecret {
            namespace,
            name: SECRET_NAME,
            secret_type: "Opaque",
            annotations: Vec::new(),
            data: self.files().into_iter().map(|file| (file.name, file.bytes)).collect(),
        }
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

/// Nothing of what it holds.
impl fmt::Debug for PlugIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PlugIn").finish_non_exhaustive()
    }
}
