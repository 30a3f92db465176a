//! Key files: public keys and secrets to verify with, private keys to sign with.

use std::fs::File;
use std::io::Read;

use zeroize::Zeroizing;

use crate::cli::error::Error;
use crate::jose::Jwk;
use crate::jose::KeyFileError;
use crate::jose::SigningKey;
use crate::jose::read_keys;

/// Larger files hold no key.
const SIZE_LIMIT: u64 = 1 << 20;

/// The bytes of a key file; they are wiped when dropped.
pub(super) fn key_bytes(path: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path).and_then(|file| file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(Error::question(format!("`{path}` is larger than {} MiB: that is no key", SIZE_LIMIT >> 20), None));
    }
    Ok(bytes)
}

/// The keys of a file to verify with; of private ones the public half.
pub(super) fn read_public_keys(path: &str) -> Result<Vec<Jwk>, Error> {
    let keys = read_keys(&key_bytes(path)?, None).map_err(|error| {
        let help = if error == KeyFileError::PassphraseMissing {
            "give the public key, which is not encrypted"
        } else {
            "give a public key in PEM, a certificate, or a JWK"
        };
        Error::question(format!("`{path}`: {error}"), help.to_owned())
    })?;
    Ok(keys.into_iter().map(|key| key.public().unwrap_or(key)).collect())
}

/// A shared secret: an `oct` JWK, or the bytes of the file without a line break at the end. Never a file that holds any other key.
pub(super) fn read_secret(path: &str) -> Result<SigningKey, Error> {
    let bytes = key_bytes(path)?;
    let secret: &[u8] = bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).unwrap_or(&bytes);
    let key = match read_keys(&bytes, None) {
        Ok(keys) => match keys.as_slice() {
            [key] if key.is_secret() => SigningKey::from_jwk(key.clone()),
            _ => return Err(no_secret(path)),
        },
        Err(_) if looks_like_key(&bytes) => return Err(no_secret(path)),
        Err(_) => SigningKey::from_secret(secret),
    };
    key.map_err(|error| {
        Error::question(
            format!("`{path}`: {error}"),
            "take a secret of 32 random bytes or more (RFC 7518 section 3.2)".to_owned(),
        )
    })
}

/// Whether a file was meant to hold another kind of key, even one that cannot be read.
fn looks_like_key(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.contains("-----BEGIN ")
        || text.trim_start().starts_with("ssh-")
        || (text.trim_start().starts_with('{') && text.contains("\"kty\""))
}

/// Public keys as secrets are the classic forgery (RFC 8725 section 2.1).
fn no_secret(path: &str) -> Error {
    Error::question(
        format!("`{path}` holds a key, not a shared secret"),
        "whoever knows a public key could forge tokens made with it as a secret: use `--key` for keys".to_owned(),
    )
}
