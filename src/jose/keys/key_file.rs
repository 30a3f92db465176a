//! What a key file holds, whatever its format: JWK, JWK set, PEM or DER.

use std::fmt;

use crate::jose::JwkError;
use crate::jose::keys::asn1;
use crate::jose::keys::asn1::Decoded;
use crate::jose::keys::certificates;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::key_set::KeySet;
use crate::jose::keys::key_set::KeySetError;
use crate::jose::keys::pem_keys;
use crate::jose::keys::pkcs8_encryption;
use crate::jose::keys::reading::Strictness;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The format of a key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// One JWK.
    Jwk,
    /// A key set.
    Set,
    /// PEM blocks.
    Pem,
    /// One structure in DER.
    Der,
}

/// A key file that was read.
#[derive(Debug)]
pub struct KeyFile {
    /// Its format.
    pub format: KeyFormat,
    /// Its keys, each once.
    pub keys: Vec<Jwk>,
    /// Elements of a set that cannot be used: which, counted from one, and why.
    pub skipped: Vec<(usize, JwkError)>,
}

/// Reads a key file. Of PEM every key block counts, and a certificate belongs to the key it is for, or else makes a key of its own.
///
/// # Errors
/// When it holds no key, or one that cannot be read; when the passphrase is absent or wrong.
pub fn read_key_file(bytes: &[u8], passphrase: Option<&str>, strictness: Strictness) -> Result<KeyFile, KeyFileError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let whole = |format, keys| Ok(KeyFile { format, keys, skipped: Vec::new() });
    // DER starts with 0x30, the digit `0`.
    if bytes.first() == Some(&0x30) {
        return whole(KeyFormat::Der, vec![read_der(bytes, passphrase)?]);
    }
    let text = str::from_utf8(bytes).map_err(|_| KeyFileError::NoKey)?;
    if !text.trim_start().starts_with(['{', '[', '"']) {
        let keys = pem_keys::read(text, passphrase)?.ok_or(KeyFileError::NoKey)?;
        return whole(KeyFormat::Pem, keys);
    }
    match Jwk::parse_with(bytes, strictness) {
        Ok(key) => whole(KeyFormat::Jwk, vec![key]),
        Err(JwkError::IsSet) => {
            let set = KeySet::parse(bytes, strictness).and_then(KeySet::require_usable)?;
            let skipped = (1..).zip(set.elements());
            let skipped = skipped.filter_map(|(index, element)| Some((index, element.key.as_ref().err()?.clone()))).collect();
            Ok(KeyFile { format: KeyFormat::Set, keys: set.keys().cloned().collect(), skipped })
        }
        Err(error) => Err(error.into()),
    }
}

/// The keys of a file, read strictly; of a set those that can be used.
///
/// # Errors
/// As [`read_key_file`].
pub fn read_keys(bytes: &[u8], passphrase: Option<&str>) -> Result<Vec<Jwk>, KeyFileError> {
    read_key_file(bytes, passphrase, Strictness::Strict).map(|file| file.keys)
}

/// Whichever structure fits; they start differently enough that at most one does.
fn read_der(bytes: &[u8], passphrase: Option<&str>) -> Result<Jwk, KeyFileError> {
    if pkcs8_encryption::is_encrypted(bytes) {
        return pem_keys::read_encrypted(bytes, passphrase);
    }
    let readers = [asn1::read_pkcs8, asn1::read_spki, asn1::read_pkcs1, asn1::read_sec1, asn1::read_pkcs1_public];
    let mut refusal = None;
    for reader in readers {
        match reader(bytes).map(Decoded::into_jwk) {
            Ok(key) => return Ok(key),
            // It is this structure, but the key in it is refused.
            Err(error) if !matches!(error, KeyFileError::Der { .. }) => refusal = refusal.or(Some(error)),
            Err(_) => {}
        }
    }
    if let Ok(certificate) = certificates::read(bytes) {
        let mut keys = Vec::new();
        certificates::attach(&mut keys, &[certificate])?;
        return keys.pop().ok_or(KeyFileError::NoKey);
    }
    Err(refusal.unwrap_or(KeyFileError::NoKey))
}

impl fmt::Display for KeyFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jwk => "JWK",
            Self::Set => "JWK set",
            Self::Pem => "PEM",
            Self::Der => "DER",
        })
    }
}

impl From<KeySetError> for KeyFileError {
    fn from(error: KeySetError) -> Self {
        Self::Set(error)
    }
}
