//! The file format of the `age` program (<https://c2sp.org/age>), with one recipient: a passphrase. What is written here `age -d` reads, and the
//! other way round.
//!
//! ```text
//! age-encryption.org/v1                      header: text, authenticated by its last line
//! -> scrypt <salt> 18
//! <file key, under the passphrase>
//! --- <HMAC-SHA256 of the above>
//! 16 random bytes, then chunks of 64 KiB     payload: ChaCha20-Poly1305, the last chunk marked as the last
//! ```

mod header;
mod stream;

use std::io;
use std::io::Read;
use std::io::Write;

use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::pki::Entropy;

pub(in crate::store) use stream::Reader;
pub(in crate::store) use stream::Writer;

/// Doublings of scrypt's work, as the `age` program has them: about a second and 256 MiB.
pub(in crate::store) const WORK: u8 = 18;

/// The most work that is done for a file whose origin is unknown: 1 GiB.
const MOST_WORK: u8 = 20;

/// Why a file cannot be opened.
#[derive(Debug)]
pub(in crate::store) enum AgeError {
    /// It does not begin as such a file does.
    NotAge,
    /// It is for the holder of a key, not for those who know a passphrase.
    NotForPassphrase,
    /// Its header asks for more work than is reasonable.
    TooMuchWork,
    /// The header was changed, or cut off.
    Damaged,
    /// The passphrase does not open it.
    Passphrase,
    /// It cannot be read.
    Io(io::Error),
}

/// Writes the header; what is written into the result is encrypted.
pub(in crate::store) fn encrypt<W: Write>(
    mut to: W,
    passphrase: &str,
    work: u8,
    entropy: &mut dyn Entropy,
) -> io::Result<Writer<W>> {
    let mut random = |bytes: &mut [u8]| entropy.fill(bytes).map_err(io::Error::other);
    let (mut key, mut salt, mut nonce) = (FileKey::default(), [0; 16], [0; 16]);
    random(key.as_mut_slice())?;
    random(&mut salt)?;
    random(&mut nonce)?;
    to.write_all(header::write(&key, passphrase, &salt, work)?.as_bytes())?;
    to.write_all(&nonce)?;
    let key = derive(&key, &nonce, b"payload")?;
    Writer::new(to, &key)
}

/// Reads the header; what is read from the result is decrypted, and authentic as far as it was read.
pub(in crate::store) fn decrypt<R: Read>(mut from: R, passphrase: &str) -> Result<Reader<R>, AgeError> {
    let key = header::read(&mut from, passphrase)?;
    let mut nonce = [0; 16];
    from.read_exact(&mut nonce).map_err(cut_off)?;
    let key = derive(&key, &nonce, b"payload").map_err(AgeError::Io)?;
    Reader::new(from, &key).map_err(AgeError::Io)
}

type FileKey = Zeroizing<[u8; 16]>;

/// HKDF-SHA256 of the file key.
fn derive(key: &FileKey, salt: &[u8], purpose: &'static [u8]) -> io::Result<Zeroizing<[u8; 32]>> {
    let mut derived = Zeroizing::new([0; 32]);
    let purpose = [purpose];
    let secret = hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(key.as_slice());
    let expanded = secret.expand(&purpose, hkdf::HKDF_SHA256).and_then(|output| output.fill(derived.as_mut_slice()));
    expanded.map_err(|_| io::Error::other("the cryptographic library derived no key"))?;
    Ok(derived)
}

fn cut_off(error: io::Error) -> AgeError {
    if error.kind() == io::ErrorKind::UnexpectedEof { AgeError::Damaged } else { AgeError::Io(error) }
}
