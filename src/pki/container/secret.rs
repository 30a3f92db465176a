//! Secrets of Kubernetes: what Citadel wrote, TLS secrets, and the plug-in authority's `cacerts`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::pki::container::Container;
use crate::pki::container::ContainerError;
use crate::pki::container::Entry;
use crate::pki::container::Format;
use crate::pki::container::pem;

/// What a key of a secret holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A chain, or the certificate at its beginning, or a key or list beside it.
    Chain,
    /// Whom to trust.
    Roots,
}

/// The keys that are known, in the order they are read: a signing certificate stands before the chain above it.
const PARTS: [(&str, Part); 12] = [
    ("tls.crt", Part::Chain),
    ("tls.key", Part::Chain),
    ("ca-cert.pem", Part::Chain),
    ("cert-chain.pem", Part::Chain),
    ("key.pem", Part::Chain),
    ("ca-key.pem", Part::Chain),
    ("ca.key", Part::Chain),
    ("root-cert.pem", Part::Roots),
    ("ca.crt", Part::Roots),
    ("cacert", Part::Roots),
    ("ca-crl.pem", Part::Chain),
    ("ca.crl", Part::Chain),
];

pub(super) fn read(documents: &[Value], passphrase: Option<&str>) -> Result<Container, ContainerError> {
    let mut entries = Vec::new();
    let mut others = Vec::new();
    for document in documents {
        for object in objects(document) {
            match object.get("kind").and_then(Value::as_str) {
                Some("Secret" | "ConfigMap") => entries.push(read_object(object, passphrase)?),
                Some(kind) => others.push(format!("kind {kind}")),
                None => others.push("no `kind`".to_owned()),
            }
        }
    }
    if entries.is_empty() {
        let seen = if others.is_empty() { "nothing in it".to_owned() } else { others.join(", ") };
        return Err(ContainerError::Kind(format!(
            "{seen}; a Secret, the output of `istioctl proxy-config secret -o json` or of Envoy's `/certs` is read"
        )));
    }
    if let Some(first) = entries.first_mut() {
        first.remarks.extend(others.into_iter().map(|kind| format!("a document is not looked at: {kind}")));
    }
    Ok(Container { format: Format::Secret, entries })
}

/// The objects of a document: itself, or the items of a list.
fn objects(document: &Value) -> Vec<&Value> {
    let is_list = document.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("List"));
    match document.get("items").and_then(Value::as_array).filter(|_| is_list) {
        Some(items) => items.iter().collect(),
        None => vec![document],
    }
}

fn read_object(object: &Value, passphrase: Option<&str>) -> Result<Entry, ContainerError> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str);
    let is_secret = text("/kind") == Some("Secret");
    let name = text("/metadata/name").unwrap_or("without a name");
    let full = text("/metadata/namespace").map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"));
    let mut entry = Entry::named(format!("{} {full}", if is_secret { "secret" } else { "configmap" }));
    let map = |key: &str| object.get(key).and_then(Value::as_object);
    let mut known = 0;
    for (key, part) in PARTS {
        let Some(value) = value_of(map("data"), map("stringData"), key, is_secret)? else { continue };
        known += 1;
        let mut found = Entry::default();
        let blocks = pem::read_into(&mut found, &format!("{key}, "), &value, passphrase)?;
        if blocks == 0 && !value.trim_ascii().is_empty() {
            entry.remarks.push(format!("`{key}` holds no PEM block"));
        }
        merge(&mut entry, found, part);
    }
    let all = [map("data"), map("stringData"), map("binaryData")].into_iter().flatten().flat_map(Map::keys);
    let mut unknown: Vec<&str> = all.map(String::as_str).filter(|key| PARTS.iter().all(|(known, _)| known != key)).collect();
    unknown.dedup();
    if !unknown.is_empty() {
        entry.remarks.push(format!("not looked at: {}", unknown.join(", ")));
    }
    if known == 0 {
        let keys: Vec<&str> = PARTS.iter().map(|(key, _)| *key).collect();
        entry.remarks.push(format!("it has none of the keys {}", keys.join(", ")));
    }
    Ok(entry)
}

/// The bytes of a key: `stringData` wins over `data`, which is base64 in a Secret and text in a `ConfigMap`.
fn value_of<'o>(
    data: Option<&'o Map<String, Value>>,
    string_data: Option<&'o Map<String, Value>>,
    key: &str,
    is_secret: bool,
) -> Result<Option<Zeroizing<Vec<u8>>>, ContainerError> {
    let text = |map: Option<&'o Map<String, Value>>| map.and_then(|map| map.get(key)).and_then(Value::as_str);
    if let Some(plain) = text(string_data).or_else(|| text(data).filter(|_| !is_secret)) {
        return Ok(Some(Zeroizing::new(plain.as_bytes().to_vec())));
    }
    let Some(encoded) = text(data) else { return Ok(None) };
    decode(encoded).map(Some).ok_or_else(|| ContainerError::Base64 { place: format!("`data.{key}`") })
}

/// Standard base64, in which blanks and line breaks do not count.
pub(super) fn decode(encoded: &str) -> Option<Zeroizing<Vec<u8>>> {
    let compact: Cow<'_, str> = if encoded.bytes().any(|byte| byte.is_ascii_whitespace()) {
        encoded.split_ascii_whitespace().collect::<String>().into()
    } else {
        encoded.into()
    };
    STANDARD.decode(compact.as_bytes()).ok().map(Zeroizing::new)
}

/// Adds what a key holds. A certificate that stands in the signing certificate's file and in the chain is one.
fn merge(entry: &mut Entry, found: Entry, part: Part) {
    let Entry { name: _, chain, trust_domain: _, roots: _, keys, crls, requests, listed: _, remarks } = found;
    match part {
        Part::Chain => {
            for certificate in chain {
                if entry.chain.last() != Some(&certificate) {
                    entry.chain.push(certificate);
                }
            }
        }
        Part::Roots => entry.roots.extend(chain),
    }
    entry.keys.extend(keys);
    entry.crls.extend(crls);
    entry.requests.extend(requests);
    entry.remarks.extend(remarks);
}
