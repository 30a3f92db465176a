//! Keys written as PEM.

use std::fmt;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::jose::keys::asn1;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::pkcs8_encryption;
use crate::pki::Entropy;
use crate::pki::KeyEncryption;
use crate::pki::pem;

/// The structure inside a PEM block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PemForm {
    /// PKCS#8 and `SubjectPublicKeyInfo`, which fit every key.
    #[default]
    Pkcs8,
    /// PKCS#1, for RSA only.
    Pkcs1,
    /// SEC 1, for elliptic curves only.
    Sec1,
}

/// Why a key was not written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PemError {
    /// A shared secret has no PEM form.
    #[error("a shared secret (`kty: oct`) has no PEM form")]
    Secret,
    /// The structure is for keys of another type.
    #[error("{form} holds no key like this one ({key})")]
    Form {
        /// The structure.
        form: PemForm,
        /// The key in words.
        key: String,
    },
    /// The key is public.
    #[error("the key is public: it has no private part to write")]
    Public,
    /// PKCS#1 and SEC 1 are written unencrypted only.
    #[error("only PKCS#8 is written encrypted")]
    EncryptedForm,
    /// The library refused.
    #[error("the key could not be encrypted")]
    Encryption,
}

impl Jwk {
    /// The public half: `PUBLIC KEY`, or `RSA PUBLIC KEY`.
    ///
    /// # Errors
    /// When the form does not fit.
    pub fn public_pem(&self, form: PemForm) -> Result<String, PemError> {
        let written = match form {
            PemForm::Pkcs8 => asn1::write_spki(&self.material).map(|der| pem("PUBLIC KEY", &der)),
            PemForm::Pkcs1 => asn1::write_pkcs1_public(&self.material).map(|der| pem("RSA PUBLIC KEY", &der)),
            PemForm::Sec1 => None,
        };
        let refusal = if self.is_secret() { PemError::Secret } else { PemError::Form { form, key: self.description() } };
        written.ok_or(refusal)
    }

    /// The whole key: `PRIVATE KEY`, `ENCRYPTED PRIVATE KEY`, `RSA PRIVATE KEY` or `EC PRIVATE KEY`.
    ///
    /// # Errors
    /// When the key is public or a secret, or the form does not fit.
    pub fn private_pem(
        &self,
        form: PemForm,
        encryption: &KeyEncryption<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Zeroizing<String>, PemError> {
        if self.is_secret() {
            return Err(PemError::Secret);
        }
        if !self.is_private() {
            return Err(PemError::Public);
        }
        let (label, der) = match form {
            PemForm::Pkcs8 => ("PRIVATE KEY", asn1::write_pkcs8(&self.material)),
            PemForm::Pkcs1 => ("RSA PRIVATE KEY", asn1::write_pkcs1(&self.material)),
            PemForm::Sec1 => ("EC PRIVATE KEY", asn1::write_sec1(&self.material)),
        };
        let der = der.ok_or_else(|| PemError::Form { form, key: self.description() })?;
        match encryption {
            KeyEncryption::Plain => Ok(Zeroizing::new(pem(label, &der))),
            KeyEncryption::Passphrase(_) if form != PemForm::Pkcs8 => Err(PemError::EncryptedForm),
            KeyEncryption::Passphrase(passphrase) => {
                let encrypted = pkcs8_encryption::encrypt(&der, passphrase, entropy).ok_or(PemError::Encryption)?;
                Ok(Zeroizing::new(pem("ENCRYPTED PRIVATE KEY", &encrypted)))
            }
        }
    }
}

impl fmt::Display for PemForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pkcs8 => "PKCS#8",
            Self::Pkcs1 => "PKCS#1",
            Self::Sec1 => "SEC 1",
        })
    }
}
