//! Encrypted PKCS#8 (RFC 5958 section 3): PBES2 read and written, PBES1 and the schemes of PKCS#12 read.

use aws_lc_rs::digest;
use md5::Digest as _;
use md5::Md5;
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2;
use zeroize::Zeroizing;

use crate::jose::der::Elements;
use crate::jose::der::SEQUENCE;
use crate::jose::keys::asn1::dotted;
use crate::jose::keys::block_cipher::BlockCipher;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::material::Secret;
use crate::pki::Entropy;

const OCTET_STRING: u8 = 0x04;
const INTEGER: u8 = 0x02;
const OBJECT_IDENTIFIER: u8 = 0x06;

/// Rounds of PBKDF2-HMAC-SHA256 when writing.
const ROUNDS: u32 = 600_000;
/// Rounds beyond this are refused: a file must not keep a processor busy for minutes.
const MOST_ROUNDS: u32 = 5_000_000;
/// Memory of scrypt beyond this is refused.
const MOST_MEMORY: u64 = 256 << 20;
/// Fewer rounds than this are worth a note.
const FEW_ROUNDS: u32 = 100_000;

/// PBES1 (RFC 8018 appendix A.3) and the schemes of PKCS#12 (RFC 7292 appendix C), by the content of their object identifiers.
const OLD_SCHEMES: &[(&[u8], &str, Option<OldScheme>)] = &[
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x01], "pbeWithMD2AndDES-CBC", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x03], "pbeWithMD5AndDES-CBC", Some(OldScheme::Pbes1Md5)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x04], "pbeWithMD2AndRC2-CBC", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x06], "pbeWithMD5AndRC2-CBC", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0a], "pbeWithSHA1AndDES-CBC", Some(OldScheme::Pbes1Sha1)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0b], "pbeWithSHA1AndRC2-CBC", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x01], "pbeWithSHAAnd128BitRC4", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x02], "pbeWithSHAAnd40BitRC4", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03], "pbeWithSHAAnd3-KeyTripleDES-CBC", Some(OldScheme::Pkcs12)),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x04], "pbeWithSHAAnd2-KeyTripleDES-CBC", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x05], "pbeWithSHAAnd128BitRC2-CBC", None),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x06], "pbeWithSHAAnd40BitRC2-CBC", None),
];
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];

#[derive(Debug, Clone, Copy)]
enum OldScheme {
    Pbes1Md5,
    Pbes1Sha1,
    Pkcs12,
}

/// A decrypted `PrivateKeyInfo`, and what is to be said about its encryption.
pub(super) struct Decrypted {
    pub(super) der: Secret,
    pub(super) note: Option<JwkNote>,
}

/// Whether the bytes look like `EncryptedPrivateKeyInfo`: an algorithm and nothing but octets.
pub(super) fn is_encrypted(bytes: &[u8]) -> bool {
    parts(bytes).is_some()
}

/// Opens an `EncryptedPrivateKeyInfo`. Without a passphrase it is still checked whether one would help.
pub(super) fn decrypt(bytes: &[u8], passphrase: Option<&str>) -> Result<Decrypted, KeyFileError> {
    let damaged = || KeyFileError::Der { form: "encrypted PKCS#8 private key" };
    let (oid, parameters, data) = parts(bytes).ok_or_else(damaged)?;
    if oid == PBES2 {
        let info = EncryptedPrivateKeyInfoRef::try_from(bytes).map_err(|_| unsupported_pbes2(parameters))?;
        let note = check_cost(&info.encryption_algorithm)?;
        let passphrase = passphrase.ok_or(KeyFileError::PassphraseMissing)?;
        let plain = info.encryption_algorithm.decrypt(passphrase, data).map(Zeroizing::new);
        return Ok(Decrypted { der: plain.map_err(|_| KeyFileError::PassphraseWrong)?, note });
    }
    let known = OLD_SCHEMES.iter().find(|(known, ..)| *known == oid);
    let Some((_, name, Some(scheme))) = known else {
        return Err(KeyFileError::Encryption { scheme: known.map_or_else(|| dotted(oid), |(_, name, _)| (*name).to_owned()) });
    };
    let mut fields = Elements::of(Elements::of(parameters).next(SEQUENCE).ok_or_else(damaged)?.0);
    let (salt, _) = fields.next(OCTET_STRING).ok_or_else(damaged)?;
    let (rounds, _) = fields.next(INTEGER).ok_or_else(damaged)?;
    let rounds = rounds.iter().try_fold(0_u32, |sum, byte| sum.checked_mul(256)?.checked_add(u32::from(*byte)));
    let rounds = rounds.filter(|rounds| (1..=MOST_ROUNDS).contains(rounds));
    let rounds = rounds.ok_or_else(|| KeyFileError::Cost { cost: format!("more than {MOST_ROUNDS} rounds") })?;
    let passphrase = passphrase.ok_or(KeyFileError::PassphraseMissing)?;
    let plain = scheme.decrypt(passphrase, salt, rounds, data).ok_or(KeyFileError::PassphraseWrong)?;
    Ok(Decrypted { der: plain, note: Some(JwkNote::WeakEncryption((*name).to_owned())) })
}

