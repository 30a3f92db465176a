use thiserror::Error;

use crate::pki::PkiError;

/// Why nothing could be read from a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ContainerError {
    /// There are no bytes.
    #[error("it is empty")]
    Empty,
    /// It is none of the forms that are read.
    #[error("it holds no certificate in a form that is read here{}", hint.map(|hint| format!(": {hint}")).unwrap_or_default())]
    Unknown {
        /// What it looks like, when that is known.
        hint: Option<&'static str>,
    },
    /// A part cannot be read.
    #[error("{place}: {why}")]
    Part {
        /// Where: a block with its line, or a key of a document.
        place: String,
        /// Why not.
        why: PkiError,
    },
    /// The base64 text of a document's key cannot be decoded.
    #[error("{place}: the value is not base64")]
    Base64 {
        /// The key.
        place: String,
    },
    /// The document is neither YAML nor JSON.
    #[error("it is neither PEM nor DER, and no YAML or JSON: {0}")]
    Document(String),
    /// A document of another kind.
    #[error("it is a document without certificates: {0}")]
    Kind(String),
    /// The PKCS#12 file is encrypted and no passphrase was given.
    #[error("the PKCS#12 file is encrypted and no passphrase was given")]
    PassphraseMissing,
    /// The passphrase does not open the PKCS#12 file.
    #[error("the passphrase does not open the PKCS#12 file, or the file is damaged")]
    PassphraseWrong,
    /// The PKCS#12 file cannot be read.
    #[error("the PKCS#12 file cannot be read: {0}")]
    Pkcs12(String),
}
