//! Keys read, converted and refused, against the examples of the RFCs.

mod facts;
mod files;
mod reading;
mod sets;

use aws_lc_rs::rand::SecureRandom as _;
use aws_lc_rs::rand::SystemRandom;

use crate::pki::Entropy;
use crate::pki::KeyType;
use crate::pki::PkiError;
use crate::pki::PrivateKey;

/// Random bytes for salts.
struct Random(SystemRandom);

impl Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError> {
        self.0.fill(bytes).map_err(|_| PkiError::Random)
    }

    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError> {
        PrivateKey::generate(key_type, &self.0)
    }
}