/// Encrypts a `PrivateKeyInfo` with PBES2: PBKDF2-HMAC-SHA256 with 600,000 rounds, AES-256-CBC.
pub(super) fn encrypt(der: &[u8], passphrase: &str, entropy: &mut dyn Entropy) -> Option<Vec<u8>> {
    let (mut salt, mut iv) = ([0; 16], [0; 16]);
    entropy.fill(&mut salt).ok()?;
    entropy.fill(&mut iv).ok()?;
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(ROUNDS, &salt, iv).ok()?;
    let encrypted = PrivateKeyInfoRef::try_from(der).ok()?.encrypt_with_params(parameters, passphrase).ok()?;
    Some(encrypted.as_bytes().to_vec())
}

/// Object identifier and parameters of the encryption, and the encrypted bytes.
fn parts(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut outer = Elements::of(bytes);
    let (content, _) = outer.next(SEQUENCE)?;
    let mut fields = Elements::of(content);
    let (identifier, _) = fields.next(SEQUENCE)?;
    let (data, _) = fields.next(OCTET_STRING)?;
    let mut inside = Elements::of(identifier);
    let (oid, whole) = inside.next(OBJECT_IDENTIFIER)?;
    let parameters = identifier.get(whole.len()..)?;
    (outer.peek().is_none() && fields.peek().is_none()).then_some((oid, parameters, data))
}

/// The part of PBES2 parameters that the library does not know, by its object identifier.
fn unsupported_pbes2(parameters: &[u8]) -> KeyFileError {
    let names = || {
        let mut schemes = Elements::of(Elements::of(parameters).next(SEQUENCE)?.0);
        let mut name = || Some(dotted(Elements::of(schemes.next(SEQUENCE)?.0).next(OBJECT_IDENTIFIER)?.0));
        Some(format!("PBES2 of {} and {}", name()?, name()?))
    };
    names().map_or(KeyFileError::Der { form: "encrypted PKCS#8 private key" }, |scheme| KeyFileError::Encryption { scheme })
}

/// That stretching the passphrase ends in reasonable time, and whether the encryption is weak.
fn check_cost(scheme: &EncryptionScheme) -> Result<Option<JwkNote>, KeyFileError> {
    let Some(parameters) = scheme.pbes2() else { return Ok(None) };
    if let Some(pbkdf2) = parameters.kdf.pbkdf2() {
        let rounds = pbkdf2.iteration_count;
        if rounds > MOST_ROUNDS {
            return Err(KeyFileError::Cost { cost: format!("{rounds} rounds") });
        }
        let is_des = matches!(parameters.encryption, pbes2::EncryptionScheme::DesCbc { .. });
        return Ok(if is_des {
            Some(JwkNote::WeakEncryption("PBES2 with DES-CBC".to_owned()))
        } else if rounds < FEW_ROUNDS {
            Some(JwkNote::WeakEncryption(format!("PBES2 of only {rounds} rounds")))
        } else {
            None
        });
    }
    if let Some(scrypt) = parameters.kdf.scrypt() {
        let (n, r, p) = (scrypt.cost_parameter, u64::from(scrypt.block_size), u64::from(scrypt.parallelization));
        let memory = n.checked_mul(r).and_then(|blocks| blocks.checked_mul(128));
        let work = memory.and_then(|memory| memory.checked_mul(p));
        if memory.is_none_or(|memory| memory > MOST_MEMORY) || work.is_none_or(|work| work > 4 * MOST_MEMORY) {
            return Err(KeyFileError::Cost { cost: format!("scrypt with N={n}, r={r}, p={p}") });
        }
    }
    Ok(None)
}

