#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few variants, and all others answer alike")]
use std::fmt;

use aws_lc_rs::encoding::AsBigEndian as _;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SecureRandom as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::RsaKeyPair;
use aws_lc_rs::signature::RsaSignatureEncoding;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::jose::Algorithm;
use crate::jose::JwkError;
use crate::jose::keys::asn1;
use crate::jose::keys::elliptic::EcCurve;
use crate::jose::keys::elliptic::EcKey;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::key_file::read_keys;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::material::KeyMaterial;
use crate::jose::keys::octet::OkpCurve;
use crate::jose::keys::octet::OkpKey;
use crate::jose::keys::thumbprint::ThumbprintHash;

/// The kind and size of a key that is made here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySpec {
    /// RSA of 2048, 3072, 4096 or 8192 bits.
    Rsa(KeySize),
    /// A curve of ECDSA.
    Ec(EcCurve),
    /// Ed25519.
    Ed25519,
    /// A secret of this many bytes.
    Secret(usize),
}

impl KeySpec {
    /// The usual key of an algorithm: RSA 2048, the curve, a secret as long as the digest.
    #[must_use]
    pub fn for_algorithm(algorithm: Algorithm) -> Self {
        use Algorithm as A;
        match algorithm {
            A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => Self::Rsa(KeySize::Rsa2048),
            A::Es256 => Self::Ec(EcCurve::P256),
            A::Es384 => Self::Ec(EcCurve::P384),
            A::Es512 => Self::Ec(EcCurve::P521),
            A::EdDsa => Self::Ed25519,
            A::Hs256 => Self::Secret(32),
            A::Hs384 => Self::Secret(48),
            A::Hs512 => Self::Secret(64),
        }
    }
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SigningError {
    /// The key is not for this algorithm.
    #[error("a key ({key}) does not sign with {algorithm}")]
    Algorithm {
        /// What was asked for.
        algorithm: Algorithm,
        /// The key in words.
        key: String,
    },
    /// The library refused.
    #[error("the cryptographic library made no signature")]
    Library,
    /// The system gave no random bytes, or no key.
    #[error("the cryptographic library made no key")]
    Generation,
}

/// A private key, or secret, that signs tokens. It is wiped when dropped and shows nothing of itself in `Debug` output.
pub struct SigningKey {
    jwk: Jwk,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Secret,
}

impl SigningKey {
    /// A new key, from a source of random numbers that the caller holds.
    ///
    /// # Errors
    /// [`SigningError::Generation`] when the library makes none.
    pub fn generate(spec: KeySpec, random: &SystemRandom) -> Result<Self, SigningError> {
        let failed = |_| SigningError::Generation;
        let material = match spec {
            KeySpec::Rsa(size) => {
                let pair = RsaKeyPair::generate(size).map_err(failed)?;
                let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).map_err(failed)?;
                asn1::read_pkcs8(der.as_ref()).map_err(|_| SigningError::Generation)?.material
            }
            KeySpec::Ec(curve) => {
                let pair = EcdsaKeyPair::generate(curve.signing()).map_err(failed)?;
                let d = pair.private_key().as_be_bytes().map_err(failed)?;
                let key = EcKey::from_private(curve, Zeroizing::new(d.as_ref().to_vec()));
                KeyMaterial::Ec(key.map_err(|_| SigningError::Generation)?)
            }
            KeySpec::Ed25519 => {
                let pair = Ed25519KeyPair::generate().map_err(failed)?;
                let seed = pair.seed().and_then(|seed| seed.as_be_bytes()).map_err(failed)?;
                let key = OkpKey::from_private(OkpCurve::Ed25519, Zeroizing::new(seed.as_ref().to_vec()), None);
                KeyMaterial::Okp(key.map_err(|_| SigningError::Generation)?)
            }
            KeySpec::Secret(length) => {
                let mut secret = Zeroizing::new(vec![0; length]);
                random.fill(&mut secret).map_err(failed)?;
                KeyMaterial::Oct(secret)
            }
        };
        Self::from_jwk(Jwk::of_material(material)).map_err(|_| SigningError::Generation)
    }

    /// Reads a private key from a file's content: PEM, DER or JWK.
    ///
    /// # Errors
    /// When it holds none or several, it is public, or it cannot sign tokens.
    pub fn read(bytes: &[u8], passphrase: Option<&str>) -> Result<Self, KeyFileError> {
        let mut keys = read_keys(bytes, passphrase)?;
        match (keys.pop(), keys.len()) {
            (Some(jwk), 0) => Self::from_jwk(jwk),
            (_, others) => Err(KeyFileError::Several(others + 1)),
        }
    }

    /// A secret for HMAC from its bytes.
    ///
    /// # Errors
    /// When it is shorter than 32 bytes (RFC 7518 section 3.2).
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyFileError> {
        Self::from_jwk(Jwk::of_material(KeyMaterial::Oct(Zeroizing::new(secret.to_vec()))))
    }

