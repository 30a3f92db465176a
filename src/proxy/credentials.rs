//! The workload's certificate with its key, and whom it trusts.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use std::sync::Arc;
use thiserror::Error;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::PemReader;
use crate::pki::PkiError;
use crate::pki::svid::spiffe_id;
use crate::spiffe::SpiffeId;

/// What a workload presents, and whom it trusts.
#[derive(Debug)]
pub struct Credentials {
    pub(super) identity: SpiffeId,
    pub(super) certified: Arc<CertifiedKey>,
    pub(super) not_after: Timestamp,
    pub(super) not_before: Timestamp,
    pub(super) roots: Vec<Certificate>,
    pub(super) crls: Vec<Crl>,
}

/// Why certificates, key and roots are no credentials.
#[derive(Debug, Error)]
pub enum CredentialsError {
    /// There is nothing of this kind.
    #[error("there is no {0} in it")]
    Missing(&'static str),
    /// The certificate names no workload.
    #[error("the certificate is no workload's: {0}")]
    Identity(String),
    /// The key is not the certificate's, or of a type that TLS does not use.
    #[error("the key does not go with the certificate: {0}")]
    Key(rustls::Error),
    /// Something cannot be read.
    #[error(transparent)]
    Pki(#[from] PkiError),
}

impl Credentials {
    /// Reads PEM: the chain beginning with the workload's own certificate, its key in PKCS#8, the roots, and revocation lists or nothing.
    ///
    /// # Errors
    /// When something is missing or cannot be read, or the key is not the certificate's.
    pub fn from_pem(chain: &str, key: &[u8], roots: &str, lists: &str) -> Result<Self, CredentialsError> {
        let chain = certificates(chain)?;
        let leaf = chain.first().ok_or(CredentialsError::Missing("certificate"))?;
        let identity = spiffe_id(leaf).map_err(|error| CredentialsError::Identity(error.to_string()))?;
        let block = PemReader::new(key).find(|block| block.label.ends_with("PRIVATE KEY"));
        let block = block.ok_or(CredentialsError::Missing("private key"))?;
        let key = match block.label.as_str() {
            "EC PRIVATE KEY" => PrivateKeyDer::Sec1(block.der.to_vec().into()),
            "RSA PRIVATE KEY" => PrivateKeyDer::Pkcs1(block.der.to_vec().into()),
            "ENCRYPTED PRIVATE KEY" => return Err(PkiError::PassphraseMissing.into()),
            _ => PrivateKeyDer::Pkcs8(block.der.to_vec().into()),
        };
        let sent = chain.iter().map(|certificate| CertificateDer::from(certificate.der().to_vec())).collect();
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let certified = CertifiedKey::from_der(sent, key, &provider).map_err(CredentialsError::Key)?;
        let roots = certificates(roots)?;
        if roots.is_empty() {
            return Err(CredentialsError::Missing("root certificate"));
        }
        let crls = PemReader::new(lists.as_bytes())
            .filter(|block| block.label == "X509 CRL")
            .map(|block| Crl::from_der(&block.der))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            identity,
            certified: Arc::new(certified),
            not_after: leaf.not_after(),
            not_before: leaf.not_before(),
            roots,
            crls,
        })
    }

    /// Whose they are.
    #[must_use]
    pub fn identity(&self) -> &SpiffeId {
        &self.identity
    }

    /// The same with other revocation lists.
    #[must_use]
    pub fn with_lists(&self, crls: Vec<Crl>) -> Self {
        Self {
            identity: self.identity.clone(),
            certified: Arc::clone(&self.certified),
            not_after: self.not_after,
            not_before: self.not_before,
            roots: self.roots.clone(),
            crls,
        }
    }

    /// The revocation lists that callers are held against.
    #[must_use]
    pub fn lists(&self) -> &[Crl] {
        &self.crls
    }

    /// From when until when the certificate is good.
    #[must_use]
    pub fn lifetime(&self) -> (Timestamp, Timestamp) {
        (self.not_before, self.not_after)
    }
}

fn certificates(text: &str) -> Result<Vec<Certificate>, PkiError> {
    PemReader::new(text.as_bytes())
        .filter(|block| block.label == "CERTIFICATE")
        .map(|block| Certificate::from_der(&block.der))
        .collect()
}
