//! DER: certificates, one or several after another (as the SPIFFE Workload API carries them), a revocation list, a request or a key.

use x509_parser::asn1_rs::Any;
use x509_parser::asn1_rs::FromDer;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::container::Container;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::FoundKey;
use crate::pki::container::KeyState;
use crate::pki::container::pem;

/// Whether the bytes begin like a DER sequence.
pub(super) fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x80..=0xff, ..] | [0x30, 0x02..=0x7f, 0x02 | 0x30, ..])
}

pub(super) fn read(bytes: &[u8]) -> Result<Container, ContainerError> {
    let mut entry = Entry::default();
    let mut rest = bytes;
    while !rest.is_empty() {
        let offset = bytes.len() - rest.len();
        let part = Any::from_der(rest).ok().and_then(|(after, _)| rest.get(..rest.len() - after.len()));
        let (part, after) = match part {
            Some(part) => (part, rest.get(part.len()..).unwrap_or_default()),
            None => (rest, &[][..]),
        };
        read_part(&mut entry, part).map_err(|why| {
            let place = if offset == 0 { "DER".to_owned() } else { format!("DER at byte {offset}") };
            ContainerError::Part { place, why }
        })?;
        rest = after;
    }
    Ok(Container { format: Format::Der, entries: vec![entry] })
}

fn read_part(entry: &mut Entry, der: &[u8]) -> Result<(), crate::pki::PkiError> {
    let error = match Certificate::from_der(der) {
        Ok(certificate) => {
            entry.chain.push(certificate);
            return Ok(());
        }
        Err(error) => error,
    };
    if let Ok(list) = Crl::from_der(der) {
        entry.crls.push(list);
        return Ok(());
    }
    if let Ok(request) = pem::request("DER".to_owned(), der) {
        entry.requests.push(request);
        return Ok(());
    }
    let key = FoundKey::from_pkcs8("DER".to_owned(), der);
    if matches!(key.state, KeyState::Read(_)) {
        entry.keys.push(key);
        return Ok(());
    }
    Err(error)
}
