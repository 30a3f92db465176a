//! Keys out of certificates (RFC 7517 sections 4.7 and 4.9).

use aws_lc_rs::digest;

use crate::jose::keys::asn1;
use crate::jose::keys::jwk::Jwk;
use crate::jose::keys::jwk::base64url;
use crate::jose::keys::key_file_error::KeyFileError;
use crate::pki::Certificate;

pub(super) fn read(der: &[u8]) -> Result<Certificate, KeyFileError> {
    Certificate::from_der(der).map_err(|_| KeyFileError::Der { form: "certificate" })
}

/// Certificates in their order, cut where one is not issued by the next.
pub(super) fn chains(certificates: Vec<Certificate>) -> Vec<Vec<Certificate>> {
    let mut chains: Vec<Vec<Certificate>> = Vec::new();
    for certificate in certificates {
        let continues = |chain: &&mut Vec<Certificate>| {
            chain
                .last()
                .is_some_and(|last| last.issuer_der() == certificate.subject_der() && last.issuer_der() != last.subject_der())
        };
        match chains.last_mut().filter(continues) {
            Some(chain) => chain.push(certificate),
            None => chains.push(vec![certificate]),
        }
    }
    chains
}

/// Gives a chain to the key that it is for, which may have to be made.
pub(super) fn attach(keys: &mut Vec<Jwk>, chain: &[Certificate]) -> Result<(), KeyFileError> {
    let Some(leaf) = chain.first() else { return Ok(()) };
    let certified = asn1::read_spki(leaf.public_key().info())?.into_jwk();
    let position = keys.iter().position(|key| key.material.public() == certified.material.public());
    let index = position.unwrap_or(keys.len());
    if position.is_none() {
        keys.push(certified);
    }
    if let Some(key) = keys.get_mut(index).filter(|key| key.certificates.is_empty()) {
        key.certificates = chain.iter().map(|certificate| certificate.der().to_vec()).collect();
        let thumbprint = base64url(digest::digest(&digest::SHA256, leaf.der()).as_ref());
        key.others.insert("x5t#S256".to_owned(), thumbprint.into());
    }
    Ok(())
}
