use std::fmt;

/// A claim that must be a string when it is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of RFC 7519")]
pub enum TextClaim {
    Iss,
    Sub,
    Jti,
}

/// A claim that must be a number of seconds when it is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of RFC 7519")]
pub enum TimeClaim {
    Iat,
    Nbf,
    Exp,
}

/// Why a token is refused, in the terms of Envoy's JWT filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenStatus {
    /// There is no token. Never the answer of a filter that istiod configured.
    Missed,
    /// Not three non-empty pieces between dots.
    BadFormat,
    /// The header piece is no base64url.
    HeaderBase64,
    /// The header is no JSON object.
    HeaderJson,
    /// `alg` is missing or no string.
    HeaderAlg,
    /// `alg` names no supported algorithm.
    AlgUnsupported,
    /// `kid` is no string.
    HeaderKid,
    /// The payload piece is no base64url.
    PayloadBase64,
    /// The payload is no JSON object.
    PayloadJson,
    /// A claim is no string.
    ClaimType(TextClaim),
    /// A time claim is no number.
    ClaimInt(TimeClaim),
    /// A time claim is negative or does not fit 64 bits.
    ClaimRange(TimeClaim),
    /// `aud` is neither a string nor a list of strings.
    AudType,
    /// The signature piece is no base64url.
    SignatureBase64,
    /// No rule at this location is for the token's `iss`.
    UnknownIssuer,
    /// `nbf` lies more than a minute ahead.
    NotYetValid,
    /// `exp` is more than a minute ago.
    Expired,
    /// No `aud` value is configured.
    AudienceNotAllowed,
    /// No key of the set comes into question.
    KidAlgMismatch,
    /// No key that comes into question verifies the signature.
    VerificationFail,
    /// An Ed25519 key came into question and the signature is not 64 bytes long.
    Ed25519Length,
    /// The proxy could not fetch the key set.
    FetchFail,
    /// The proxy has no usable key set.
    NoValidKeys,
}

impl TokenStatus {
    /// The body of the answer.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Missed => "Jwt is missing",
            Self::BadFormat => "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
            Self::HeaderBase64 => "Jwt header is an invalid Base64url encoded",
            Self::HeaderJson => "Jwt header is an invalid JSON",
            Self::HeaderAlg => "Jwt header [alg] field is required and must be a string",
            Self::AlgUnsupported => "Jwt header [alg] is not supported",
            Self::HeaderKid => "Jwt header [kid] field is not a string",
            Self::PayloadBase64 => "Jwt payload is an invalid Base64url encoded",
            Self::PayloadJson => "Jwt payload is an invalid JSON",
            Self::ClaimType(TextClaim::Iss) => "Jwt payload [iss] field is not a string",
            Self::ClaimType(TextClaim::Sub) => "Jwt payload [sub] field is not a string",
            Self::ClaimType(TextClaim::Jti) => "Jwt payload [jti] field is not a string",
            Self::ClaimInt(TimeClaim::Iat) => "Jwt payload [iat] field is not an integer",
            Self::ClaimInt(TimeClaim::Nbf) => "Jwt payload [nbf] field is not an integer",
            Self::ClaimInt(TimeClaim::Exp) => "Jwt payload [exp] field is not an integer",
            Self::ClaimRange(TimeClaim::Iat) => "Jwt payload [iat] field is not a positive 64 bit integer",
            Self::ClaimRange(TimeClaim::Nbf) => "Jwt payload [nbf] field is not a positive 64 bit integer",
            Self::ClaimRange(TimeClaim::Exp) => "Jwt payload [exp] field is not a positive 64 bit integer",
            Self::AudType => "Jwt payload [aud] field is not a string or string list",
            Self::SignatureBase64 => "Jwt signature is an invalid Base64url encoded",
            Self::UnknownIssuer => "Jwt issuer is not configured",
            Self::NotYetValid => "Jwt not yet valid",
            Self::Expired => "Jwt is expired",
            Self::AudienceNotAllowed => "Audiences in Jwt are not allowed",
            Self::KidAlgMismatch => "Jwks doesn't have key to match kid or alg from Jwt",
            Self::VerificationFail => "Jwt verification fails",
            Self::Ed25519Length => "Jwt ED25519 signature is wrong length",
            Self::FetchFail => "Jwks remote fetch is failed",
            Self::NoValidKeys => "Jwks doesn't have any valid public key",
        }
    }

    /// The HTTP status of the answer: 403 for a wrong audience, 401 for everything else.
    #[must_use]
    pub fn http_status(self) -> u16 {
        if self == Self::AudienceNotAllowed { 403 } else { 401 }
    }

    /// What the proxy's access log shows as response code details.
    #[must_use]
    pub fn response_code_details(self) -> String {
        format!("jwt_authn_access_denied{{{}}}", self.text().replace(char::is_whitespace, "_"))
    }
}

impl fmt::Display for TokenStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
