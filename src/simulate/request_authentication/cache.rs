use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::jose::Jwks;
use crate::jose::TokenStatus;
use crate::jose::UnverifiedToken;
use crate::simulate::request_authentication::claims;

/// Token text held at most, in bytes. Beyond it everything is forgotten and learnt anew.
const CAPACITY_BYTES: usize = 4 << 20;
/// Longer tokens are not remembered.
const LONGEST_TOKEN_BYTES: usize = 64 << 10;
/// What an entry costs beside its text, so that many short texts count too.
const ENTRY_BYTES: usize = 512;

/// Remembers what was read and verified, because the same tokens come again and again. Nothing that depends on the time is kept.
#[derive(Debug, Clone, Default)]
pub struct TokenCache {
    entries: FxHashMap<Box<str>, Entry>,
    bytes: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    token: Result<Arc<UnverifiedToken>, TokenStatus>,
    /// Holding the key set keeps its address from being taken by another one.
    signatures: Vec<(Arc<Jwks>, Result<usize, TokenStatus>)>,
    claims: Vec<(Arc<[String]>, Arc<Value>)>,
}

impl TokenCache {
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
            self.bytes += text.len() + ENTRY_BYTES;
            self.entries.insert(text.into(), Entry { token: token.clone(), signatures: Vec::new(), claims: Vec::new() });
        }
        token
    }

    /// Which key of a set verifies the token of a text.
    pub(super) fn signature(&mut self, text: &str, token: &UnverifiedToken, keys: &Arc<Jwks>) -> Result<usize, TokenStatus> {
        let Some(entry) = self.entries.get_mut(text) else { return keys.verify(token) };
        if let Some((_, result)) = entry.signatures.iter().find(|(known, _)| Arc::ptr_eq(known, keys)) {
            return *result;
        }
        let result = keys.verify(token);
        entry.signatures.push((Arc::clone(keys), result));
        result
    }

    /// The payload of the token of a text as a provider records it.
    pub(super) fn claims(&mut self, text: &str, token: &UnverifiedToken, space_delimited: &Arc<[String]>) -> Arc<Value> {
        let Some(entry) = self.entries.get_mut(text) else { return claims::recorded(token.payload(), space_delimited) };
        if let Some((_, claims)) = entry.claims.iter().find(|(names, _)| Arc::ptr_eq(names, space_delimited)) {
            return Arc::clone(claims);
        }
        let claims = claims::recorded(token.payload(), space_delimited);
        entry.claims.push((Arc::clone(space_delimited), Arc::clone(&claims)));
        claims
    }
}
