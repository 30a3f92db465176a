//! What a key file holds, whatever its format: JWK, JWK set, PEM or DER.

use zeroize::Zeroizing;

use crate::jose::keys::asn1;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::pem_keys;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The keys of a file. A JWK set may hold several; of a PEM file every key block counts, and certificates belong to the key they
/// are for, or else make keys of their own.
///
/// # Errors
/// When it holds no key, or one that cannot be read; when the passphrase is absent or wrong.
pub fn read_keys(bytes: &[u8], passphrase: Option<&str>) -> Result<Vec<Jwk>, KeyFileError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    if start.first() == Some(&b'{') {
        return Ok(vec![Jwk::parse(start)?]);
    }
    if let Some(keys) = pem_keys::read(bytes, passphrase)? {
        return Ok(keys);
    }
    read_der(bytes, passphrase)
}

fn read_der(bytes: &[u8], _passphrase: Option<&str>) -> Result<Vec<Jwk>, KeyFileError> {
    let bytes = Zeroizing::new(bytes.to_vec());
    let decoded = asn1::read_pkcs8(&bytes).or_else(|_| asn1::read_spki(&bytes)).map_err(|_| KeyFileError::NoKey)?;
    Ok(vec![decoded.into_jwk()])
}
