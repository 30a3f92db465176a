use std::fmt;

use aws_lc_rs::agreement;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;

use crate::jose::JwkError;
use crate::jose::keys::material::Secret;

/// A curve of `kty: OKP` (RFC 8037 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the RFC")]
pub enum OkpCurve {
    Ed25519,
    Ed448,
    X25519,
    X448,
}

impl OkpCurve {
    /// Every curve.
    pub const ALL: [Self; 4] = [Self::Ed25519, Self::Ed448, Self::X25519, Self::X448];

    /// The `crv` value.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::X25519 => "X25519",
            Self::X448 => "X448",
        }
    }

    /// Octets of the public key, and of the private one.
    pub(super) fn width(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 32,
            Self::Ed448 => 57,
            Self::X448 => 56,
        }
    }

    /// The content of the object identifier (RFC 8410 section 3).
    pub(super) fn oid(self) -> &'static [u8] {
        match self {
            Self::X25519 => &[0x2b, 0x65, 0x6e],
            Self::X448 => &[0x2b, 0x65, 0x6f],
            Self::Ed25519 => &[0x2b, 0x65, 0x70],
            Self::Ed448 => &[0x2b, 0x65, 0x71],
        }
    }
}

impl fmt::Display for OkpCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A public key of an Edwards or Montgomery curve and, for a private key, the seed it comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct OkpKey {
    pub(super) curve: OkpCurve,
    pub(super) x: Vec<u8>,
    pub(super) d: Option<Secret>,
}

impl OkpKey {
    pub(super) fn from_public(curve: OkpCurve, x: &[u8]) -> Result<Self, JwkError> {
        require_width(curve, "x", x)?;
        Ok(Self { curve, x: x.to_vec(), d: None })
    }

    /// From the seed, with the public key computed. The cryptographic library knows neither Ed448 nor X448: their public key has to
    /// come along and is believed.
    pub(super) fn from_private(curve: OkpCurve, d: Secret, public: Option<&[u8]>) -> Result<Self, JwkError> {
        require_width(curve, "d", &d)?;
        let computed = match curve {
            OkpCurve::Ed25519 => {
                let pair = Ed25519KeyPair::from_seed_unchecked(&d).map_err(|_| JwkError::PrivateRange { curve: curve.name() })?;
                pair.public_key().as_ref().to_vec()
            }
            OkpCurve::X25519 => agreement::PrivateKey::from_private_key(&agreement::X25519, &d)
                .and_then(|key| Ok(key.compute_public_key()?.as_ref().to_vec()))
                .map_err(|_| JwkError::PrivateRange { curve: curve.name() })?,
            OkpCurve::Ed448 | OkpCurve::X448 => {
                let public = public.ok_or(JwkError::NoPublicPart { curve: curve.name() })?;
                require_width(curve, "x", public)?;
                public.to_vec()
            }
        };
        if public.is_some_and(|public| public != computed) {
            return Err(JwkError::PrivateMismatch);
        }
        Ok(Self { curve, x: computed, d: Some(d) })
    }

    pub(super) fn public(&self) -> Self {
        Self { d: None, ..self.clone() }
    }
}

fn require_width(curve: OkpCurve, member: &'static str, bytes: &[u8]) -> Result<(), JwkError> {
    let wanted = curve.width();
    if bytes.len() == wanted { Ok(()) } else { Err(JwkError::Width { member, curve: curve.name(), wanted, found: bytes.len() }) }
}
