//! Keys in PEM blocks, chosen by their labels.

use crate::jose::keys::asn1;
use crate::jose::keys::asn1::Decoded;
use crate::jose::keys::certificates;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::jwk_note::JwkNote;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::jose::keys::pem_blocks;
use crate::jose::keys::pem_blocks::header;
use crate::jose::keys::pkcs8_encryption;
use crate::jose::keys::traditional_encryption::DekInfo;
use crate::pki::Certificate;
use crate::pki::PemBlock;

type Reader = fn(&[u8]) -> Result<Decoded, KeyFileError>;

/// Label, what it holds in words, and how that is read.
const FORMS: &[(&str, &str, Reader)] = &[
    ("PRIVATE KEY", "PKCS#8 private key", asn1::read_pkcs8),
    ("RSA PRIVATE KEY", "PKCS#1 private key", asn1::read_pkcs1),
    ("EC PRIVATE KEY", "SEC 1 private key", asn1::read_sec1),
    ("PUBLIC KEY", "public key (SubjectPublicKeyInfo)", asn1::read_spki),
    ("RSA PUBLIC KEY", "PKCS#1 public key", asn1::read_pkcs1_public),
];

/// The keys of a PEM text, each once; nothing when it has no block. A private key stands for its public half, certificates go to the
/// key they are for.
pub(super) fn read(text: &str, passphrase: Option<&str>) -> Result<Option<Vec<Jwk>>, KeyFileError> {
    let blocks = pem_blocks::blocks(text)?;
    if blocks.is_empty() {
        return Ok(None);
    }
    let mut keys: Vec<Jwk> = Vec::new();
    let mut found: Vec<Certificate> = Vec::new();
    for block in &blocks {
        match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" => found.push(certificates::read(&block.der)?),
            "TRUSTED CERTIFICATE" => found.push(certificates::read(asn1::first_element(&block.der))?),
            // What `openssl ecparam -genkey` puts in front; the key names its curve itself.
            "EC PARAMETERS" => {}
            _ => add(&mut keys, read_block(block, passphrase)?),
        }
    }
    for chain in certificates::chains(found) {
        certificates::attach(&mut keys, &chain)?;
    }
    if keys.is_empty() {
        let labels: Vec<&str> = blocks.iter().map(|block| block.label.as_str()).collect();
        return Err(KeyFileError::NoKeyBlock { labels: labels.join(", ") });
    }
    Ok(Some(keys))
}

fn add(keys: &mut Vec<Jwk>, key: Jwk) {
    match keys.iter_mut().find(|known| known.material.public() == key.material.public()) {
        Some(known) if !known.is_private() => *known = key,
        Some(_) => {}
        None => keys.push(key),
    }
}

fn read_block(block: &PemBlock, passphrase: Option<&str>) -> Result<Jwk, KeyFileError> {
    if block.label == "ENCRYPTED PRIVATE KEY" {
        return read_encrypted(&block.der, passphrase);
    }
    let known = FORMS.iter().find(|(label, ..)| *label == block.label);
    let (_, _, reader) = known.ok_or_else(|| KeyFileError::Label { label: block.label.clone() })?;
    if header(block, "Proc-Type").is_some_and(|kind| kind.contains("ENCRYPTED")) {
        let info = DekInfo::parse(header(block, "DEK-Info").unwrap_or_default())?;
        let plain = info.decrypt(passphrase.ok_or(KeyFileError::PassphraseMissing)?, &block.der)?;
        let mut key = reader(&plain).map_err(opened_wrongly)?.into_jwk();
        key.notes.push(JwkNote::WeakEncryption(format!("{} and a key made by MD5", info.name)));
        return Ok(key);
    }
    let decoded = reader(&block.der).map_err(|error| {
        let other = FORMS.iter().find(|(label, _, reader)| *label != block.label && reader(&block.der).is_ok());
        match (error, other) {
            (KeyFileError::Der { .. }, Some((_, form, _))) => KeyFileError::WrongLabel { label: block.label.clone(), form },
            (error, _) => error,
        }
    });
    decoded.map(Decoded::into_jwk)
}

/// An `EncryptedPrivateKeyInfo`.
pub(super) fn read_encrypted(der: &[u8], passphrase: Option<&str>) -> Result<Jwk, KeyFileError> {
    let decrypted = pkcs8_encryption::decrypt(der, passphrase)?;
    let mut key = asn1::read_pkcs8(&decrypted.der).map_err(opened_wrongly)?.into_jwk();
    key.notes.extend(decrypted.note);
    Ok(key)
}

/// What a wrong passphrase yields is refused by its padding or, once in 256 times, by not being a key.
fn opened_wrongly(error: KeyFileError) -> KeyFileError {
    if matches!(error, KeyFileError::Der { .. }) { KeyFileError::PassphraseWrong } else { error }
}
