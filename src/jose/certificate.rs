use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::jose::der::Elements;
use crate::jose::der::SEQUENCE;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----\n";
const END: &str = "\n-----END CERTIFICATE-----\n";
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;

/// Whether Envoy takes a text for a certificate: the marker lines must be exactly at its ends.
pub(super) fn looks_like_pem(text: &str) -> bool {
    text.starts_with(BEGIN) && text.ends_with(END)
}

/// The `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7) of the first certificate in a PEM text.
///
/// Only the fields in front of the key are walked over; Envoy's library checks the rest of the certificate too.
pub(super) fn subject_public_key_info(pem: &str) -> Option<Vec<u8>> {
    let body = pem.strip_prefix(BEGIN)?.split("-----END CERTIFICATE-----").next()?;
    let base64: String = body.split_ascii_whitespace().collect();
    let der = STANDARD.decode(base64).ok()?;
    let (certificate, _) = Elements::of(&der).next(SEQUENCE)?;
    let (to_be_signed, _) = Elements::of(certificate).next(SEQUENCE)?;
    let mut fields = Elements::of(to_be_signed);
    if fields.peek() == Some(VERSION) {
        fields.next(VERSION)?;
    }
    fields.next(INTEGER)?;
    for _signature_issuer_validity_subject in 0..4 {
        fields.next(SEQUENCE)?;
    }
    fields.next(SEQUENCE).map(|(_, whole)| whole.to_vec())
}
