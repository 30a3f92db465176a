use crate::pki::KeyType;
use crate::pki::PkiError;
use crate::pki::PrivateKey;
use crate::pki::SerialNumber;

/// Where fresh keys, serial numbers and salts come from. Implemented outside this room.
pub trait Entropy {
    /// Fills the slice with random bytes.
    ///
    /// # Errors
    /// [`PkiError::Random`] when there are none.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), PkiError>;

    /// A new private key.
    ///
    /// # Errors
    /// [`PkiError::Generation`] when the library makes none.
    fn private_key(&mut self, key_type: KeyType) -> Result<PrivateKey, PkiError>;

    /// A new serial number of 128 random bits (RFC 5280 section 4.1.2.2).
    ///
    /// # Errors
    /// [`PkiError::Random`] when there are no random bytes.
    fn serial(&mut self) -> Result<SerialNumber, PkiError> {
        let mut bytes = [0; 16];
        while bytes == [0; 16] {
            self.fill(&mut bytes)?;
        }
        Ok(SerialNumber::from_be_bytes(&bytes))
    }
}
