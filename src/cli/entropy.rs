//! Fresh keys and serial numbers from the operating system.

use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rand::SystemRandom;

use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::PkiError;
use crate::pki::PrivateKey;

/// The operating system's random numbers.
#[derive(Debug)]
pub struct SystemEntropy(SystemRandom);

impl SystemEntropy {
    /// The one source of a process.
    #[must_use]
    pub fn new() -> Self {
        Self(SystemRandom::new())
    }
}

impl Default for SystemEntropy {
    fn default() -> Self {
        Self::new()
    }
}

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError> {
        self.0.fill(bytes).map_err(|_| PkiError::Random)
    }

    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError> {
        PrivateKey::generate(key_type, &self.0)
    }
}
