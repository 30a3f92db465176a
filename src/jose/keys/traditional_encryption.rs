//! PEM blocks encrypted by their headers, as OpenSSL did before PKCS#8 (RFC 1421 section 4.6.1.1 names the headers).
//!
//! There is no check sum: a wrong passphrase shows by its padding, or by the plain text being no key.

use md5::Digest as _;
use md5::Md5;
use zeroize::Zeroizing;

use crate::jose::keys::block_cipher::BlockCipher;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::material::Secret;

const CIPHERS: &[(&str, BlockCipher)] = &[
    ("DES-CBC", BlockCipher::Des),
    ("DES-EDE3-CBC", BlockCipher::TripleDes),
    ("AES-128-CBC", BlockCipher::Aes128),
    ("AES-192-CBC", BlockCipher::Aes192),
    ("AES-256-CBC", BlockCipher::Aes256),
];

/// What `DEK-Info` says.
pub(super) struct DekInfo {
    pub(super) name: &'static str,
    cipher: BlockCipher,
    iv: Vec<u8>,
}

impl DekInfo {
    /// Reads `CIPHER,HEX`.
    pub(super) fn parse(text: &str) -> Result<Self, KeyFileError> {
        let damaged = || KeyFileError::Der { form: "`DEK-Info` header" };
        let (name, hex) = text.split_once(',').ok_or_else(damaged)?;
        let known = CIPHERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
        let (name, cipher) = *known.ok_or_else(|| KeyFileError::Encryption { scheme: format!("`{}`", name.trim()) })?;
        let iv = bytes_of_hex(hex.trim()).filter(|iv| iv.len() == cipher.block_length()).ok_or_else(damaged)?;
        Ok(Self { name, cipher, iv })
    }

    /// The plain text, as far as the padding tells.
    pub(super) fn decrypt(&self, passphrase: &str, data: &[u8]) -> Result<Secret, KeyFileError> {
        let salt = self.iv.get(..8).unwrap_or_default();
        let key = bytes_to_key(passphrase.as_bytes(), salt, self.cipher.key_length());
        self.cipher.decrypt(&key, &self.iv, data).ok_or(KeyFileError::PassphraseWrong)
    }
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round.
fn bytes_to_key(passphrase: &[u8], salt: &[u8], length: usize) -> Secret {
    let mut key = Zeroizing::new(Vec::with_capacity(length + 16));
    let mut last: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::new());
    while key.len() < length {
        let mut digest = Md5::new();
        digest.update(&*last);
        digest.update(passphrase);
        digest.update(salt);
        last = Zeroizing::new(digest.finalize().to_vec());
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::DekInfo;
    use super::bytes_of_hex;
    use super::bytes_to_key;

    #[test]
    fn keys_are_derived_as_openssl_does() {
        let salt = [1, 2, 3, 4, 5, 6, 7, 8];
        let long = "c9e5a1bd216dbe1317e230cef48f38ee7f0e17ad64022144bccec4a1aa2879ab";
        for length in [8, 16, 24, 32] {
            assert_eq!(
                Some(bytes_to_key(b"secret", &salt, length).to_vec()),
                bytes_of_hex(long.get(..length * 2).unwrap()),
                "{length}"
            );
        }
    }

    #[test]
    fn headers_that_are_refused() {
        for (text, wanted) in [
            ("", "a damaged `DEK-Info` header"),
            ("DES-EDE3-CBC", "a damaged `DEK-Info` header"),
            ("DES-EDE3-CBC,082B4B3DC7BE79", "a damaged `DEK-Info` header"),
            ("DES-EDE3-CBC,082B4B3DC7BE79F", "a damaged `DEK-Info` header"),
            ("DES-EDE3-CBC,082B4B3DC7BE79FG", "a damaged `DEK-Info` header"),
            ("AES-128-CBC,082B4B3DC7BE79F7", "a damaged `DEK-Info` header"),
            ("CAMELLIA-128-CBC,00", "the private key is encrypted with `CAMELLIA-128-CBC`, which is not supported"),
            ("AES-128-GCM,00", "the private key is encrypted with `AES-128-GCM`, which is not supported"),
        ] {
            let error = DekInfo::parse(text).err().map(|error| error.to_string());
            assert_eq!(error.as_deref(), Some(wanted), "{text}");
        }
    }
}
