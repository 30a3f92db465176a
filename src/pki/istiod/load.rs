//! istiod's loader: the checks it makes, in its order, with its words.
//!
//! Follows `pilot/pkg/bootstrap/istio_ca.go` (which files must exist), `security/pkg/pki/util/keycertbundle.go` (`Verify`) and
//! `security/pkg/pki/ca/ca.go` (`NewPluggedCertIstioCAOptions`, `minTTL`) of Istio 1.32.

use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;

use crate::pki::istiod::go;
use crate::pki::istiod::go::Certificate;
use crate::pki::istiod::go::KeyFile;
use crate::pki::istiod::go::Pool;
use crate::pki::istiod::go::PublicKey;
use crate::pki::istiod::go::Purpose;
use crate::pki::istiod::go::RevocationList;
use crate::pki::istiod::go::Rule;
use crate::pki::istiod::go::Trust;
use crate::pki::istiod::material::FileName;
use crate::pki::istiod::material::Layout;
use crate::pki::istiod::material::Material;
use crate::pki::pem_reader::PemBlock;
use crate::pki::pem_reader::PemReader;

/// A check of istiod that failed.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Which check.
    pub check: Check,
    /// What istiod says, from the point on where it names the check.
    pub words: String,
    /// The file to look at.
    pub file: FileName,
    /// The certificate to look at.
    pub(super) certificate: Option<Rc<Certificate>>,
    /// More than istiod says, when it says too little.
    pub detail: Option<String>,
}

/// The checks, in istiod's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// All files are there.
    Complete,
    /// The first block of the signing certificate's file is a certificate.
    SignerReadable,
    /// It verifies against roots and chain.
    SignerTrusted(Broken),
    /// The first block of the key's file is a private key.
    KeyReadable,
    /// The key belongs to the certificate.
    KeyMatches,
    /// With a revocation list: every block of the chain is a certificate.
    ChainReadable,
    /// Every block of the revocation lists' file is one.
    CrlReadable,
    /// Every certificate of the chain has one.
    CrlPresent,
    /// The signing certificate is an authority's.
    SignerIsAuthority,
    /// The first block of the chain is a certificate.
    ChainStartReadable,
    /// It has not expired.
    ChainStartCurrent,
}

/// Why a path is not trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// Nobody of the issuer's name is known.
    UnknownIssuer,
    /// A signature does not hold.
    Signature,
    /// A certificate has expired.
    Expired,
    /// A certificate is not valid yet.
    NotYetValid,
    /// A certificate may not sign others.
    NotAnAuthority,
    /// A path length is exceeded.
    PathLength,
    /// Extended key usage forbids it.
    Purpose,
    /// Name constraints forbid it.
    Names,
    /// A critical extension is not understood.
    CriticalExtension,
    /// Certificate policies forbid it, or there are too many candidates.
    Other,
}

impl Refused {
    /// What istiod prints when it does not start.
    #[must_use]
    pub fn message(&self) -> String {
        let words = &self.words;
        match self.check {
            Check::Complete | Check::SignerIsAuthority | Check::ChainStartReadable | Check::ChainStartCurrent => {
                format!("failed to create an istiod CA: {words}")
            }
            Check::SignerReadable
            | Check::SignerTrusted(_)
            | Check::KeyReadable
            | Check::KeyMatches
            | Check::ChainReadable
            | Check::CrlReadable
            | Check::CrlPresent => format!("failed to create an istiod CA: failed to create CA KeyCertBundle ({words})"),
        }
    }
}

impl From<Rule> for Broken {
    fn from(rule: Rule) -> Self {
        match rule {
            Rule::UnhandledCriticalExtension => Self::CriticalExtension,
            Rule::NotYetValid => Self::NotYetValid,
            Rule::Expired => Self::Expired,
            Rule::NotAnAuthority => Self::NotAnAuthority,
            Rule::PathLength => Self::PathLength,
            Rule::Signature => Self::Signature,
            Rule::UnknownAuthority => Self::UnknownIssuer,
            Rule::Purpose => Self::Purpose,
            Rule::NameConstraints => Self::Names,
            Rule::Policies | Rule::TooManyChecks => Self::Other,
        }
    }
}

/// What the files hold, as far as istiod reads them.
pub(super) struct Contents {
    pub(super) signer: Result<Rc<Certificate>, &'static str>,
    /// Why the signer cannot be read, in Go's words.
    pub(super) signer_detail: Option<String>,
    /// The key that signs.
    pub(super) key: Result<KeyFile, String>,
    pub(super) roots: Pool,
    pub(super) intermediates: Pool,
    pub(super) chain_text: Vec<u8>,
}

