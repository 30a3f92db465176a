use thiserror::Error;

use crate::pki::PkiError;
use crate::spiffe::SpiffeError;

/// Why bytes are no trust bundle, or a bundle cannot be written.
#[derive(Debug, Error)]
pub enum BundleError {
    /// Neither PEM nor JSON nor a certificate.
    #[error("it holds no certificate: neither PEM, DER nor a SPIFFE bundle")]
    Unrecognised,
    /// A block that starts is not read: its base64 text or its end is damaged.
    #[error("the PEM block that starts in line {line} is damaged or does not end")]
    PemBlock {
        /// Where it starts.
        line: usize,
    },
    /// A certificate cannot be read.
    #[error("{place}: {source}")]
    Certificate {
        /// The line, or the key.
        place: String,
        /// Why.
        source: PkiError,
    },
    /// The document is no JSON, or a name occurs twice in it.
    #[error("it is no JSON that a bundle can be read from: {0}")]
    Json(String),
    /// `keys` is absent or null, which is not the same as an empty list.
    #[error("`keys` is missing, so it is no SPIFFE bundle; a bundle that trusts nothing says `\"keys\": []`")]
    NoKeys,
    /// A member has another type than it must have.
    #[error("`{member}` must be {wanted}")]
    Member {
        /// Which, with the way to it.
        member: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A document is both one bundle and a map of bundles.
    #[error("it has both `keys` and `trust_domains`, so it is neither one bundle nor a map of bundles")]
    TwoForms,
    /// The name of a trust domain breaks the grammar.
    #[error("`{name}` is no trust domain: {source}")]
    TrustDomain {
        /// The name.
        name: String,
        /// Why.
        source: SpiffeError,
    },
    /// `x5c` is no base64.
    #[error("`{member}` is no base64 as of RFC 4648 section {section}")]
    Base64 {
        /// Which, with the way to it.
        member: String,
        /// 4 for certificates, 5 for numbers.
        section: u8,
    },
    /// The numbers beside a certificate are those of another key.
    #[error("the certificate in `{key}.x5c` is for another key than `{key}` describes")]
    KeyMismatch {
        /// Which key.
        key: String,
    },
    /// A public key has no JWK form.
    #[error("the {key} key of `{subject}` has no JWK form")]
    NoJwk {
        /// What kind of key it is.
        key: String,
        /// Whose.
        subject: String,
    },
}
