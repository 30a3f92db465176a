use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature;
use aws_lc_rs::signature::ParsedPublicKey;

use crate::jose::Algorithm;
use crate::jose::der;
use crate::jose::keys::elliptic::EcCurve;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::material::KeyMaterial;

/// A public key, or secret, ready to verify signatures by the rules of JWS: one algorithm family to a key, fixed signature lengths.
pub struct VerifyingKey {
    jwk: Jwk,
    /// For each algorithm the key may be used with.
    ready: Vec<(Algorithm, Ready)>,
}

#[expect(clippy::large_enum_variant, reason = "few of them live at a time")]
enum Ready {
    Public(Box<ParsedPublicKey>),
    Secret(hmac::Key),
}

impl VerifyingKey {
    /// Makes a key ready. Of a private key the public half is kept.
    ///
    /// A key without any algorithm (another purpose, too weak) is ready for nothing.
    #[must_use]
    pub fn new(jwk: Jwk) -> Self {
        let jwk = jwk.public().unwrap_or(jwk);
        let verifies = jwk.operations().is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        // A secret's `key_ops` may name the signing side only.
        let algorithms = if verifies || jwk.is_secret() { jwk.algorithms() } else { Vec::new() };
        let ready = algorithms.into_iter().filter_map(|algorithm| Some((algorithm, ready(&jwk.material, algorithm)?))).collect();
        Self { jwk, ready }
    }

    /// The key with everything that is said about it.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The algorithms it verifies.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.ready.iter().map(|(algorithm, _)| *algorithm).collect()
    }

    /// Whether it verifies this algorithm.
    #[must_use]
    pub fn knows(&self, algorithm: Algorithm) -> bool {
        self.ready.iter().any(|(ready, _)| *ready == algorithm)
    }

    /// Whether a signature is one of this key over a message, made with this algorithm.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self.ready.iter().find(|(ready, _)| *ready == algorithm) {
            None => false,
            Some((_, Ready::Public(key))) => key.verify_sig(message, signature).is_ok(),
            Some((_, Ready::Secret(key))) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({:?})", self.jwk)
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only algorithms of the key's own type are asked for")]
fn ready(material: &KeyMaterial, algorithm: Algorithm) -> Option<Ready> {
    match material {
        KeyMaterial::Rsa(key) => {
            let parameters = match algorithm {
                Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
                Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
                Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
                _ => return None,
            };
            ParsedPublicKey::new(parameters, der::two_integers(&key.n, &key.e)).ok().map(|key| Ready::Public(Box::new(key)))
        }
        KeyMaterial::Ec(key) => {
            let verification = match key.curve {
                EcCurve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
                EcCurve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
                EcCurve::P521 => &signature::ECDSA_P521_SHA512_FIXED,
            };
            ParsedPublicKey::new(verification, key.point()).ok().map(|key| Ready::Public(Box::new(key)))
        }
        KeyMaterial::Okp(key) => ParsedPublicKey::new(&signature::ED25519, &key.x).ok().map(|key| Ready::Public(Box::new(key))),
        KeyMaterial::Oct(secret) => {
            let digest = match algorithm {
                Algorithm::Hs256 => hmac::HMAC_SHA256,
                Algorithm::Hs384 => hmac::HMAC_SHA384,
                Algorithm::Hs512 => hmac::HMAC_SHA512,
                _ => return None,
            };
            Some(Ready::Secret(hmac::Key::new(digest, secret)))
        }
    }
}
