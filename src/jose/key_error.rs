use thiserror::Error;

/// Why Envoy skips an element of a key set. The messages are Envoy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum KeyError {
    /// There is no `kty`.
    #[error("[kty] is missing in [keys]")]
    MissingKty,
    /// `kty` is no string.
    #[error("[kty] is bad in [keys]")]
    BadKty,
    /// `kty` names no supported type.
    #[error("[kty] is not supported in [keys]")]
    UnsupportedKty,
    /// An RSA key for another algorithm.
    #[error("[alg] is not started with [RS] or [PS] for an RSA key")]
    RsaAlg,
    /// An RSA key without this member.
    #[error("[{0}] field is missing for a RSA key")]
    RsaMissing(&'static str),
    /// An RSA key with this member being no string.
    #[error("[{0}] field is not string for a RSA key")]
    RsaBad(&'static str),
    /// Modulus or exponent cannot be used.
    #[error("Jwks RSA [n] or [e] field is missing or has a parse error")]
    Rsa,
    /// An EC key for another algorithm.
    #[error("[alg] is not started with [ES] for an EC key")]
    EcAlg,
    /// An EC key without this member.
    #[error("[{0}] field is missing for an EC key")]
    EcMissing(&'static str),
    /// An EC key with this member being no string.
    #[error("[{0}] field is not string for an EC key")]
    EcBad(&'static str),
    /// `alg` is for another curve than `crv`.
    #[error("[crv] field specified is not compatible with [alg] for an EC key")]
    EcAlgAndCrv,
    /// No supported curve.
    #[error("[crv] or [alg] field is not supported for an EC key")]
    EcUnsupported,
    /// A coordinate is no base64url.
    #[error("Jwks EC [x] or [y] field is an invalid Base64.")]
    EcBase64,
    /// The point does not lie on the curve.
    #[error("Jwks EC [x] and [y] fields have a parse error.")]
    EcPoint,
    /// A secret for another algorithm.
    #[error("[alg] does not start with [HS] for an HMAC key")]
    OctAlg,
    /// A secret key without `k`.
    #[error("[k] field is missing for an HMAC key")]
    OctMissing,
    /// `k` is no string.
    #[error("[k] field is not string for an HMAC key")]
    OctBad,
    /// `k` is empty or no base64url.
    #[error("Jwks Oct key is an invalid Base64")]
    OctBase64,
    /// An OKP key for another algorithm.
    #[error("[alg] is not [EdDSA] for an OKP key")]
    OkpAlg,
    /// An OKP key without this member.
    #[error("[{0}] field is missing for an OKP key")]
    OkpMissing(&'static str),
    /// An OKP key with this member being no string.
    #[error("[{0}] field is not string for an OKP key")]
    OkpBad(&'static str),
    /// Another curve than Ed25519.
    #[error("[crv] field is not supported for an OKP key")]
    OkpUnsupported,
    /// `x` is no base64url.
    #[error("Jwks OKP [x] field is an invalid Base64.")]
    OkpBase64,
    /// `x` is not 32 bytes long.
    #[error("Jwks OKP [x] field is wrong length.")]
    OkpLength,
}
