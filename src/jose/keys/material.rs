#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]
use zeroize::Zeroizing;

use crate::jose::Algorithm;
use crate::jose::keys::elliptic::EcKey;
use crate::jose::keys::octet::OkpCurve;
use crate::jose::keys::octet::OkpKey;
use crate::jose::keys::rsa_key::RsaKey;

/// Bytes that are wiped when dropped.
pub(super) type Secret = Zeroizing<Vec<u8>>;

/// The numbers of a key. They belong together: the constructors of the variants check that.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum KeyMaterial {
    Rsa(RsaKey),
    Ec(EcKey),
    Okp(OkpKey),
    Oct(Secret),
}

impl KeyMaterial {
    /// `kty`.
    pub(super) fn key_type(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Ec(_) => "EC",
            Self::Okp(_) => "OKP",
            Self::Oct(_) => "oct",
        }
    }

    /// The kind and size in words.
    pub(super) fn description(&self) -> String {
        match self {
            Self::Rsa(key) => format!("RSA {}", key.bits()),
            Self::Ec(key) => format!("EC {}", key.curve),
            Self::Okp(key) => key.curve.to_string(),
            Self::Oct(secret) => format!("secret of {} bytes", secret.len()),
        }
    }

    /// Whether it holds what must stay with the owner.
    pub(super) fn is_private(&self) -> bool {
        match self {
            Self::Rsa(key) => key.private.is_some(),
            Self::Ec(key) => key.d.is_some(),
            Self::Okp(key) => key.d.is_some(),
            Self::Oct(_) => true,
        }
    }

    /// The public half; a secret has none.
    pub(super) fn public(&self) -> Option<Self> {
        match self {
            Self::Rsa(key) => Some(Self::Rsa(key.public())),
            Self::Ec(key) => Some(Self::Ec(key.public())),
            Self::Okp(key) => Some(Self::Okp(key.public())),
            Self::Oct(_) => None,
        }
    }

    /// The signature algorithms that such a key can be used with, the usual one first. Keys below the minimum sizes of RFC 7518
    /// sections 3.2 and 3.3 have none.
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        use Algorithm as A;
        match self {
            Self::Rsa(key) if (2048..=8192).contains(&key.bits()) => {
                &[A::Rs256, A::Rs384, A::Rs512, A::Ps256, A::Ps384, A::Ps512]
            }
            Self::Ec(key) => match key.curve.algorithm() {
                A::Es256 => &[A::Es256],
                A::Es384 => &[A::Es384],
                _ => &[A::Es512],
            },
            Self::Okp(key) if key.curve == OkpCurve::Ed25519 => &[A::EdDsa],
            Self::Rsa(_) | Self::Okp(_) => &[],
            Self::Oct(secret) => match secret.len() {
                0..32 => &[],
                32..48 => &[A::Hs256],
                48..64 => &[A::Hs256, A::Hs384],
                _ => &[A::Hs256, A::Hs384, A::Hs512],
            },
        }
    }
}
