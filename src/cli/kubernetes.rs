//! `ConfigMaps` and Secrets in YAML or JSON: the files they hold.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// A ConfigMap or Secret.
#[derive(Debug)]
pub(in crate::cli) struct DataObject {
    pub(in crate::cli) kind: String,
    pub(in crate::cli) namespace: String,
    pub(in crate::cli) name: String,
    /// Its files by key, decoded.
    pub(in crate::cli) data: BTreeMap<String, Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, Option<String>>>,
    #[serde(default)]
    binary_data: Option<BTreeMap<String, String>>,
    #[serde(default)]
    string_data: Option<BTreeMap<String, String>>,
    #[serde(default)]
    items: Option<Vec<Document>>,
    #[serde(flatten)]
    #[expect(clippy::zero_sized_map_values, reason = "the shape that takes in what is of no interest")]
    _others: BTreeMap<String, IgnoredAny>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(flatten)]
    #[expect(clippy::zero_sized_map_values, reason = "the shape that takes in what is of no interest")]
    _others: BTreeMap<String, IgnoredAny>,
}

/// Whether a text looks like Kubernetes objects rather than PEM or a key set.
pub(in crate::cli) fn is_kubernetes(text: &str) -> bool {
    let mut lines = text.lines();
    if text.trim_start().starts_with('{') {
        text.contains("\"apiVersion\"")
    } else {
        lines.any(|line| line.starts_with("apiVersion:"))
    }
}

/// The `ConfigMaps` and Secrets of a text, those in a `List` too. Nothing of a text is repeated in the error: it may be a Secret.
pub(in crate::cli) fn data_objects(text: &str) -> Result<Vec<DataObject>, String> {
    let documents: Vec<Document> = serde_saphyr::from_multiple(text).map_err(|error| error.without_snippet().to_string())?;
    let mut objects = Vec::new();
    for document in documents {
        collect(document, &mut objects)?;
    }
    Ok(objects)
}

fn collect(document: Document, objects: &mut Vec<DataObject>) -> Result<(), String> {
    let Document { kind, metadata, data, binary_data, string_data, items, .. } = document;
    for item in items.into_iter().flatten() {
        collect(item, objects)?;
    }
    if !matches!(kind.as_str(), "ConfigMap" | "Secret") {
        return Ok(());
    }
    let decode = |key: &str, text: &str| {
        let base64: String = text.split_ascii_whitespace().collect();
        STANDARD.decode(base64).map_err(|_| format!("{kind} `{}`: `{key}` is no base64", metadata.name))
    };
    let mut files = BTreeMap::new();
    for (key, value) in data.into_iter().flatten() {
        let value = value.unwrap_or_default();
        files.insert(key.clone(), if kind == "Secret" { decode(&key, &value)? } else { value.into_bytes() });
    }
    for (key, value) in binary_data.into_iter().flatten() {
        files.insert(key.clone(), decode(&key, &value)?);
    }
    // What a Secret says in clear overrides what it says in base64.
    files.extend(string_data.into_iter().flatten().map(|(key, value)| (key, value.into_bytes())));
    objects.push(DataObject { kind, namespace: metadata.namespace, name: metadata.name, data: files });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_every_field_and_list() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a, namespace: n, labels: {x: y}}\n  \
                    data: {k: v}\n  binaryData: {b: AAE=}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\ndata: {k: dg==}\n\
                    stringData: {t: w}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [1]}\n";
        assert!(is_kubernetes(text));
        let objects = data_objects(text).unwrap();
        let found: Vec<_> =
            objects.iter().map(|object| (object.kind.as_str(), object.name.as_str(), object.data.len())).collect();
        assert_eq!(found, [("ConfigMap", "a", 2), ("Secret", "s", 2)]);
        assert_eq!(
            (objects[0].namespace.as_str(), &objects[0].data["k"], &objects[0].data["b"]),
            ("n", &b"v".to_vec(), &vec![0, 1])
        );
        assert_eq!((&objects[1].data["k"], &objects[1].data["t"]), (&b"v".to_vec(), &b"w".to_vec()));
        let json = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"j"},"data":{"k":"v\n"}}"#;
        assert!(is_kubernetes(json));
        assert_eq!(data_objects(json).unwrap()[0].data["k"], b"v\n");
    }

    #[test]
    fn errors_do_not_repeat_the_text() {
        for text in ["apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: hidden!}", "apiVersion: v1\nkind: [hidden"] {
            let error = data_objects(text).unwrap_err();
            assert!(!error.contains("hidden"), "{error}");
        }
        assert!(!is_kubernetes("{\"keys\": []}") && !is_kubernetes("-----BEGIN CERTIFICATE-----"));
    }
}
