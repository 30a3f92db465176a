//! The secrets of a proxy: `istioctl proxy-config secret -o json` (or `yaml`), or Envoy's `/config_dump` around the same message.

use serde_json::Value;

use crate::pki::container::Container;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::FoundKey;
use crate::pki::container::KeyState;
use crate::pki::container::pem;
use crate::pki::container::secret::decode;

/// Lists of the message `envoy.admin.v3.SecretsConfigDump`, in both spellings, and what is said of their secrets.
const LISTS: [(&str, &str, Option<&str>); 4] = [
    ("dynamicActiveSecrets", "dynamic_active_secrets", None),
    ("staticSecrets", "static_secrets", None),
    ("dynamicWarmingSecrets", "dynamic_warming_secrets", Some("it is warming: the proxy does not use it yet")),
    ("dynamicWarmingSecretsError", "dynamic_warming_secrets_error", None),
];

/// What Envoy writes over a private key before it prints it.
const REDACTED: &str = "[redacted]";

/// Reads the message, wherever it stands; `None` when the document is about something else.
pub(super) fn read(document: &Value, passphrase: Option<&str>) -> Option<Result<Container, ContainerError>> {
    let mut entries = Vec::new();
    let mut is_found = false;
    for dump in dumps(document) {
        for (camel, snake, remark) in LISTS {
            let Some(secrets) = field(dump, camel, snake).and_then(Value::as_array) else { continue };
            is_found = true;
            for secret in secrets {
                match read_secret(secret, passphrase) {
                    Ok(mut found) => {
                        if let Some(first) = found.first_mut() {
                            first.remarks.extend(remark.map(str::to_owned));
                        }
                        entries.append(&mut found);
                    }
                    Err(error) => return Some(Err(error)),
                }
            }
        }
    }
    is_found.then_some(Ok(Container { format: Format::ProxySecrets, entries }))
}

/// The document itself, or the parts of a whole dump.
fn dumps(document: &Value) -> Vec<&Value> {
    match document.get("configs").and_then(Value::as_array) {
        Some(configs) => configs.iter().collect(),
        None => vec![document],
    }
}

fn field<'v>(value: &'v Value, camel: &str, snake: &str) -> Option<&'v Value> {
    value.get(camel).or_else(|| value.get(snake))
}

/// One secret; the bundles of several trust domains in it are entries of their own, so that nobody pools them.
fn read_secret(outer: &Value, passphrase: Option<&str>) -> Result<Vec<Entry>, ContainerError> {
    let name = outer.get("name").and_then(Value::as_str).unwrap_or("without a name");
    let mut entry = Entry::named(name);
    let Some(secret) = outer.get("secret") else {
        entry.remarks.push("it is empty: the proxy waits for it".to_owned());
        return Ok(vec![entry]);
    };
    if let Some(certificate) = field(secret, "tlsCertificate", "tls_certificate") {
        if let Some(chain) = field(certificate, "certificateChain", "certificate_chain") {
            read_source(&mut entry, "certificateChain", chain, passphrase)?;
        }
        if let Some(key) = field(certificate, "privateKey", "private_key") {
            read_source(&mut entry, "privateKey", key, passphrase)?;
        }
    }
    let mut bundles = Vec::new();
    let validation = field(secret, "validationContext", "validation_context");
    if let Some(validation) = validation {
        let mut found = Entry::default();
        for (camel, snake) in [("trustedCa", "trusted_ca"), ("crl", "crl")] {
            if let Some(source) = field(validation, camel, snake) {
                read_source(&mut found, camel, source, passphrase)?;
            }
        }
        bundles = read_spiffe_validator(name, validation, passphrase)?;
        entry.roots.append(&mut found.chain);
        entry.crls.append(&mut found.crls);
        entry.remarks.append(&mut found.remarks);
    }
    if entry.is_empty() && entry.remarks.is_empty() && bundles.is_empty() {
        entry.remarks.push("it holds neither a certificate nor authorities".to_owned());
    }
    if !entry.is_empty() || bundles.is_empty() {
        bundles.insert(0, entry);
    }
    Ok(bundles)
}

/// The bundles of the validator by which SPIRE tells trust domains apart.
fn read_spiffe_validator(name: &str, validation: &Value, passphrase: Option<&str>) -> Result<Vec<Entry>, ContainerError> {
    let Some(config) = field(validation, "customValidatorConfig", "custom_validator_config") else { return Ok(Vec::new()) };
    let domains = field(config, "typedConfig", "typed_config").and_then(|config| field(config, "trustDomains", "trust_domains"));
    let mut entries = Vec::new();
    for domain in domains.and_then(Value::as_array).into_iter().flatten() {
        let of = domain.get("name").and_then(Value::as_str).unwrap_or_default();
        let mut entry = Entry::named(format!("{name}, trust domain {of}"));
        if let Some(bundle) = field(domain, "trustBundle", "trust_bundle") {
            read_source(&mut entry, "trustBundle", bundle, passphrase)?;
        }
        entry.roots.append(&mut entry.chain);
        entry.trust_domain = Some(of.to_owned());
        entries.push(entry);
    }
    Ok(entries)
}

/// A `DataSource`: bytes in base64, text, or the name of a file or variable of the proxy's host.
fn read_source(entry: &mut Entry, what: &str, source: &Value, passphrase: Option<&str>) -> Result<(), ContainerError> {
    let text = |camel, snake| field(source, camel, snake).and_then(Value::as_str);
    let place = format!("{}, {what}", entry.name);
    if let Some(encoded) = text("inlineBytes", "inline_bytes") {
        let bytes = decode(encoded).ok_or_else(|| ContainerError::Base64 { place: place.clone() })?;
        return read_bytes(entry, &place, &bytes, passphrase);
    }
    if let Some(plain) = text("inlineString", "inline_string") {
        return read_bytes(entry, &place, plain.as_bytes(), passphrase);
    }
    for (camel, snake, word) in
        [("filename", "filename", "file"), ("environmentVariable", "environment_variable", "environment variable")]
    {
        if let Some(name) = text(camel, snake) {
            entry.remarks.push(format!("{what} is in the {word} `{name}` of the proxy's host, which is not part of the dump"));
        }
    }
    Ok(())
}

fn read_bytes(entry: &mut Entry, place: &str, bytes: &[u8], passphrase: Option<&str>) -> Result<(), ContainerError> {
    if bytes == REDACTED.as_bytes() {
        entry.keys.push(FoundKey { origin: place.to_owned(), state: KeyState::Redacted });
        return Ok(());
    }
    if pem::read_into(entry, &format!("{place}, "), bytes, passphrase)? == 0 {
        entry.remarks.push(format!("{place} holds no PEM block"));
    }
    Ok(())
}
