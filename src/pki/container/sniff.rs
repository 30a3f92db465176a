//! Which form the bytes have.

use serde_json::Value;

use crate::pki::container::Container;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::der;
use crate::pki::container::envoy_certificates;
use crate::pki::container::pem;
use crate::pki::container::pkcs12;
use crate::pki::container::proxy_secrets;
use crate::pki::container::secret;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads certificates and what goes with them, in whatever form they are. The passphrase is for what is encrypted.
///
/// # Errors
/// When the form is unknown, or a certificate, list or request in it cannot be read. A key that cannot be read is no error: its state says so.
pub fn read(bytes: &[u8], passphrase: Option<&str>) -> Result<Container, ContainerError> {
    if bytes.trim_ascii().is_empty() {
        return Err(ContainerError::Empty);
    }
    if pkcs12::is_pkcs12(bytes) {
        return pkcs12::read(bytes, passphrase);
    }
    if der::is_der(bytes) {
        return der::read(bytes);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(ContainerError::Unknown { hint: None });
    };
    if text.trim_start().starts_with(['{', '[']) {
        let value: Value = serde_json::from_str(text).map_err(|error| ContainerError::Document(error.to_string()))?;
        return read_documents(&[value], passphrase);
    }
    let mut entry = Entry::default();
    if pem::read_into(&mut entry, "", bytes, passphrase)? > 0 {
        return Ok(Container { format: Format::Pem, entries: vec![entry] });
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err(ContainerError::Unknown {
            hint: Some("it begins with a byte order mark, behind which PEM readers do not see the first block"),
        });
    }
    // Certificates within YAML are indented, so their blocks are none of this text's own.
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| {
        if text.contains("-----BEGIN") { damaged_pem() } else { ContainerError::Document(first_line(&error.to_string())) }
    })?;
    if documents.iter().all(|document| !document.is_object()) {
        return Err(if text.contains("-----BEGIN") { damaged_pem() } else { ContainerError::Unknown { hint: None } });
    }
    read_documents(&documents, passphrase)
}

fn damaged_pem() -> ContainerError {
    let hint =
        "it has a BEGIN line but no whole PEM block: a block starts at the beginning of a line and ends with the same label";
    ContainerError::Unknown { hint: Some(hint) }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn read_documents(documents: &[Value], passphrase: Option<&str>) -> Result<Container, ContainerError> {
    if let [document] = documents {
        if let Some(container) = envoy_certificates::read(document) {
            return Ok(container);
        }
        if let Some(container) = proxy_secrets::read(document, passphrase) {
            return container;
        }
        if document.get("keys").is_some_and(Value::is_array) {
            return Err(ContainerError::Kind("it is a key set; `meshsec bundle show` reads trust bundles".to_owned()));
        }
    }
    secret::read(documents, passphrase)
}
