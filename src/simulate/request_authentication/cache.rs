use std::sync::Arc;

use aws_lc_rs::digest;
use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::jose::Jwks;
use crate::jose::KeySetDigest;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::simulate::request_authentication::SignatureMemory;
use crate::simulate::request_authentication::claims;

/// Memory held for tokens that were read, at most, in bytes. Beyond it everything is forgotten and read anew; what was verified stays in
/// the [`SignatureMemory`].
const CAPACITY_BYTES: usize = 8 << 20;
/// Longer tokens are not remembered.
const LONGEST_TOKEN_BYTES: usize = 64 << 10;
/// What an entry costs beside its texts, so that many short ones count too.
const ENTRY_BYTES: usize = 512;
/// Key sets and lists of claims remembered for one token. A mesh has few; scenarios may each bring their own.
const MOST_VARIANTS: usize = 8;

/// Remembers what was read and verified, because the same tokens come again and again. Nothing that depends on the time is kept: issuer,
/// times and audience are compared anew for every request.
#[derive(Debug, Clone, Default)]
pub struct TokenCache {
    entries: FxHashMap<Box<str>, Entry>,
    bytes: usize,
    memory: Arc<SignatureMemory>,
}

#[derive(Debug, Clone)]
struct Entry {
    token: Result<Arc<UnverifiedToken>, TokenStatus>,
    /// SHA-256 of the token's text.
    digest: [u8; 32],
    signatures: Vec<(KeySetDigest, Result<usize, TokenStatus>)>,
    claims: Vec<(Arc<[String]>, Arc<Value>)>,
}

impl TokenCache {
    /// A cache that shares with others what was verified.
    #[must_use]
    pub fn sharing(memory: Arc<SignatureMemory>) -> Self {
        Self { memory, ..Self::default() }
    }

    /// How many tokens are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The token of a text.
    pub(super) fn token(&mut self, text: &str) -> Result<Arc<UnverifiedToken>, TokenStatus> {
        if let Some(entry) = self.entries.get(text) {
            return entry.token.clone();
        }
        let token = UnverifiedToken::parse(text).map(Arc::new);
        if text.len() <= LONGEST_TOKEN_BYTES {
            if self.bytes > CAPACITY_BYTES {
                self.entries.clear();
                self.bytes = 0;
            }
            // Its text is kept twice, and its claims once for each list of words, usually one.
            let claims = token.as_ref().map_or(0, |token| 2 * memory_of(token.payload()));
            self.bytes += ENTRY_BYTES + 2 * text.len() + claims;
            let entry = Entry { token: token.clone(), digest: sha256(text), signatures: Vec::new(), claims: Vec::new() };
            self.entries.insert(text.into(), entry);
        }
        token
    }

    /// Which key of a set verifies the token of a text.
    pub(super) fn signature(&mut self, text: &str, token: &UnverifiedToken, keys: &Jwks) -> Result<usize, TokenStatus> {
        let Some(entry) = self.entries.get_mut(text) else { return keys.verify(token) };
        let set = keys.digest();
        if let Some((_, result)) = entry.signatures.iter().find(|(known, _)| *known == set) {
            return *result;
        }
        let result = self.memory.recall(entry.digest, set, || keys.verify(token));
        make_room(&mut entry.signatures);
        entry.signatures.push((set, result));
        result
    }

    /// The payload of the token of a text as a provider records it.
    pub(super) fn claims(&mut self, text: &str, token: &UnverifiedToken, space_delimited: &Arc<[String]>) -> Arc<Value> {
        let Some(entry) = self.entries.get_mut(text) else { return claims::recorded(token.payload(), space_delimited) };
        if let Some((_, claims)) =
            entry.claims.iter().find(|(names, _)| Arc::ptr_eq(names, space_delimited) || names == space_delimited)
        {
            return Arc::clone(claims);
        }
        let claims = claims::recorded(token.payload(), space_delimited);
        make_room(&mut entry.claims);
        entry.claims.push((Arc::clone(space_delimited), Arc::clone(&claims)));
        claims
    }
}

/// Forgets the oldest of too many.
fn make_room<T>(variants: &mut Vec<T>) {
    if variants.len() >= MOST_VARIANTS {
        variants.remove(0);
    }
}

fn sha256(text: &str) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(digest.as_ref()).for_each(|(byte, found)| *byte = *found);
    bytes
}

/// About what a JSON value takes in memory.
fn memory_of(value: &Value) -> usize {
    const VALUE: usize = size_of::<Value>();
    VALUE
        + match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
            Value::String(text) => text.len(),
            Value::Array(elements) => elements.iter().map(memory_of).sum(),
            Value::Object(members) => members.iter().map(|(name, member)| 2 * VALUE + name.len() + memory_of(member)).sum(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::testing::P256;
    use crate::jose::testing::SECRET;
    use crate::jose::testing::jwks;

    fn verified(cache: &mut TokenCache, text: &str, keys: &Jwks) -> Result<usize, TokenStatus> {
        let token = cache.token(text)?;
        cache.signature(text, &token, keys)
    }

    #[test]
    fn a_signature_is_verified_once_for_all_who_share() {
        let memory = Arc::new(SignatureMemory::default());
        let text = P256.mint("ES256", None, "{}");
        // The same set read twice, as two workloads do.
        let set = || Jwks::parse(&jwks(&[&P256.jwk("")])).unwrap();
        for round in 0..3 {
            let mut cache = TokenCache::sharing(Arc::clone(&memory));
            assert_eq!(verified(&mut cache, &text, &set()), Ok(0));
            assert_eq!(verified(&mut cache, &text, &set()), Ok(0));
            assert_eq!(memory.verifications(), 1, "round {round}");
        }
        let other = Jwks::parse(&jwks(&[&SECRET.jwk("")])).unwrap();
        let mut cache = TokenCache::sharing(Arc::clone(&memory));
        assert_eq!(verified(&mut cache, &text, &other), Err(TokenStatus::VerificationFail));
        assert_eq!(memory.verifications(), 2);
    }

    #[test]
    fn memory_is_bounded_by_what_tokens_really_take() {
        let mut cache = TokenCache::default();
        // Many small members: the claims take far more than the text.
        let list: String = (0..5_000).map(|_| "{},").collect();
        for number in 0..200 {
            let text = P256.mint("ES256", None, &format!("{{\"n\":{number},\"l\":[{list}]}}"));
            cache.token(&text).unwrap();
            assert!(cache.bytes < CAPACITY_BYTES + (2 << 20), "{}", cache.bytes);
        }
        assert!(cache.len() < 100, "{}", cache.len());
    }

    #[test]
    fn a_key_set_of_each_request_is_forgotten() {
        let mut cache = TokenCache::default();
        let text = P256.mint("ES256", None, "{}");
        for number in 0..100 {
            let keys = Jwks::parse(&jwks(&[&P256.jwk(&format!(r#""n":"{number}","#))])).unwrap();
            assert_eq!(verified(&mut cache, &text, &keys), Ok(0));
        }
        assert_eq!(cache.entries[text.as_str()].signatures.len(), MOST_VARIANTS);
    }
}
