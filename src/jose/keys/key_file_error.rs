use thiserror::Error;

use crate::jose::JwkError;
use crate::jose::KeySetError;

/// Why a file, or text, holds no key that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// The JWK, or the numbers in another form, are refused.
    #[error(transparent)]
    Jwk(#[from] JwkError),
    /// It is no PEM, no JSON and no DER that holds a key.
    #[error("no key: neither a PEM block, nor a JWK, nor DER")]
    NoKey,
    /// A PEM text without a key.
    #[error("no key among its PEM blocks ({labels})")]
    NoKeyBlock {
        /// The labels of the blocks.
        labels: String,
    },
    /// A PEM label of something that is not read.
    #[error("`{label}` is not supported")]
    Label {
        /// What stands after BEGIN.
        label: String,
    },
    /// A PEM block is broken.
    #[error("the PEM block in line {line} {reason}")]
    Pem {
        /// Where it begins, counted from one.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A key set that is none, or holds no usable key.
    #[error("{0}")]
    Set(KeySetError),
    /// A structure is broken.
    #[error("a damaged {form}")]
    Der {
        /// What it should be.
        form: &'static str,
    },
    /// A block holds something else than its label says.
    #[error("the block `{label}` holds a {form}")]
    WrongLabel {
        /// The label.
        label: String,
        /// What is in it.
        form: &'static str,
    },
    /// An algorithm that is not supported.
    #[error("keys of the algorithm {oid} are not supported")]
    Algorithm {
        /// Object identifier.
        oid: String,
    },
    /// An elliptic key without a named curve.
    #[error("the key names no curve")]
    NoCurve,
    /// A curve given by its numbers.
    #[error("the curve is given by its parameters instead of its name, which is not supported")]
    ExplicitCurve,
    /// A key for RSASSA-PSS with parameters that no JWS algorithm has.
    #[error("the RSASSA-PSS parameters of the key fit none of PS256, PS384 and PS512")]
    PssParameters,
    /// The key is encrypted and no passphrase was given.
    #[error("the private key is encrypted and no passphrase was given")]
    PassphraseMissing,
    /// The passphrase does not open the key.
    #[error("wrong passphrase")]
    PassphraseWrong,
    /// An encryption that is not supported.
    #[error("the private key is encrypted with {scheme}, which is not supported")]
    Encryption {
        /// What the file names.
        scheme: String,
    },
    /// The parameters of an encryption would take too long or too much memory.
    #[error("the passphrase of the private key would have to be stretched beyond reason: {cost}")]
    Cost {
        /// What was asked for.
        cost: String,
    },
    /// Several private keys where one is wanted.
    #[error("{0} keys, where one is wanted")]
    Several(usize),
    /// A public key where a private one is wanted.
    #[error("a public key, where a private one is wanted")]
    Public,
    /// A key that signs nothing.
    #[error("a key ({key}) that signs no token: {reason}")]
    NotSigning {
        /// The key in words.
        key: String,
        /// Why not.
        reason: &'static str,
    },
}
