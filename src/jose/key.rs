use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaVerificationAlgorithm;
use aws_lc_rs::signature::UnparsedPublicKey;
use serde_json::Map;
use serde_json::Value;

use crate::jose::Algorithm;
use crate::jose::KeyError;
use crate::jose::KeyFacts;
use crate::jose::UnverifiedToken;
use crate::jose::base64url;
use crate::jose::der;
use crate::jose::rsa::RsaPublicKey;

/// One usable key of a set (RFC 7517 section 4). Unlike the standard, Envoy ignores `use` and `key_ops`.
pub(super) struct Key {
    /// `kid`; empty when absent.
    id: String,
    /// `alg`; empty when absent.
    algorithm: String,
    material: Material,
}

enum Material {
    Rsa(RsaPublicKey),
    Ec { curve: Curve, point: Vec<u8> },
    Oct(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// What came of trying one key.
pub(super) enum Verification {
    Verified,
    Failed,
    /// An Ed25519 key met a signature of another length than 64 bytes.
    WrongLength,
}

impl Key {
    /// Reads one element of `keys`.
    pub(super) fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, KeyError> {
        let key_type = member(jwk, "kty", |_| KeyError::MissingKty, |_| KeyError::BadKty)?;
        let algorithm = jwk.get("alg").and_then(Value::as_str).unwrap_or_default();
        let material = match key_type {
            "RSA" => rsa(jwk, algorithm)?,
            "EC" => ec(jwk, algorithm)?,
            "oct" => oct(jwk, algorithm)?,
            "OKP" => okp(jwk, algorithm)?,
            _ => return Err(KeyError::UnsupportedKty),
        };
        let id = jwk.get("kid").and_then(Value::as_str).unwrap_or_default();
        Ok(Self { id: id.to_owned(), algorithm: algorithm.to_owned(), material })
    }

    /// The RSA key of a certificate, given as `SubjectPublicKeyInfo`.
    pub(super) fn from_certificate_key(key_id: &str, public_key: &[u8]) -> Option<Self> {
        let material = Material::Rsa(RsaPublicKey::from_subject_public_key_info(public_key)?);
        Some(Self { id: key_id.to_owned(), algorithm: String::new(), material })
    }

    /// What people want to know of it.
    pub(super) fn facts(&self) -> KeyFacts {
        let key_type = match &self.material {
            Material::Rsa(_) => "RSA",
            Material::Ec { .. } => "EC",
            Material::Oct(_) => "oct",
            Material::Ed25519(_) => "OKP",
        };
        KeyFacts { key_id: self.id.clone(), algorithm: self.algorithm.clone(), key_type }
    }

    /// Whether identifier and algorithm, as far as both sides name them, are equal.
    pub(super) fn is_considered_for(&self, token: &UnverifiedToken) -> bool {
        (token.key_id().is_empty() || self.id.is_empty() || self.id == token.key_id())
            && (self.algorithm.is_empty() || self.algorithm == token.algorithm().name())
    }

    /// Tries the key. Except for RSA the token's algorithm chooses only the digest, whatever family it belongs to.
    pub(super) fn verify(&self, token: &UnverifiedToken) -> Verification {
        let (text, signature) = (token.signed_text().as_bytes(), token.signature());
        let verified = match &self.material {
            Material::Rsa(key) => key.verifies(token.algorithm(), text, signature),
            Material::Ec { curve, point } => ecdsa_signature(signature).is_some_and(|signature| {
                UnparsedPublicKey::new(curve.verification(token.algorithm()), point).verify(text, &signature).is_ok()
            }),
            Material::Oct(secret) => {
                let digest = hmac_digest(token.algorithm());
                hmac::verify(&hmac::Key::new(digest, secret), text, signature).is_ok()
            }
            Material::Ed25519(_) if signature.len() != 64 => return Verification::WrongLength,
            Material::Ed25519(public_key) => {
                UnparsedPublicKey::new(&signature::ED25519, public_key).verify(text, signature).is_ok()
            }
        };
        if verified { Verification::Verified } else { Verification::Failed }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KeyFacts { key_id, algorithm, key_type } = self.facts();
        write!(f, "Key {{ kty: {key_type}, kid: {key_id:?}, alg: {algorithm:?} }}")
    }
}

/// A member that must be a string.
fn member<'m>(
    jwk: &'m Map<String, Value>,
    name: &'static str,
    missing: impl Fn(&'static str) -> KeyError,
    bad: impl Fn(&'static str) -> KeyError,
) -> Result<&'m str, KeyError> {
    jwk.get(name).ok_or_else(|| missing(name))?.as_str().ok_or_else(|| bad(name))
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    base64url::decode(text.as_bytes())
}

fn rsa(jwk: &Map<String, Value>, algorithm: &str) -> Result<Material, KeyError> {
    if !algorithm.is_empty() && !algorithm.starts_with("RS") && !algorithm.starts_with("PS") {
        return Err(KeyError::RsaAlg);
    }
    let modulus = member(jwk, "n", KeyError::RsaMissing, KeyError::RsaBad)?;
    let exponent = member(jwk, "e", KeyError::RsaMissing, KeyError::RsaBad)?;
    let components = decoded(modulus).zip(decoded(exponent));
    let key = components.and_then(|(modulus, exponent)| RsaPublicKey::from_components(&modulus, &exponent));
    key.map(Material::Rsa).ok_or(KeyError::Rsa)
}

fn ec(jwk: &Map<String, Value>, algorithm: &str) -> Result<Material, KeyError> {
    if !algorithm.is_empty() && !algorithm.starts_with("ES") {
        return Err(KeyError::EcAlg);
    }
    let curve_name = match jwk.get("crv") {
        None => "",
        Some(name) => name.as_str().ok_or(KeyError::EcBad("crv"))?,
    };
    let curve = Curve::of(algorithm, curve_name)?;
    let x = member(jwk, "x", KeyError::EcMissing, KeyError::EcBad)?;
    let y = member(jwk, "y", KeyError::EcMissing, KeyError::EcBad)?;
    let (x, y) = decoded(x).zip(decoded(y)).ok_or(KeyError::EcBase64)?;
    let point = curve.point(&x, &y).ok_or(KeyError::EcPoint)?;
    Ok(Material::Ec { curve, point })
}

fn oct(jwk: &Map<String, Value>, algorithm: &str) -> Result<Material, KeyError> {
    if !matches!(algorithm, "" | "HS256" | "HS384" | "HS512") {
        return Err(KeyError::OctAlg);
    }
    let secret = member(jwk, "k", |_| KeyError::OctMissing, |_| KeyError::OctBad)?;
    let secret = decoded(secret).filter(|secret| !secret.is_empty());
    secret.map(Material::Oct).ok_or(KeyError::OctBase64)
}

fn okp(jwk: &Map<String, Value>, algorithm: &str) -> Result<Material, KeyError> {
    if !matches!(algorithm, "" | "EdDSA") {
        return Err(KeyError::OkpAlg);
    }
    if member(jwk, "crv", KeyError::OkpMissing, KeyError::OkpBad)? != "Ed25519" {
        return Err(KeyError::OkpUnsupported);
    }
    let public_key = member(jwk, "x", KeyError::OkpMissing, KeyError::OkpBad)?;
    let public_key = decoded(public_key).ok_or(KeyError::OkpBase64)?;
    if public_key.len() == 32 { Ok(Material::Ed25519(public_key)) } else { Err(KeyError::OkpLength) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// The curve of a key's `alg` and `crv`; when both are given they must correspond, when none is given it is P-256.
    fn of(algorithm: &str, curve: &str) -> Result<Self, KeyError> {
        match (algorithm, curve) {
            ("" | "ES256", "" | "P-256") => Ok(Self::P256),
            ("", "P-384") | ("ES384", "" | "P-384") => Ok(Self::P384),
            ("", "P-521") | ("ES512", "" | "P-521") => Ok(Self::P521),
            ("", _) | (_, "") => Err(KeyError::EcUnsupported),
            _ => Err(KeyError::EcAlgAndCrv),
        }
    }

    fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The uncompressed point, when it lies on the curve. Coordinates of any width are accepted.
    fn point(self, x: &[u8], y: &[u8]) -> Option<Vec<u8>> {
        let mut point = vec![4];
        for coordinate in [x, y] {
            let significant = der::without_leading_zeros(coordinate);
            point.resize(point.len() + self.width().checked_sub(significant.len())?, 0);
            point.extend_from_slice(significant);
        }
        UnparsedPublicKey::new(self.verification(Algorithm::Es256), &point).parse().is_ok().then_some(point)
    }

    /// The digest follows the token's algorithm, the curve does not.
    fn verification(self, algorithm: Algorithm) -> &'static EcdsaVerificationAlgorithm {
        match (self, algorithm) {
            (Self::P256, Algorithm::Es384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Self::P256, Algorithm::Es512) => &signature::ECDSA_P256_SHA512_ASN1,
            (Self::P256, _) => &signature::ECDSA_P256_SHA256_ASN1,
            (Self::P384, Algorithm::Es384) => &signature::ECDSA_P384_SHA384_ASN1,
            (Self::P384, Algorithm::Es512) => &signature::ECDSA_P384_SHA512_ASN1,
            (Self::P384, _) => &signature::ECDSA_P384_SHA256_ASN1,
            (Self::P521, Algorithm::Es384) => &signature::ECDSA_P521_SHA384_ASN1,
            (Self::P521, Algorithm::Es512) => &signature::ECDSA_P521_SHA512_ASN1,
            (Self::P521, _) => &signature::ECDSA_P521_SHA256_ASN1,
        }
    }
}

fn hmac_digest(algorithm: Algorithm) -> hmac::Algorithm {
    if algorithm == Algorithm::Hs384 {
        hmac::HMAC_SHA384
    } else if algorithm == Algorithm::Hs512 {
        hmac::HMAC_SHA512
    } else {
        hmac::HMAC_SHA256
    }
}

/// R and S as DER. Each is half of the signature; with an odd length the last byte is lost.
fn ecdsa_signature(signature: &[u8]) -> Option<Vec<u8>> {
    let half = signature.len() / 2;
    Some(der::two_integers(signature.get(..half)?, signature.get(half..half * 2)?))
}
