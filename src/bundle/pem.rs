use crate::bundle::BundleError;
use crate::bundle::Note;
use crate::bundle::ReadBundle;
use crate::bundle::TrustBundle;
use crate::pki::Certificate;
use crate::pki::PemReader;

const BEGIN: &[u8] = b"-----BEGIN ";

/// Reads the certificates among the PEM blocks of a text.
pub(super) fn read(text: &[u8]) -> Result<ReadBundle, BundleError> {
    let mut bundle = TrustBundle::new(None);
    let mut notes = Vec::new();
    let mut read_up_to = 0;
    for block in PemReader::new(text) {
        require_no_begin(text, read_up_to, block.offset)?;
        read_up_to = block.end;
        let place = format!("line {}", block.line);
        match block.label.as_str() {
            "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => {
                let authority = Certificate::from_der(&block.der)
                    .map_err(|source| BundleError::Certificate { place: place.clone(), source })?;
                if !bundle.add_authority(authority) {
                    notes.push(Note::Repeated { place });
                }
            }
            _ => notes.push(Note::OtherBlock { line: block.line, label: block.label }),
        }
    }
    require_no_begin(text, read_up_to, text.len())?;
    if bundle.is_empty() {
        return Err(BundleError::Unrecognised);
    }
    Ok(ReadBundle { bundle, notes })
}

/// That no block starts where the reader saw none: it passes over damaged ones, and an authority must not get lost that way.
fn require_no_begin(text: &[u8], from: usize, to: usize) -> Result<(), BundleError> {
    let passed_over = text.get(from..to).unwrap_or_default();
    match memchr::memmem::find(passed_over, BEGIN) {
        None => Ok(()),
        Some(at) => {
            let before = text.get(..from + at).unwrap_or_default();
            Err(BundleError::PemBlock { line: memchr::memchr_iter(b'\n', before).count() + 1 })
        }
    }
}