impl Contents {
    pub(super) fn read(material: &Material) -> Self {
        let layout = material.layout();
        let chain_text = material.chain_text();
        let (signer, signer_detail) = match first_certificate(material.content(layout.signer())) {
            Ok(signer) => (Ok(Rc::new(signer)), None),
            Err((words, detail)) => (Err(words), detail),
        };
        Self {
            signer,
            signer_detail,
            key: signing_key(material.content(layout.key())),
            roots: Pool::from_pem(material.content(layout.roots())),
            intermediates: Pool::from_pem(&chain_text),
            chain_text,
        }
    }

    pub(super) fn trust(&self, now: Timestamp) -> Trust<'_> {
        Trust { roots: &self.roots, intermediates: &self.intermediates, now }
    }
}

/// Every check that fails, in istiod's order; the first is the one istiod stops at.
pub(super) fn refusals(material: &Material, contents: &Contents, now: Timestamp) -> Vec<Refused> {
    let layout = material.layout();
    let mut missing = [layout.key(), layout.signer(), layout.roots()]
        .into_iter()
        .chain(layout.chain().iter().copied())
        .filter(|file| !material.has(*file));
    if let Some(file) = missing.next() {
        // Nothing is looked into, and what is not there would fail every other check.
        return vec![refusal(Check::Complete, file, "incomplete signing CA bundle detected".to_owned())];
    }
    let mut refused = Vec::new();
    refused.extend(signer_trusted(material, contents, now));
    refused.extend(key_matches(material, contents));
    refused.extend(revocation_lists(material, contents));
    if let Ok(signer) = &contents.signer
        && !signer.says.is_ca
    {
        let words = "certificate is not authorized to sign other certificates".to_owned();
        refused.push(about(refusal(Check::SignerIsAuthority, layout.signer(), words), signer));
    }
    refused.extend(chain_start(material, contents, now));
    refused
}

fn refusal(check: Check, file: FileName, words: String) -> Refused {
    Refused { check, words, file, certificate: None, detail: None }
}

fn about(refused: Refused, certificate: &Rc<Certificate>) -> Refused {
    Refused { certificate: Some(Rc::clone(certificate)), ..refused }
}

/// The first block whatever its label, read as a certificate; istiod's words, and Go's in detail.
fn first_certificate(text: &[u8]) -> Result<Certificate, (&'static str, Option<String>)> {
    let block = PemReader::new(text).next().ok_or(("invalid PEM encoded certificate", None))?;
    Certificate::read(&block.der).map_err(|detail| ("failed to parse X.509 certificate", Some(detail)))
}

fn signer_trusted(material: &Material, contents: &Contents, now: Timestamp) -> Option<Refused> {
    let file = material.layout().signer();
    let signer = match &contents.signer {
        Ok(signer) => signer,
        Err(words) => {
            let refused = refusal(Check::SignerReadable, file, format!("failed to parse cert PEM: {words}"));
            return Some(Refused { detail: contents.signer_detail.clone(), ..refused });
        }
    };
    let failed = go::verify(signer, contents.trust(now), Some(&Purpose::Server)).err()?;
    let words = format!("cannot verify the cert with the provided root chain and cert pool with error: {}", failed.words);
    let certificate = failed.certificate.unwrap_or_else(|| Rc::clone(signer));
    Some(about(refusal(Check::SignerTrusted(failed.rule.into()), file, words), &certificate))
}

/// The key istiod signs with: the first block, whose label must fit what it holds.
fn signing_key(text: &[u8]) -> Result<KeyFile, String> {
    let block = PemReader::new(text).next().ok_or("invalid PEM-encoded key")?;
    let named = |kind: &str, words: String| format!("failed to parse the {kind} private key: {words}");
    match block.label.as_str() {
        "EC PRIVATE KEY" => go::sec1_private_key(&block.der).map_err(|words| named("ECDSA", words)),
        "RSA PRIVATE KEY" => go::pkcs1_private_key(&block.der).map_err(|words| named("RSA", words)),
        "PRIVATE KEY" => go::pkcs8_private_key(&block.der).map_err(|words| named("PKCS8", words)),
        label => Err(format!("unsupported PEM block type for a private key: {label}")),
    }
}

