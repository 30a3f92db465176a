use std::sync::Mutex;
use std::sync::PoisonError;
#[cfg(test)]
use std::sync::atomic::AtomicU64;
#[cfg(test)]
use std::sync::atomic::Ordering;

use rustc_hash::FxHashMap;

use crate::jose::KeySetDigest;
use crate::jose::TokenStatus;

/// Signatures remembered at most; about 10 MB. Beyond it everything is forgotten and verified anew.
const CAPACITY: usize = 1 << 16;

type Key = ([u8; 32], KeySetDigest);

/// Remembers which key of a set made the signature of a token, for all threads of a run: verifying is what costs.
///
/// Tokens and key sets are known by their SHA-256, so memory does not grow with them. Whether a token is in time, and for whom, is not
/// remembered.
#[derive(Debug, Default)]
pub struct SignatureMemory {
    results: Mutex<FxHashMap<Key, Result<usize, TokenStatus>>>,
    #[cfg(test)]
    verifications: AtomicU64,
}

impl SignatureMemory {
    /// What was found before, or is found now. The lock is not held meanwhile: two threads may verify the same token at once.
    pub(super) fn recall(
        &self,
        token: [u8; 32],
        keys: KeySetDigest,
        verify: impl FnOnce() -> Result<usize, TokenStatus>,
    ) -> Result<usize, TokenStatus> {
        let key = (token, keys);
        if let Some(result) = self.results.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return *result;
        }
        let result = verify();
        #[cfg(test)]
        self.verifications.fetch_add(1, Ordering::Relaxed);
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        if results.len() >= CAPACITY {
            results.clear();
        }
        results.insert(key, result);
        result
    }

    #[cfg(test)]
    pub(super) fn verifications(&self) -> u64 {
        self.verifications.load(Ordering::Relaxed)
    }
}
