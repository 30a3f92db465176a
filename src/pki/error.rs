use jiff::Timestamp;
use thiserror::Error;

use crate::pki::KeyType;
use crate::spiffe::SpiffeError;

/// Why a certificate, key or revocation list could not be read or made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PkiError {
    /// The bytes are no certificate.
    #[error("not an X.509 certificate: {0}")]
    Certificate(String),
    /// The bytes are no certificate revocation list.
    #[error("not a certificate revocation list: {0}")]
    Crl(String),
    /// The bytes are no certificate request.
    #[error("not a certificate request: {0}")]
    Request(String),
    /// The request is not signed by the key it wants certified.
    #[error("the request is not signed by the key in it: {0}")]
    RequestSignature(String),
    /// The request asks for names that its certificate will not carry.
    #[error("the request asks for {0}, which the certificate will not carry")]
    RequestNames(String),
    /// The bytes are no private key of a supported type.
    #[error("not a private key that can be used: {0}")]
    PrivateKey(String),
    /// The key is encrypted and no passphrase was given.
    #[error("the private key is encrypted and no passphrase was given")]
    PassphraseMissing,
    /// The passphrase does not open the key.
    #[error("wrong passphrase")]
    PassphraseWrong,
    /// The public key is of a type, or size, that is not certified.
    #[error("{0}")]
    PublicKey(String),
    /// The name of a key type is unknown.
    #[error("there are no keys of type `{0}` here: ecdsa-p256, ecdsa-p384, rsa-2048, rsa-3072, rsa-4096 and ed25519 there are")]
    KeyType(String),
    /// The name of a reason for revoking is unknown, or of one that only delta lists hold.
    #[error("`{0}` is no reason that a certificate is revoked for here")]
    RevocationReason(String),
    /// The identity breaks SPIFFE's grammar.
    #[error(transparent)]
    Spiffe(#[from] SpiffeError),
    /// The signer's certificate has run out.
    #[error("the signer `{signer}` expired at {not_after}")]
    SignerExpired {
        /// Subject of the signer.
        signer: String,
        /// When.
        not_after: Timestamp,
    },
    /// The signer's certificate is not valid yet.
    #[error("the signer `{signer}` is not valid before {not_before}: is the clock right?")]
    SignerNotYetValid {
        /// Subject of the signer.
        signer: String,
        /// From when.
        not_before: Timestamp,
    },
    /// The private key is not that of the certificate.
    #[error("the private key does not belong to the certificate `{0}`")]
    KeyMismatch(String),
    /// The signer may not sign what it was asked to.
    #[error("`{signer}` may not sign {what}: {reason}")]
    SignerNotAllowed {
        /// Subject of the signer.
        signer: String,
        /// What was to be signed.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// A name that cannot be written in a certificate.
    #[error("`{0}` cannot be written in a certificate")]
    Name(String),
    /// The system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random,
    /// A key could not be made.
    #[error("no {0} key could be made")]
    Generation(KeyType),
    /// The cryptographic library refused.
    #[error("signing failed: {0}")]
    Signing(String),
}
