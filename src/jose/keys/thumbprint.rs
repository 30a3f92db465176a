//! JWK thumbprints (RFC 7638): the digest of the required public members, sorted by name, without white space.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use zeroize::Zeroizing;

use crate::jose::keys::jwk::base64url;
use crate::jose::keys::material::KeyMaterial;

/// The digest of a thumbprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThumbprintHash {
    /// SHA-256, which everybody means.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl ThumbprintHash {
    /// The name in the URI form (RFC 9278 section 3).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    /// The URI form of a thumbprint (RFC 9278 section 3).
    #[must_use]
    pub fn uri(self, thumbprint: &str) -> String {
        format!("urn:ietf:params:oauth:jwk-thumbprint:{}:{thumbprint}", self.name())
    }
}

impl fmt::Display for ThumbprintHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ThumbprintHash {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|hash| hash.name() == text).ok_or(())
    }
}

pub(super) fn of(material: &KeyMaterial, hash: ThumbprintHash) -> String {
    let algorithm = match hash {
        ThumbprintHash::Sha256 => &digest::SHA256,
        ThumbprintHash::Sha384 => &digest::SHA384,
        ThumbprintHash::Sha512 => &digest::SHA512,
    };
    base64url(digest::digest(algorithm, input(material).as_bytes()).as_ref())
}

/// Values are base64url and names of curves, so nothing needs an escape.
pub(super) fn input(material: &KeyMaterial) -> Zeroizing<String> {
    Zeroizing::new(match material {
        KeyMaterial::Rsa(key) => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64url(&key.e), base64url(&key.n)),
        KeyMaterial::Ec(key) => {
            format!(r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#, key.curve, base64url(&key.x), base64url(&key.y))
        }
        KeyMaterial::Okp(key) => format!(r#"{{"crv":"{}","kty":"OKP","x":"{}"}}"#, key.curve, base64url(&key.x)),
        KeyMaterial::Oct(secret) => format!(r#"{{"k":"{}","kty":"oct"}}"#, base64url(secret)),
    })
}
