use jiff::Timestamp;
use rcgen::CertificateParams;
use rcgen::CertificateRevocationListParams;
use rcgen::Issuer;
use rcgen::KeyIdMethod;
use rcgen::RevokedCertParams;
use rustls_pki_types::CertificateDer;

use crate::pki::AuthorityProfile;
use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::CrlEntry;
use crate::pki::PkiError;
use crate::pki::PrivateKey;
use crate::pki::PublicKey;
use crate::pki::SerialNumber;
use crate::pki::SvidProfile;
use crate::pki::time::to_offset;

/// A signing certificate together with its private key.
#[derive(Debug)]
pub struct Signer {
    certificate: Certificate,
    issuer: Issuer<'static, PrivateKey>,
}

impl Signer {
    /// Joins a signing certificate and its key.
    ///
    /// # Errors
    /// When the key is not the certificate's, or the certificate is not allowed to sign certificates.
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self, PkiError> {
        if key.public_key()?.info() != certificate.public_key().info() {
            return Err(PkiError::KeyMismatch(certificate.subject().to_owned()));
        }
        let refuse = |reason: &str| PkiError::SignerNotAllowed {
            signer: certificate.subject().to_owned(),
            what: "certificates",
            reason: reason.to_owned(),
        };
        if !certificate.is_ca() {
            return Err(refuse("it is no certificate of an authority (basicConstraints)"));
        }
        if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(refuse("its keyUsage lacks keyCertSign"));
        }
        let der = CertificateDer::from(certificate.der());
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(|error| PkiError::Certificate(error.to_string()))?;
        Ok(Self { certificate, issuer })
    }

    /// Makes a self-signed root.
    ///
    /// # Errors
    /// When the library refuses to sign.
    pub fn self_signed(profile: &AuthorityProfile, key: PrivateKey) -> Result<Self, PkiError> {
        let made = profile.to_params()?.self_signed(&key).map_err(signing)?;
        Self::new(Certificate::from_der(made.der())?, key)
    }

    /// The signing certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The signing key.
    #[must_use]
    pub fn key(&self) -> &PrivateKey {
        self.issuer.key()
    }

    /// Signs another authority's certificate.
    ///
    /// # Errors
    /// When this signer's path length lets none stand below it, or the library refuses.
    pub fn sign_intermediate(&self, profile: &AuthorityProfile, key: &PublicKey) -> Result<Certificate, PkiError> {
        let own = self.certificate.basic_constraints().and_then(|constraints| constraints.path_length);
        let wanted = profile.path_length.map(u64::from);
        if let Some(own) = own.filter(|own| wanted.is_none_or(|wanted| wanted >= *own)) {
            return Err(PkiError::SignerNotAllowed {
                signer: self.certificate.subject().to_owned(),
                what: "another authority",
                reason: match wanted {
                    _ if own == 0 => "its path length is 0".to_owned(),
                    Some(wanted) => {
                        format!("its path length is {own}, so one below it may have at most {}, not {wanted}", own - 1)
                    }
                    None => format!("its path length is {own}, so one below it needs a smaller one"),
                },
            });
        }
        self.sign(&profile.to_params_below()?, key)
    }

    /// Signs a workload's certificate.
    ///
    /// # Errors
    /// When the key is weak or of a type that is not certified, or the library refuses.
    pub fn sign_svid(&self, profile: &SvidProfile, key: &PublicKey) -> Result<Certificate, PkiError> {
        key.require_strength()?;
        self.sign(&profile.to_params(key)?, key)
    }

    fn sign(&self, params: &CertificateParams, key: &PublicKey) -> Result<Certificate, PkiError> {
        let made = params.signed_by(&key.to_rcgen()?, &self.issuer).map_err(signing)?;
        Certificate::from_der(made.der())
    }

    /// Signs a revocation list (RFC 5280 section 5) of version 2, with its number and this signer's key identifier.
    ///
    /// # Errors
    /// When this signer may not sign revocation lists, `next_update` does not follow `this_update`, or the library refuses.
    pub fn sign_crl(
        &self,
        number: u64,
        this_update: Timestamp,
        next_update: Timestamp,
        entries: &[CrlEntry],
    ) -> Result<Crl, PkiError> {
        if self.certificate.key_usage().is_some_and(|usage| !usage.crl_sign()) {
            return Err(PkiError::SignerNotAllowed {
                signer: self.certificate.subject().to_owned(),
                what: "revocation lists",
                reason: "its keyUsage lacks cRLSign".to_owned(),
            });
        }
        let revoked = |entry: &CrlEntry| RevokedCertParams {
            serial_number: rcgen::SerialNumber::from_slice(entry.serial.as_be_bytes()),
            revocation_time: to_offset(entry.revoked_at),
            reason_code: Some(entry.reason.to_rcgen()),
            invalidity_date: None,
        };
        let key_identifier = self.certificate.subject_key_identifier().unwrap_or_default().to_vec();
        let params = CertificateRevocationListParams {
            this_update: to_offset(this_update),
            next_update: to_offset(next_update),
            crl_number: rcgen::SerialNumber::from_slice(SerialNumber::from_be_bytes(&number.to_be_bytes()).as_be_bytes()),
            issuing_distribution_point: None,
            revoked_certs: entries.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::PreSpecified(key_identifier),
        };
        Crl::from_der(params.signed_by(&self.issuer).map_err(signing)?.der())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn signing(error: rcgen::Error) -> PkiError {
    PkiError::Signing(error.to_string())
}
