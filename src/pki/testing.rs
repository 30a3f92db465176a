//! Keys, serial numbers and certificates of any kind for tests.

pub(crate) mod mint;
pub(crate) mod party;

use aws_lc_rs::rand::SecureRandom;
use aws_lc_rs::rand::SystemRandom;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::PkiError;
use crate::pki::PrivateKey;

/// The system's random numbers.
pub(crate) struct TestEntropy;

impl Entropy for TestEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError> {
        SystemRandom::new().fill(bytes).map_err(|_| PkiError::Random)
    }

    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError> {
        PrivateKey::generate(key_type, &SystemRandom::new())
    }
}
