use serde_json::Value;
use thiserror::Error;

use crate::jose::Jwk;
use crate::jose::JwkError;
use crate::jose::StrictJsonError;
use crate::jose::Strictness;
use crate::jose::ThumbprintHash;
use crate::jose::VerifyingKey;
use crate::jose::parse_strict_object;
use crate::jose::unreachable::is_unreachable_key;

/// Why a text is no key set (RFC 7517 section 5).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeySetError {
    /// The text is no JSON object.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// One key instead of a set.
    #[error("a single JWK, not a set: `keys` is missing")]
    SingleKey,
    /// Certificates by key identifier, an older form of some issuers.
    #[error("a map of PEM certificates, not a key set")]
    Certificates,
    /// There is no `keys` member.
    #[error("no key set: `keys` is missing")]
    NoKeys,
    /// `keys` is no list.
    #[error("`keys` is no list")]
    BadKeys,
}

/// An element of a set that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its place in `keys`.
    pub index: usize,
    /// Its `kid`, when it has one.
    pub key_id: Option<String>,
    /// Why.
    pub reason: JwkError,
}

/// Keys to verify tokens with.
#[derive(Debug, Default)]
pub struct VerificationKeys {
    keys: Vec<VerifyingKey>,
    skipped: Vec<SkippedKey>,
    is_placeholder: bool,
}

impl VerificationKeys {
    /// Keys read one by one.
    #[must_use]
    pub fn of_keys(keys: Vec<Jwk>) -> Self {
        let is_placeholder = !keys.is_empty() && keys.iter().all(|key| is_unreachable_key(&key.thumbprint(ThumbprintHash::Sha256)));
        Self { keys: keys.into_iter().map(VerifyingKey::new).collect(), skipped: Vec::new(), is_placeholder }
    }

    /// Reads a key set. Elements that cannot be used are left out and told.
    ///
    /// # Errors
    /// When the text is no key set.
    pub fn from_jwks(text: &[u8]) -> Result<Self, KeySetError> {
        let document = parse_strict_object(text)?;
        let elements = match document.get("keys") {
            Some(Value::Array(elements)) => elements,
            Some(_) => return Err(KeySetError::BadKeys),
            None if document.contains_key("kty") => return Err(KeySetError::SingleKey),
            None if !document.is_empty() && document.values().all(is_certificate) => return Err(KeySetError::Certificates),
            None => return Err(KeySetError::NoKeys),
        };
        let mut keys = Vec::new();
        let mut skipped = Vec::new();
        for (index, element) in elements.iter().enumerate() {
            let no_object = JwkError::Json(StrictJsonError::NotAnObject);
            let read = element.as_object().ok_or(no_object).and_then(|members| Jwk::from_members(members, Strictness::Strict));
            match read {
                Ok(key) => keys.push(key),
                Err(reason) => {
                    let key_id = element.get("kid").and_then(Value::as_str).map(str::to_owned);
                    skipped.push(SkippedKey { index, key_id, reason });
                }
            }
        }
        Ok(Self { skipped, ..Self::of_keys(keys) })
    }

    /// The keys that can be used, in document order.
    #[must_use]
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// The elements that cannot.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Whether this is what istiod puts in when it cannot get the keys.
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        self.is_placeholder
    }
}

fn is_certificate(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with("-----BEGIN CERTIFICATE-----"))
}
