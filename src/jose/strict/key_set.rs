use crate::jose::Jwk;
use crate::jose::JwkError;
use crate::jose::KeySet;
use crate::jose::KeySetError;
use crate::jose::Strictness;
use crate::jose::ThumbprintHash;
use crate::jose::VerifyingKey;
use crate::jose::unreachable::is_unreachable_key;

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

/// Keys to verify tokens with, made ready once.
#[derive(Debug, Default)]
pub struct VerificationKeys {
    keys: Vec<VerifyingKey>,
    skipped: Vec<SkippedKey>,
    is_placeholder: bool,
}

impl VerificationKeys {
    /// Keys read one by one.
    #[must_use]
    pub fn of_keys(keys: impl IntoIterator<Item = Jwk>) -> Self {
        let keys: Vec<VerifyingKey> = keys.into_iter().map(VerifyingKey::new).collect();
        let is_placeholder = |key: &VerifyingKey| is_unreachable_key(&key.jwk().thumbprint(ThumbprintHash::Sha256));
        Self { is_placeholder: !keys.is_empty() && keys.iter().all(is_placeholder), keys, skipped: Vec::new() }
    }

    /// Reads a key set. Elements that cannot be used are left out and told; an empty set is one, too.
    ///
    /// # Errors
    /// When the text is no key set.
    pub fn from_jwks(text: &[u8]) -> Result<Self, KeySetError> {
        let set = KeySet::parse(text, Strictness::Strict)?;
        let skipped = set.elements().iter().enumerate().filter_map(|(index, element)| {
            let reason = element.key.as_ref().err()?.clone();
            Some(SkippedKey { index, key_id: element.key_id().map(str::to_owned), reason })
        });
        Ok(Self { skipped: skipped.collect(), ..Self::of_keys(set.keys().cloned()) })
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
