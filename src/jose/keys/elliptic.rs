use std::fmt;

use aws_lc_rs::agreement;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaSigningAlgorithm;
use aws_lc_rs::signature::EcdsaVerificationAlgorithm;
use aws_lc_rs::signature::ParsedPublicKey;
use zeroize::Zeroizing;

use crate::jose::Algorithm;
use crate::jose::JwkError;
use crate::jose::keys::material::Secret;

/// A curve of `kty: EC` (RFC 7518 section 6.2.1.1) that signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are those of the RFC")]
pub enum EcCurve {
    P256,
    P384,
    P521,
}

impl EcCurve {
    /// Every curve.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// The `crv` value.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The algorithm that belongs to the curve (RFC 7518 section 3.4).
    #[must_use]
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::P256 => Algorithm::Es256,
            Self::P384 => Algorithm::Es384,
            Self::P521 => Algorithm::Es512,
        }
    }

    /// Octets of a coordinate, and of the private number.
    pub(super) fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The content of the object identifier.
    pub(super) fn oid(self) -> &'static [u8] {
        match self {
            Self::P256 => &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
            Self::P384 => &[0x2b, 0x81, 0x04, 0x00, 0x22],
            Self::P521 => &[0x2b, 0x81, 0x04, 0x00, 0x23],
        }
    }

    pub(super) fn signing(self) -> &'static EcdsaSigningAlgorithm {
        match self {
            Self::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            Self::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            Self::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
        }
    }

    fn verification(self) -> &'static EcdsaVerificationAlgorithm {
        match self {
            Self::P256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::P384 => &signature::ECDSA_P384_SHA384_FIXED,
            Self::P521 => &signature::ECDSA_P521_SHA512_FIXED,
        }
    }

    fn agreement(self) -> &'static agreement::Algorithm {
        match self {
            Self::P256 => &agreement::ECDH_P256,
            Self::P384 => &agreement::ECDH_P384,
            Self::P521 => &agreement::ECDH_P521,
        }
    }
}

impl fmt::Display for EcCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A point on a curve and, for a private key, the number that leads to it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EcKey {
    pub(super) curve: EcCurve,
    /// Both coordinates, fixed width.
    pub(super) x: Vec<u8>,
    pub(super) y: Vec<u8>,
    /// Fixed width.
    pub(super) d: Option<Secret>,
}

impl EcKey {
    /// From coordinates of the right width.
    pub(super) fn from_coordinates(curve: EcCurve, x: &[u8], y: &[u8]) -> Result<Self, JwkError> {
        Self::from_point(curve, &[&[4], x, y].concat())
    }

    /// From a point as SEC 1 section 2.3.3 writes it: uncompressed, or compressed and then decompressed here.
    pub(super) fn from_point(curve: EcCurve, point: &[u8]) -> Result<Self, JwkError> {
        let off_curve = || JwkError::NotOnCurve(curve.name());
        let width = curve.width();
        let uncompressed = match point.first() {
            Some(4) if point.len() == 1 + 2 * width => point.to_vec(),
            Some(2 | 3) if point.len() == 1 + width => {
                let parsed = ParsedPublicKey::new(curve.verification(), point).map_err(|_| off_curve())?;
                let info = AsDer::as_der(&parsed).map_err(|_| off_curve())?;
                let start = info.as_ref().len().checked_sub(1 + 2 * width).ok_or_else(off_curve)?;
                info.as_ref().get(start..).unwrap_or_default().to_vec()
            }
            _ => return Err(JwkError::PointForm(curve.name())),
        };
        ParsedPublicKey::new(curve.verification(), &uncompressed).map_err(|_| off_curve())?;
        let (_, coordinates) = uncompressed.split_first().ok_or_else(off_curve)?;
        let (x, y) = coordinates.split_at_checked(width).ok_or_else(off_curve)?;
        Ok(Self { curve, x: x.to_vec(), y: y.to_vec(), d: None })
    }

    /// From the private number, of the right width; the point is computed.
    pub(super) fn from_private(curve: EcCurve, d: Secret) -> Result<Self, JwkError> {
        let key = agreement::PrivateKey::from_private_key(curve.agreement(), &d)
            .map_err(|_| JwkError::PrivateRange { curve: curve.name() })?;
        let point = key.compute_public_key().map_err(|_| JwkError::PrivateRange { curve: curve.name() })?;
        let public = Self::from_point(curve, point.as_ref())?;
        Ok(Self { d: Some(d), ..public })
    }

    /// The same point with the private number that must lead to it.
    pub(super) fn with_private(self, d: Secret) -> Result<Self, JwkError> {
        let computed = Self::from_private(self.curve, d)?;
        if (&computed.x, &computed.y) == (&self.x, &self.y) { Ok(computed) } else { Err(JwkError::PrivateMismatch) }
    }

    /// The uncompressed point.
    pub(super) fn point(&self) -> Vec<u8> {
        [&[4], self.x.as_slice(), self.y.as_slice()].concat()
    }

    pub(super) fn public(&self) -> Self {
        Self { d: None, ..self.clone() }
    }
}

/// A private number filled up to the width of the curve, as some writers strip its zeros.
pub(super) fn left_padded(d: &[u8], width: usize) -> Option<Secret> {
    let zeros = d.iter().take_while(|byte| **byte == 0).count();
    let significant = d.get(zeros..)?;
    let mut padded = Zeroizing::new(vec![0; width.checked_sub(significant.len())?]);
    padded.reserve_exact(significant.len());
    padded.extend_from_slice(significant);
    Some(padded)
}
