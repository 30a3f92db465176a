//! The block ciphers, in CBC mode, that key files of others are encrypted with. They are only ever decrypted here.

use cbc::cipher::BlockCipherDecrypt;
use cbc::cipher::BlockModeDecrypt as _;
use cbc::cipher::KeyInit;
use cbc::cipher::KeyIvInit as _;
use cbc::cipher::block_padding::Pkcs7;
use zeroize::Zeroizing;

use crate::jose::keys::material::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockCipher {
    Des,
    TripleDes,
    Aes128,
    Aes192,
    Aes256,
}

impl BlockCipher {
    /// Bytes of the key.
    pub(super) fn key_length(self) -> usize {
        match self {
            Self::Des => 8,
            Self::Aes128 => 16,
            Self::TripleDes | Self::Aes192 => 24,
            Self::Aes256 => 32,
        }
    }

    /// Bytes of the initialization vector.
    pub(super) fn block_length(self) -> usize {
        match self {
            Self::Des | Self::TripleDes => 8,
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
        }
    }

    /// The plain text without its padding; nothing when key and padding do not agree, or a length is wrong.
    pub(super) fn decrypt(self, key: &[u8], iv: &[u8], data: &[u8]) -> Option<Secret> {
        match self {
            Self::Des => with::<des::Des>(key, iv, data),
            Self::TripleDes => with::<des::TdesEde3>(key, iv, data),
            Self::Aes128 => with::<aes::Aes128>(key, iv, data),
            Self::Aes192 => with::<aes::Aes192>(key, iv, data),
            Self::Aes256 => with::<aes::Aes256>(key, iv, data),
        }
    }
}

fn with<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], data: &[u8]) -> Option<Secret> {
    let decryptor = cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    let mut buffer = Zeroizing::new(data.to_vec());
    let length = decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok()?.len();
    buffer.truncate(length);
    Some(buffer)
}
