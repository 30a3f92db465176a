use std::fmt;

use aws_lc_rs::digest;
use serde_json::Map;
use serde_json::Value;
use thiserror::Error;

use crate::jose::KeyError;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::jose::certificate;
use crate::jose::key::Key;
use crate::jose::key::Verification;
use crate::jose::parse_object;
use crate::jose::unreachable::is_unreachable_modulus;

/// Why a text is no key set to Envoy. The messages are Envoy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Error)]
pub enum JwksError {
    /// The text is no JSON object.
    #[error("Jwks is an invalid JSON")]
    Json,
    /// There is no `keys` member, and the object is no map of certificates either.
    #[error("Jwks does not have [keys] field")]
    NoKeys,
    /// `keys` is no list.
    #[error("[keys] in Jwks is not an array")]
    BadKeys,
    /// `keys` holds no usable key; this is what is wrong with the first object in it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// `keys` holds no object.
    #[error("Jwks doesn't have any valid public key")]
    NoValidKeys,
    /// A certificate cannot be read.
    #[error("X509 parse pubkey fails")]
    Certificate,
    /// A certificate holds no usable RSA key.
    #[error("X509 parse pubkey internal fails: get pubkey")]
    CertificateKey,
}

/// A key set (RFC 7517 section 5) with at least one usable key, in document order.
pub struct Jwks {
    keys: Vec<Key>,
    is_placeholder: bool,
    digest: KeySetDigest,
}

/// SHA-256 of the text of a key set: tells sets apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeySetDigest([u8; 32]);

impl KeySetDigest {
    fn of(text: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, text.as_bytes());
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, found)| *byte = *found);
        Self(bytes)
    }
}

/// What is known of a key of a set, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// `kid`; empty when absent.
    pub key_id: String,
    /// `alg`; empty when absent.
    pub algorithm: String,
    /// `kty`.
    pub key_type: &'static str,
}

impl KeyFacts {
    /// Whether Envoy tries this key for a token.
    #[must_use]
    pub fn is_considered_for(&self, token: &UnverifiedToken) -> bool {
        (token.key_id().is_empty() || self.key_id.is_empty() || self.key_id == token.key_id())
            && (self.algorithm.is_empty() || self.algorithm == token.algorithm().name())
    }
}

impl fmt::Display for KeyFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.key_id.is_empty() { "no `kid`".to_owned() } else { format!("`{}`", self.key_id) };
        let algorithm = if self.algorithm.is_empty() { "any `alg`" } else { &self.algorithm };
        write!(f, "{name} ({}, {algorithm})", self.key_type)
    }
}

impl Jwks {
    /// Reads a key set, or a map from key identifier to PEM certificate. Unusable elements of `keys` are left out.
    ///
    /// # Errors
    /// With the reason Envoy would refuse the whole text for.
    pub fn parse(text: &str) -> Result<Self, JwksError> {
        let document = parse_object(text.as_bytes()).map_err(|_| JwksError::Json)?;
        let keys = match document.get("keys") {
            None => keys_of_certificates(&document)?,
            Some(Value::Array(elements)) => keys_of_elements(elements)?,
            Some(_) => return Err(JwksError::BadKeys),
        };
        Ok(Self { keys, is_placeholder: is_placeholder(&document), digest: KeySetDigest::of(text) })
    }

    /// What tells this set apart from others.
    #[must_use]
    pub fn digest(&self) -> KeySetDigest {
        self.digest
    }

    /// The usable keys in document order.
    #[must_use]
    pub fn facts(&self) -> Vec<KeyFacts> {
        self.keys.iter().map(Key::facts).collect()
    }

    /// Whether this is what istiod puts in when it cannot get the keys.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.is_placeholder
    }

    /// Which key, counted in document order among the usable ones, verifies the signature.
    ///
    /// # Errors
    /// With the status Envoy would answer.
    pub fn verify(&self, token: &UnverifiedToken) -> Result<usize, TokenStatus> {
        let mut failure = TokenStatus::KidAlgMismatch;
        for (index, key) in self.keys.iter().enumerate() {
            if !key.is_considered_for(token) {
                continue;
            }
            failure = TokenStatus::VerificationFail;
            match key.verify(token) {
                Verification::Verified => return Ok(index),
                Verification::Failed => {}
                // Ends the search even when a later key would fit.
                Verification::WrongLength => return Err(TokenStatus::Ed25519Length),
            }
        }
        Err(failure)
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

fn is_placeholder(document: &Map<String, Value>) -> bool {
    let elements = document.get("keys").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    matches!(elements, [only] if only.get("n").and_then(Value::as_str).is_some_and(is_unreachable_modulus))
}

/// The usable keys, or else what Envoy says: the first error it met.
fn keys_of_elements(elements: &[Value]) -> Result<Vec<Key>, JwksError> {
    let mut keys = Vec::new();
    let mut first_error = None;
    for element in elements.iter().filter_map(Value::as_object) {
        match Key::from_jwk(element) {
            Ok(key) => keys.push(key),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    if keys.is_empty() { Err(first_error.map_or(JwksError::NoValidKeys, JwksError::Key)) } else { Ok(keys) }
}

/// The older form some issuers publish: every member is a certificate, its name the key identifier.
fn keys_of_certificates(document: &Map<String, Value>) -> Result<Vec<Key>, JwksError> {
    let certificates: Option<Vec<_>> = document
        .iter()
        .map(|(key_id, member)| {
            let pem = member.as_str()?;
            (!key_id.is_empty() && certificate::looks_like_pem(pem)).then_some((key_id, pem))
        })
        .collect();
    let certificates = certificates.filter(|certificates| !certificates.is_empty()).ok_or(JwksError::NoKeys)?;
    let key_of = |(key_id, pem): (&String, &str)| {
        let public_key = certificate::subject_public_key_info(pem).ok_or(JwksError::Certificate)?;
        Key::from_certificate_key(key_id, &public_key).ok_or(JwksError::CertificateKey)
    };
    certificates.into_iter().map(key_of).collect()
}

#[cfg(test)]
#[path = "jwks_tests.rs"]
mod tests;
