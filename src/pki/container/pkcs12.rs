//! PKCS#12 (RFC 7292): a chain and its key behind a passphrase.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error;
use zeroize::Zeroizing;

use crate::pki::Certificate;
use crate::pki::container::Container;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::FoundKey;

/// Whether the bytes begin like a PFX: a sequence whose first member is the version, 3.
pub(super) fn is_pkcs12(bytes: &[u8]) -> bool {
    let ([0x30, 0..=0x80, content @ ..]
    | [0x30, 0x81, _, content @ ..]
    | [0x30, 0x82, _, _, content @ ..]
    | [0x30, 0x83, _, _, _, content @ ..]
    | [0x30, 0x84, _, _, _, _, content @ ..]) = bytes
    else {
        return false;
    };
    content.starts_with(&[0x02, 0x01, 0x03])
}

pub(super) fn read(bytes: &[u8], passphrase: Option<&str>) -> Result<Container, ContainerError> {
    let is_locked = |error: &Error| matches!(error, Error::MacError(_) | Error::UnpadError | Error::Pkcs5Error(_));
    let archive = match Pkcs12Archive::from_pkcs12(bytes, passphrase.unwrap_or_default()) {
        // Many files are protected by an empty passphrase, whatever the one at hand is for.
        Err(error) if is_locked(&error) => Pkcs12Archive::from_pkcs12(bytes, "").map_err(|_| error),
        read => read,
    };
    let archive = archive.map_err(|error| match passphrase {
        None if is_locked(&error) => ContainerError::PassphraseMissing,
        Some(_) if is_locked(&error) => ContainerError::PassphraseWrong,
        _ => ContainerError::Pkcs12(error.to_string()),
    })?;
    let mut entry = Entry::default();
    for bag in &archive.keys {
        let name = bag.friendly_name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
        let der = Zeroizing::new(bag.key.as_der().to_vec());
        entry.keys.push(FoundKey::from_pkcs8(format!("key bag{name}"), &der));
    }
    let mut certificates = Vec::new();
    for bag in &archive.certs {
        let failed = |why| ContainerError::Part { place: "certificate bag".to_owned(), why };
        certificates.push(Certificate::from_der(bag.cert.as_der()).map_err(failed)?);
    }
    if !archive.secrets.is_empty() {
        entry.remarks.push(format!("{} secret bag(s) are not looked at", archive.secrets.len()));
    }
    entry.chain = in_chain_order(certificates, &entry.keys);
    Ok(Container { format: Format::Pkcs12, entries: vec![entry] })
}

/// Bags have no order: the certificate of the key comes first, then who signed it, and so on.
fn in_chain_order(mut certificates: Vec<Certificate>, keys: &[FoundKey]) -> Vec<Certificate> {
    let of_key = |certificate: &Certificate| keys.iter().any(|key| key.belongs_to(certificate) == Some(true));
    let first = certificates.iter().position(of_key).or_else(|| certificates.iter().position(|certificate| !certificate.is_ca()));
    let mut chain = Vec::new();
    let mut next = first;
    while let Some(index) = next.filter(|index| *index < certificates.len()) {
        let certificate = certificates.remove(index);
        next = certificates.iter().position(|signer| certificate.is_signed_by(signer));
        chain.push(certificate);
    }
    chain.extend(certificates);
    chain
}