fn key_matches(material: &Material, contents: &Contents) -> Option<Refused> {
    let layout = material.layout();
    let key_text = material.content(layout.key());
    if let Err(words) = &contents.key {
        return Some(refusal(Check::KeyReadable, layout.key(), format!("failed to parse private key PEM: {words}")));
    }
    let (file, words) = pair(material.content(layout.signer()), key_text).err()?;
    let file = if file == Side::Key { layout.key() } else { layout.signer() };
    let refused = refusal(Check::KeyMatches, file, format!("the cert does not match the key: {words}"));
    Some(match &contents.signer {
        Ok(signer) => about(refused, signer),
        Err(_) => refused,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Certificate,
    Key,
}

/// `tls.X509KeyPair`.
fn pair(certificates: &[u8], keys: &[u8]) -> Result<(), (Side, String)> {
    let blocks: Vec<PemBlock> = PemReader::new(certificates).collect();
    let Some(block) = blocks.iter().find(|block| block.label == "CERTIFICATE") else {
        let labels: Vec<&str> = blocks.iter().map(|block| block.label.as_str()).collect();
        return Err((
            Side::Certificate,
            match labels.as_slice() {
                [] => "tls: failed to find any PEM data in certificate input".to_owned(),
                [label] if label.ends_with("PRIVATE KEY") => {
                    "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
                        .to_owned()
                }
                _ => format!(
                    "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: [{}]",
                    labels.join(" ")
                ),
            },
        ));
    };
    let is_key = |block: &PemBlock| block.label == "PRIVATE KEY" || block.label.ends_with(" PRIVATE KEY");
    let Some(key) = PemReader::new(keys).find(is_key) else {
        return Err((Side::Key, "tls: failed to find any PEM data in key input".to_owned()));
    };
    let certificate = Certificate::read(&block.der).map_err(|words| (Side::Certificate, words))?;
    let key = go::any_private_key(&key.der).map_err(|words| (Side::Key, words))?;
    let matches = match (&certificate.public_key, &key) {
        (Some(PublicKey::Rsa(own)), PublicKey::Rsa(other)) => own == other,
        (Some(PublicKey::Ecdsa(curve, own)), PublicKey::Ecdsa(other_curve, other)) => curve == other_curve && own == other,
        (Some(PublicKey::Ed25519(own)), PublicKey::Ed25519(other)) => own == other,
        (None | Some(PublicKey::Dsa), _) => return Err((Side::Certificate, "tls: unknown public key algorithm".to_owned())),
        _ => return Err((Side::Key, "tls: private key type does not match public key type".to_owned())),
    };
    if matches { Ok(()) } else { Err((Side::Key, "tls: private key does not match public key".to_owned())) }
}

/// Every certificate of the chain needs a list that verifies under it, when there is a file of lists at all.
fn revocation_lists(material: &Material, contents: &Contents) -> Option<Refused> {
    if material.layout() != Layout::Istio || material.content(FileName::CaCrl).is_empty() {
        return None;
    }
    // By the text of the subject: of two certificates with one subject only the last counts.
    let mut missing: BTreeMap<String, Rc<Certificate>> = BTreeMap::new();
    for block in PemReader::new(&contents.chain_text) {
        match Certificate::read(&block.der) {
            Ok(certificate) => missing.insert(certificate.subject.text(), Rc::new(certificate)),
            Err(words) => {
                return Some(refusal(Check::ChainReadable, FileName::CertChain, format!("failed to parse cert chain: {words}")));
            }
        };
    }
    let mut lists = Vec::new();
    for block in PemReader::new(material.content(FileName::CaCrl)) {
        match RevocationList::read(&block.der) {
            Ok(list) => lists.push(list),
            Err(words) => {
                let refused = refusal(Check::CrlReadable, FileName::CaCrl, format!("failed to parse CRL PEM: {words}"));
                return Some(Refused { detail: Some(format!("line {}", block.line)), ..refused });
            }
        }
    }
    missing.retain(|_, certificate| !lists.iter().any(|list| list.check_signature_from(certificate).is_ok()));
    let first = missing.values().next()?;
    let names: Vec<&str> = missing.keys().map(String::as_str).collect();
    let words = format!("missing CRL signed by certificates: [{}]", names.join(" "));
    Some(about(refusal(Check::CrlPresent, FileName::CaCrl, words), first))
}

/// The first block of the chain caps the lifetime of what is signed, so it must be a certificate that has not expired.
fn chain_start(material: &Material, contents: &Contents, now: Timestamp) -> Option<Refused> {
    if contents.chain_text.is_empty() {
        return None;
    }
    let file = *material.layout().chain().first()?;
    match first_certificate(&contents.chain_text) {
        Err((words, detail)) => {
            let words = format!(
                "failed to get default cert TTL failed to get cert chain TTL failed to extract cert expiration timestamp: failed to parse the cert: {words}"
            );
            Some(Refused { detail, ..refusal(Check::ChainStartReadable, file, words) })
        }
        Ok(first) if !first.not_after.is_after(now) => {
            let words = "failed to get default cert TTL cert chain has expired".to_owned();
            Some(about(refusal(Check::ChainStartCurrent, file, words), &Rc::new(first)))
        }
        Ok(_) => None,
    }
}