    /// Takes a private JWK.
    ///
    /// # Errors
    /// When it is public, or cannot sign tokens: another purpose, a curve that does not sign, too weak.
    pub fn from_jwk(jwk: Jwk) -> Result<Self, KeyFileError> {
        let refused = |reason| KeyFileError::NotSigning { key: jwk.description(), reason };
        if !jwk.is_private() {
            return Err(KeyFileError::Public);
        }
        if jwk.material.algorithms().is_empty() {
            return Err(refused("too weak, too long, or not made for signatures"));
        }
        if jwk.algorithms().is_empty() {
            return Err(refused("its `alg`, `use` or `key_ops` is for something else"));
        }
        if jwk.operations().is_some_and(|operations| !operations.iter().any(|operation| operation == "sign")) {
            return Err(refused("its `key_ops` does not contain `sign`"));
        }
        let library = |_| KeyFileError::NotSigning { key: jwk.description(), reason: "the cryptographic library refuses it" };
        let pair = match &jwk.material {
            KeyMaterial::Rsa(key) => {
                let private = key.private.as_ref().ok_or(KeyFileError::Public)?;
                let components = KeyPairComponents {
                    public_key: PublicKeyComponents { n: key.n.as_slice(), e: key.e.as_slice() },
                    d: private.d.as_slice(),
                    p: private.p.as_slice(),
                    q: private.q.as_slice(),
                    dP: private.dp.as_slice(),
                    dQ: private.dq.as_slice(),
                    qInv: private.qi.as_slice(),
                };
                Pair::Rsa(Box::new(RsaKeyPair::from_components(&components).map_err(library)?))
            }
            KeyMaterial::Ec(key) => {
                let d = key.d.as_ref().ok_or(KeyFileError::Public)?;
                let pair = EcdsaKeyPair::from_private_key_and_public_key(key.curve.signing(), d, &key.point());
                Pair::Ec(pair.map_err(library)?)
            }
            KeyMaterial::Okp(key) => {
                let d = key.d.as_ref().ok_or(KeyFileError::Public)?;
                Pair::Ed25519(Ed25519KeyPair::from_seed_and_public_key(d, &key.x).map_err(library)?)
            }
            KeyMaterial::Oct(_) => Pair::Secret,
        };
        Ok(Self { jwk, pair })
    }

    /// The same with `kid` and `alg` set for publication and signing.
    ///
    /// # Errors
    /// [`JwkError::Algorithm`] when the key does not sign with the algorithm.
    pub fn with_identity(self, key_id: Option<String>, algorithm: Option<Algorithm>) -> Result<Self, JwkError> {
        if let Some(algorithm) = algorithm.filter(|algorithm| !self.jwk.material.algorithms().contains(algorithm)) {
            return Err(JwkError::Algorithm { algorithm: algorithm.to_string(), key: self.jwk.description() });
        }
        let jwk = self.jwk.with_key_id(key_id).with_algorithm(algorithm)?;
        Ok(Self { jwk, pair: self.pair })
    }

    /// The algorithms it signs with, the usual one first; never empty.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        self.jwk.algorithms()
    }

    /// `kid`, when the key has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.jwk.key_id()
    }

    /// The JWK thumbprint with SHA-256, the usual `kid`.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        self.jwk.thumbprint(ThumbprintHash::Sha256)
    }

    /// Whether it is a shared secret, which must not be published in any form.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.jwk.is_secret()
    }

    /// The key with everything that is said about it.
    #[must_use]
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The public half; a secret has none.
    #[must_use]
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.jwk.public()
    }

    /// The signature, or authentication code, as JWS writes it: R and S side by side for ECDSA, a salt as long as the digest for PSS.
    ///
    /// # Errors
    /// When the key does not sign with this algorithm, or the library refuses.
    pub fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        if !self.algorithms().contains(&algorithm) {
            return Err(SigningError::Algorithm { algorithm, key: self.jwk.description() });
        }
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(rsa_encoding(algorithm), &random, message, &mut bytes).map_err(|_| SigningError::Library)?;
                Ok(bytes)
            }
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(|_| SigningError::Library)?.as_ref().to_vec()),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Secret => {
                let KeyMaterial::Oct(secret) = &self.jwk.material else { return Err(SigningError::Library) };
                let digest = match algorithm {
                    Algorithm::Hs384 => hmac::HMAC_SHA384,
                    Algorithm::Hs512 => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                Ok(hmac::sign(&hmac::Key::new(digest, secret), message).as_ref().to_vec())
            }
        }
    }
}

/// Only asked for algorithms of RSA.
fn rsa_encoding(algorithm: Algorithm) -> &'static RsaSignatureEncoding {
    match algorithm {
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => &signature::RSA_PKCS1_SHA256,
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, kid {:?})", self.jwk.description(), self.jwk.key_id())
    }
}

#[cfg(test)]
#[path = "signing_key_tests.rs"]
mod tests;