impl OldScheme {
    fn decrypt(self, passphrase: &str, salt: &[u8], rounds: u32, data: &[u8]) -> Option<Secret> {
        match self {
            Self::Pbes1Md5 => with_pbkdf1(&repeated(passphrase.as_bytes(), salt, rounds, md5), data),
            Self::Pbes1Sha1 => with_pbkdf1(&repeated(passphrase.as_bytes(), salt, rounds, sha1), data),
            Self::Pkcs12 => {
                // BMPString with the two zeros at its end (RFC 7292 appendix B.1).
                let units = passphrase.encode_utf16().chain([0]).flat_map(u16::to_be_bytes);
                let passphrase = Zeroizing::new(units.collect::<Vec<u8>>());
                let key = pkcs12_bytes(&passphrase, salt, rounds, 1, 24);
                let iv = pkcs12_bytes(&passphrase, salt, rounds, 2, 8);
                BlockCipher::TripleDes.decrypt(&key, &iv, data)
            }
        }
    }
}

fn md5(data: &[u8]) -> Secret {
    Zeroizing::new(Md5::digest(data).to_vec())
}

fn sha1(data: &[u8]) -> Secret {
    Zeroizing::new(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data).as_ref().to_vec())
}

/// PBKDF1 (RFC 8018 section 5.1).
fn repeated(passphrase: &[u8], salt: &[u8], rounds: u32, hash: fn(&[u8]) -> Secret) -> Secret {
    let first = hash(&Zeroizing::new([passphrase, salt].concat()));
    (1..rounds).fold(first, |last, _| hash(&last))
}

/// Key and initialization vector are the first two times eight bytes.
fn with_pbkdf1(derived: &[u8], data: &[u8]) -> Option<Secret> {
    BlockCipher::Des.decrypt(derived.get(..8)?, derived.get(8..16)?, data)
}

/// The key derivation of PKCS#12 with SHA-1 (RFC 7292 appendix B.2); `purpose` is 1 for a key, 2 for an initialization vector.
fn pkcs12_bytes(passphrase: &[u8], salt: &[u8], rounds: u32, purpose: u8, length: usize) -> Secret {
    const BLOCK: usize = 64;
    let filled = |text: &[u8]| -> Vec<u8> {
        let wanted = text.len().div_ceil(BLOCK) * BLOCK;
        text.iter().copied().cycle().take(wanted).collect()
    };
    let mut input = Zeroizing::new([filled(salt), filled(passphrase)].concat());
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 20));
    while bytes.len() < length {
        let first = sha1(&Zeroizing::new([&[purpose; BLOCK][..], &input].concat()));
        let block = (1..rounds).fold(first, |last, _| sha1(&last));
        bytes.extend_from_slice(&block);
        // Each block of the input becomes itself plus the repeated digest plus one.
        let addend: Vec<u8> = block.iter().copied().cycle().take(BLOCK).collect();
        for chunk in input.chunks_mut(BLOCK) {
            let mut carry = 1_u16;
            for (byte, added) in chunk.iter_mut().rev().zip(addend.iter().rev()) {
                let sum = u16::from(*byte) + u16::from(*added) + carry;
                let [high, low] = sum.to_be_bytes();
                *byte = low;
                carry = u16::from(high);
            }
        }
    }
    bytes.truncate(length);
    bytes
}
