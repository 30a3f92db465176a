use std::io;
use std::io::Read;

use aws_lc_rs::aead::Aad;
use aws_lc_rs::aead::CHACHA20_POLY1305;
use aws_lc_rs::aead::LessSafeKey;
use aws_lc_rs::aead::Nonce;
use aws_lc_rs::aead::UnboundKey;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use super::AgeError;
use super::FileKey;
use super::MOST_WORK;
use super::cut_off;
use super::derive;

const VERSION: &str = "age-encryption.org/v1";
const SALT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
const STANZA: &str = "-> scrypt ";
const END: &str = "---";

/// No line of a header is longer: one holds at most 64 characters of base64, or a stanza's arguments.
const LONGEST_LINE: usize = 1024;

/// The whole header, up to and with its last line end.
pub(super) fn write(key: &FileKey, passphrase: &str, salt: &[u8; 16], work: u8) -> io::Result<String> {
    let mut wrapped = Zeroizing::new(key.to_vec());
    let wrap = wrapping_key(passphrase, salt, work)?;
    let sealed = wrap.seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), &mut *wrapped);
    sealed.map_err(|_| io::Error::other("the cryptographic library encrypted nothing"))?;
    let (salt, body) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(wrapped.as_slice()));
    let mut header = format!("{VERSION}\n{STANZA}{salt} {work}\n{body}\n{END}");
    let mac = STANDARD_NO_PAD.encode(hmac::sign(&mac_key(key)?, header.as_bytes()));
    header.push(' ');
    header.push_str(&mac);
    header.push('\n');
    Ok(header)
}

/// Reads the header and opens the file key with the passphrase.
pub(super) fn read(from: &mut impl Read, passphrase: &str) -> Result<FileKey, AgeError> {
    let version = read_line(from);
    let version = if matches!(version, Err(AgeError::Damaged)) { return Err(AgeError::NotAge) } else { version? };
    if version != VERSION {
        return Err(AgeError::NotAge);
    }
    let stanza = read_line(from)?;
    let arguments = stanza.strip_prefix(STANZA).ok_or(AgeError::NotForPassphrase)?;
    let (salt, work) = arguments.split_once(' ').ok_or(AgeError::Damaged)?;
    let salt: [u8; 16] = decode(salt)?;
    // As the format has it: no sign, no zero in front.
    let is_plain = work.bytes().all(|byte| byte.is_ascii_digit()) && !work.starts_with('0');
    let work = work.parse::<u8>().ok().filter(|_| is_plain).ok_or(AgeError::Damaged)?;
    if work > MOST_WORK {
        return Err(AgeError::TooMuchWork);
    }
    let body = read_line(from)?;
    let mut wrapped = Zeroizing::new(decode::<32>(&body)?);
    let end = read_line(from)?;
    // A passphrase may not stand beside another recipient, so nothing comes between.
    let mac = end.strip_prefix(END).and_then(|rest| rest.strip_prefix(' ')).ok_or(AgeError::Damaged)?;
    let mac: [u8; 32] = decode(mac)?;
    let wrap = wrapping_key(passphrase, &salt, work).map_err(AgeError::Io)?;
    let opened = wrap.open_in_place(Nonce::assume_unique_for_key([0; 12]), Aad::empty(), wrapped.as_mut_slice());
    let opened = opened.map_err(|_| AgeError::Passphrase)?;
    let key = FileKey::new(<[u8; 16]>::try_from(&*opened).map_err(|_| AgeError::Damaged)?);
    let signed = format!("{VERSION}\n{stanza}\n{body}\n{END}");
    hmac::verify(&mac_key(&key).map_err(AgeError::Io)?, signed.as_bytes(), &mac).map_err(|_| AgeError::Damaged)?;
    Ok(key)
}

fn wrapping_key(passphrase: &str, salt: &[u8; 16], work: u8) -> io::Result<LessSafeKey> {
    let mut key = Zeroizing::new([0; 32]);
    let failed = || io::Error::other("scrypt derived no key");
    let parameters = scrypt::Params::new(work, 8, 1).map_err(|_| failed())?;
    let salt = [SALT_LABEL, salt.as_slice()].concat();
    scrypt::scrypt(passphrase.as_bytes(), &salt, &parameters, key.as_mut_slice()).map_err(|_| failed())?;
    Ok(LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()).map_err(|_| failed())?))
}

fn mac_key(key: &FileKey) -> io::Result<hmac::Key> {
    Ok(hmac::Key::new(hmac::HMAC_SHA256, derive(key, &[], b"header")?.as_slice()))
}

/// Byte by byte: what follows the header belongs to the payload.
fn read_line(from: &mut impl Read) -> Result<String, AgeError> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        from.read_exact(&mut byte).map_err(cut_off)?;
        match byte {
            [b'\n'] => return String::from_utf8(line).map_err(|_| AgeError::Damaged),
            _ if line.len() == LONGEST_LINE => return Err(AgeError::Damaged),
            [byte] => line.push(byte),
        }
    }
}

fn decode<const LENGTH: usize>(text: &str) -> Result<[u8; LENGTH], AgeError> {
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| AgeError::Damaged)?;
    bytes.try_into().map_err(|_| AgeError::Damaged)
}
