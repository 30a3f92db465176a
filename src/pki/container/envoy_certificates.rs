//! Envoy's `/certs`: what it says of the certificates it uses. The certificates themselves are not in it.

use serde_json::Value;

use crate::pki::container::Container;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::ListedCertificate;

/// Reads the message `envoy.admin.v3.Certificates`; `None` when the document is another.
pub(super) fn read(document: &Value) -> Option<Container> {
    let certificates = document.get("certificates").and_then(Value::as_array)?;
    let mut entries = Vec::new();
    for (index, set) in certificates.iter().enumerate() {
        let mut entry = Entry::named(format!("certificates {}", index + 1));
        for (key, is_authority) in [("cert_chain", false), ("certChain", false), ("ca_cert", true), ("caCert", true)] {
            let all = set.get(key).and_then(Value::as_array).into_iter().flatten();
            entry.listed.extend(all.map(|one| listed(one, is_authority)));
        }
        if entry.listed.is_empty() {
            entry.remarks.push("it lists no certificate".to_owned());
        }
        entries.push(entry);
    }
    Some(Container { format: Format::EnvoyCertificates, entries })
}

fn listed(one: &Value, is_authority: bool) -> ListedCertificate {
    let text = |snake: &str, camel: &str| {
        one.get(snake).or_else(|| one.get(camel)).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut certificate = ListedCertificate {
        is_authority,
        path: text("path", "path"),
        serial: text("serial_number", "serialNumber"),
        valid_from: text("valid_from", "validFrom"),
        expiration_time: text("expiration_time", "expirationTime"),
        ..ListedCertificate::default()
    };
    let names = one.get("subject_alt_names").or_else(|| one.get("subjectAltNames")).and_then(Value::as_array);
    for name in names.into_iter().flatten().filter_map(Value::as_object) {
        for (kind, value) in name {
            let value = value.as_str().unwrap_or_default().to_owned();
            if kind == "uri" { certificate.uris.push(value) } else { certificate.names.push(format!("{kind} {value}")) }
        }
    }
    certificate
}
