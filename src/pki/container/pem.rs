//! PEM blocks of any kind, in the order found.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::FromDer;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::PemReader;
use crate::pki::PkiError;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::container::FoundKey;
use crate::pki::container::FoundRequest;

/// Adds what the blocks of a text hold to an entry, and returns how many there were.
pub(super) fn read_into(entry: &mut Entry, place: &str, text: &[u8], passphrase: Option<&str>) -> Result<usize, ContainerError> {
    let mut count = 0;
    for block in PemReader::new(text) {
        count += 1;
        let at = format!("{place}line {}", block.line);
        let failed = |why| ContainerError::Part { place: format!("{place}block `{}` at line {}", block.label, block.line), why };
        match block.label.as_str() {
            "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => {
                if block.label == "TRUSTED CERTIFICATE" {
                    entry
                        .remarks
                        .push(format!("the block at {at} is labelled `TRUSTED CERTIFICATE`, which istiod and Envoy pass over"));
                }
                entry.chain.push(Certificate::from_der(&block.der).map_err(failed)?);
            }
            "X509 CRL" => entry.crls.push(Crl::from_der(&block.der).map_err(failed)?),
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => entry.requests.push(request(at, &block.der).map_err(failed)?),
            label if label.ends_with("PRIVATE KEY") => {
                let is_encrypted = block.headers.iter().any(|(name, value)| name == "Proc-Type" && value.contains("ENCRYPTED"));
                entry.keys.push(FoundKey::from_pem_block(at, label, is_encrypted, &block.der, passphrase));
            }
            label => entry.remarks.push(format!("the block `{label}` at {at} is not looked at")),
        }
    }
    let begun = memchr::memmem::find_iter(text, b"-----BEGIN ").count();
    if count > 0 && begun > count {
        let passed_over = begun - count;
        let bom = if text.starts_with(b"\xef\xbb\xbf") { "; the first stands behind a byte order mark" } else { "" };
        entry.remarks.push(format!(
            "{place}{passed_over} of {begun} BEGIN lines start no whole block and are passed over, as peers do{bom}"
        ));
    }
    Ok(count)
}

/// Reads a request's subject and the names it asks for.
pub(super) fn request(origin: String, der: &[u8]) -> Result<FoundRequest, PkiError> {
    let (_, request) = X509CertificationRequest::from_der(der)
        .map_err(|error| PkiError::Certificate(format!("no request for a certificate either: {error}")))?;
    let mut names = Vec::new();
    for extension in request.requested_extensions().into_iter().flatten() {
        if let ParsedExtension::SubjectAlternativeName(found) = extension {
            names.extend(found.general_names.iter().map(ToString::to_string));
        }
    }
    Ok(FoundRequest { origin, subject: request.certification_request_info.subject.to_string(), names })
}
