use thiserror::Error;

use crate::jose::StrictJsonError;

/// Why a JWK, or key material of any form, is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JwkError {
    /// The text is no JSON object.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// It is an encrypted JWK (JWE, RFC 7517 section 7), as `step` writes it.
    #[error("an encrypted JWK (JWE), which is not opened here")]
    Encrypted,
    /// It is a key set.
    #[error("a key set, where one key is wanted")]
    IsSet,
    /// `kty` names no known type; names are case-sensitive.
    #[error("unknown key type `{0}`")]
    UnknownType(String),
    /// `crv` names no supported curve of this type.
    #[error("curve `{curve}` is not supported for `{kty}`")]
    UnknownCurve {
        /// Key type.
        kty: &'static str,
        /// The name.
        curve: String,
    },
    /// A member that the type needs is absent.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// A member has another JSON type than the specification says; `null` is one.
    #[error("`{member}` is {found}, not {wanted}")]
    Type {
        /// Which member.
        member: String,
        /// What it should be.
        wanted: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A member is no base64url (RFC 7515 section 2).
    #[error("`{member}` is no base64url: {reason}")]
    Base64 {
        /// Which member.
        member: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A member is empty.
    #[error("`{0}` is empty")]
    Empty(&'static str),
    /// A member of fixed width has another one.
    #[error("`{member}` has {found} bytes, {curve} needs {wanted}")]
    Width {
        /// Which member.
        member: &'static str,
        /// The curve.
        curve: &'static str,
        /// Bytes needed.
        wanted: usize,
        /// Bytes there.
        found: usize,
    },
    /// The point is not on the curve.
    #[error("the point does not lie on {0}")]
    NotOnCurve(&'static str),
    /// The point is neither uncompressed nor compressed.
    #[error("the point of {0} is written neither uncompressed nor compressed")]
    PointForm(&'static str),
    /// The private number is outside its range.
    #[error("the private number is outside the range of {curve}")]
    PrivateRange {
        /// The curve.
        curve: &'static str,
    },
    /// Private and public part are of different keys.
    #[error("the private part does not belong to the public part")]
    PrivateMismatch,
    /// The public part is needed and absent.
    #[error("a private {curve} key without its public part is not supported: {curve} is not computed here")]
    NoPublicPart {
        /// The curve.
        curve: &'static str,
    },
    /// The modulus is no product of two odd numbers, or out of bounds.
    #[error("an RSA modulus of {bits} bits is not taken: {reason}")]
    Modulus {
        /// Its size.
        bits: u64,
        /// Why not.
        reason: &'static str,
    },
    /// The public exponent is out of bounds.
    #[error("the RSA exponent `e` must be odd, at least 3 and at most 33 bits long")]
    Exponent,
    /// The primes are there in part (RFC 7518 section 6.3.2).
    #[error("`{0}` is missing: of `p`, `q`, `dp`, `dq` and `qi` all or none must be there")]
    IncompletePrimes(&'static str),
    /// More than two primes.
    #[error("`oth`: RSA keys of more than two primes are not supported")]
    MultiPrime,
    /// Two RSA members contradict each other.
    #[error("`{0}` does not belong to the other numbers of the RSA key")]
    RsaMismatch(&'static str),
    /// A certificate in `x5c` cannot be read.
    #[error("`x5c`: certificate {index} {reason}")]
    Certificate {
        /// Which, counted from one.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A thumbprint of a certificate is not that of `x5c`.
    #[error("`{0}` is not the thumbprint of the first certificate in `x5c`")]
    CertificateThumbprint(&'static str),
    /// `use` and `key_ops` contradict each other.
    #[error("`use` is `{key_use}` and `key_ops` holds `{operation}`")]
    Inconsistent {
        /// `use`.
        key_use: String,
        /// The operation.
        operation: String,
    },
    /// `key_ops` repeats an operation.
    #[error("`key_ops` holds `{0}` twice")]
    RepeatedOperation(String),
    /// `alg` is of another key type.
    #[error("`alg` is `{algorithm}`, which {key} cannot do")]
    Algorithm {
        /// `alg`.
        algorithm: String,
        /// The key in words.
        key: String,
    },
}
