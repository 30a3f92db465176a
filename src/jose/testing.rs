//! Keys that sign tokens in tests, and tokens with headers and payloads put in verbatim.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature;
use aws_lc_rs::signature::EcdsaKeyPair;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::KeyPair as _;
use aws_lc_rs::signature::RsaKeyPair;
use aws_lc_rs::signature::RsaPssSaltLength;
use aws_lc_rs::signature::RsaSignatureEncoding;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::jose::der;

pub(crate) static RSA: LazyLock<SigningKey> = LazyLock::new(SigningKey::rsa);
pub(crate) static OTHER_RSA: LazyLock<SigningKey> = LazyLock::new(SigningKey::rsa);
pub(crate) static P256: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ec("P-256"));
pub(crate) static P384: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ec("P-384"));
pub(crate) static P521: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::ec("P-521"));
pub(crate) static ED25519: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::Ed25519(Ed25519KeyPair::generate().unwrap()));
pub(crate) static SECRET: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::Oct(b"a secret known to both sides".to_vec()));

/// A key pair, or a secret.
pub(crate) enum SigningKey {
    Rsa(RsaKeyPair),
    Ec { curve: &'static str, pkcs8: Vec<u8>, point: Vec<u8> },
    Ed25519(Ed25519KeyPair),
    Oct(Vec<u8>),
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A compact token of these texts, whatever they are.
pub(crate) fn token(header: &str, payload: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    signed(&format!("{}.{}", base64url(header), base64url(payload)), sign)
}

/// A compact token of two pieces that are already encoded.
pub(crate) fn signed(pieces: &str, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    format!("{pieces}.{}", base64url(sign(pieces.as_bytes())))
}

impl SigningKey {
    fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    fn ec(curve: &'static str) -> Self {
        let algorithm = match curve {
            "P-256" => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
            "P-384" => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
        };
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let pkcs8 = pair.to_pkcs8v1().unwrap().as_ref().to_vec();
        Self::Ec { curve, pkcs8, point: pair.public_key().as_ref().to_vec() }
    }

    /// Signs as `alg` says. An EC key with the digest of the name; other keys that do not fit it sign with SHA-256.
    pub(crate) fn sign(&self, alg: &str, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let encoding: &'static RsaSignatureEncoding = match alg {
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS256/20" => &const { signature::RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Custom(20)) },
                    "PS384" => &signature::RSA_PSS_SHA384,
                    "PS512" => &signature::RSA_PSS_SHA512,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut bytes = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, text, &mut bytes).unwrap();
                bytes
            }
            Self::Ec { curve, pkcs8, .. } => {
                let algorithm = match (*curve, alg) {
                    ("P-256", _) => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
                    ("P-384", _) => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
                    (_, "ES384") => &signature::ECDSA_P521_SHA384_FIXED_SIGNING,
                    (_, "ES512") => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
                    _ => &signature::ECDSA_P521_SHA256_FIXED_SIGNING,
                };
                let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8).unwrap();
                pair.sign(&random, text).unwrap().as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(text).as_ref().to_vec(),
            Self::Oct(secret) => {
                let digest = match alg {
                    "HS384" => hmac::HMAC_SHA384,
                    "HS512" => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                hmac::sign(&hmac::Key::new(digest, secret), text).as_ref().to_vec()
            }
        }
    }

    /// The public members as a JWK; `more` is put in front, such as `"kid":"k1",`.
    pub(crate) fn jwk(&self, more: &str) -> String {
        match self {
            Self::Rsa(_) => {
                let (modulus, exponent) = self.rsa_components();
                format!(r#"{{{more}"kty":"RSA","n":"{}","e":"{}"}}"#, base64url(modulus), base64url(exponent))
            }
            Self::Ec { curve, point, .. } => {
                let (x, y) = point[1..].split_at((point.len() - 1) / 2);
                format!(r#"{{{more}"kty":"EC","crv":"{curve}","x":"{}","y":"{}"}}"#, base64url(x), base64url(y))
            }
            Self::Ed25519(pair) => {
                format!(r#"{{{more}"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url(pair.public_key()))
            }
            Self::Oct(secret) => format!(r#"{{{more}"kty":"oct","k":"{}"}}"#, base64url(secret)),
        }
    }

    /// Modulus and exponent, with the zero DER puts in front of the modulus.
    pub(crate) fn rsa_components(&self) -> (Vec<u8>, Vec<u8>) {
        let Self::Rsa(pair) = self else { panic!("no RSA key") };
        let (content, _) = der::Elements::of(pair.public_key().as_ref()).next(der::SEQUENCE).unwrap();
        let mut integers = der::Elements::of(content);
        let (modulus, _) = integers.next(0x02).unwrap();
        let (exponent, _) = integers.next(0x02).unwrap();
        (modulus.to_vec(), exponent.to_vec())
    }

    /// Mints a token with this header, its `alg` being `alg`.
    pub(crate) fn mint(&self, alg: &str, kid: Option<&str>, payload: &str) -> String {
        let kid = kid.map(|kid| format!(r#","kid":"{kid}""#)).unwrap_or_default();
        token(&format!(r#"{{"alg":"{alg}"{kid}}}"#), payload, |text| self.sign(alg, text))
    }
}

/// A key set of these JWKs.
pub(crate) fn jwks(keys: &[&str]) -> String {
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}
