use crate::jose::encoded::EncodingError;
use crate::jose::inspect::form::RawSignature;

/// The signature piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignaturePart {
    /// As it was written.
    pub encoded: String,
    /// Its bytes, when it can be decoded.
    pub bytes: Result<Vec<u8>, EncodingError>,
    /// How many bytes `alg` wants, when it is always the same.
    pub wanted: Option<usize>,
}

impl SignaturePart {
    pub(super) fn of((encoded, bytes): RawSignature, alg: &str) -> Self {
        Self { encoded, bytes, wanted: signature_length(alg) }
    }

    /// How many bytes there are; 0 when it cannot be decoded.
    #[must_use]
    pub fn length(&self) -> usize {
        self.bytes.as_ref().map_or(0, Vec::len)
    }

    /// Whether it looks like the DER form of an ECDSA signature (RFC 3279 section 2.2.3), where JOSE wants two plain numbers.
    #[must_use]
    pub fn looks_like_der(&self) -> bool {
        self.bytes.as_ref().is_ok_and(|bytes| is_der_ecdsa(bytes))
    }

    /// Whether its length cannot be right for `alg`.
    #[must_use]
    pub fn has_wrong_length(&self) -> bool {
        self.wanted.is_some_and(|wanted| wanted != self.length())
    }
}

/// Whether bytes are a DER sequence of two integers that fills them.
pub(in crate::jose) fn is_der_ecdsa(bytes: &[u8]) -> bool {
    let content = match bytes {
        [0x30, 0x81, length, rest @ ..] | [0x30, length, rest @ ..] if usize::from(*length) == rest.len() => rest,
        _ => return false,
    };
    let after_first = match content {
        [0x02, length, rest @ ..] => rest.get(usize::from(*length)..),
        _ => None,
    };
    after_first.is_some_and(|rest| matches!(rest, [0x02, length, last @ ..] if usize::from(*length) == last.len()))
}

/// The length of the signatures of an algorithm (RFC 7518 section 3); RSA's follows the key.
pub(in crate::jose) fn signature_length(alg: &str) -> Option<usize> {
    match alg {
        "ES256" | "ES256K" | "EdDSA" | "Ed25519" | "HS512" => Some(64),
        "ES384" => Some(96),
        "ES512" => Some(132),
        "Ed448" => Some(114),
        "HS256" => Some(32),
        "HS384" => Some(48),
        "none" => Some(0),
        _ => None,
    }
}
