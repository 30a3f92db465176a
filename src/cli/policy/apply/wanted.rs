//! The objects that files want.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

use crate::apply::Item;
use crate::apply::Key;
use crate::apply::json_of;
use crate::apply::without_noise;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::manifests::ManifestArgs;
use crate::cluster::Cluster;
use crate::cluster::kinds;
use crate::diag::Finding;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest;
use crate::manifest::Manifests;
use crate::manifest::ReadObject;

/// What files want.
pub(super) struct Wanted {
    /// By name.
    pub(super) items: BTreeMap<Key, Item>,
    /// The texts.
    pub(super) sources: SourceMap,
    /// The files among them.
    pub(super) files: Vec<SourceId>,
    /// What is left alone: Secrets.
    pub(super) secrets: Vec<Key>,
}

/// Reads the files. Nothing is asked of the cluster but whether kinds that this program does not know are in namespaces.
pub(super) fn read(manifests: &ManifestArgs, cluster: &Cluster, namespace: &str, env: &mut Env<'_>) -> Result<Wanted, Error> {
    let read = manifests.read_files(&[], env, false)?;
    let mut findings: Vec<Finding> = Vec::new();
    let mut found: Vec<(Value, Option<manifest::Document>, bool, String)> = Vec::new();
    for id in &read.ids {
        let Some(source) = read.map.get(*id) else { continue };
        manifest::objects(*id, &source.text, &mut |object: ReadObject<'_>| {
            findings.extend(object.findings);
            let Some(node) = object.node.filter(|_| !object.header.kind.value.is_empty()) else { return };
            let is_secret = object.header.kind.value == "Secret" && object.header.group().is_empty();
            let place = read.map.position(object.place).to_string();
            // Of a Secret nothing but its name goes any further.
            let value = if is_secret { name_of(&json_of(node)) } else { without_noise(&json_of(node)) };
            found.push((value, object.document, is_secret, place));
        });
    }
    let errors = findings.iter().filter(|finding| finding.is_error()).count();
    if errors > 0 {
        let manifests = Manifests { documents: Vec::new(), findings, files: read.ids.len() };
        return Err(Error::Manifests { errors, manifests: Box::new(manifests), sources: Box::new(read.map) });
    }
    let mut wanted = Wanted { items: BTreeMap::new(), sources: SourceMap::default(), files: read.ids, secrets: Vec::new() };
    for (mut value, document, is_secret, place) in found {
        let key = key_of(&mut value, cluster, namespace, &place)?;
        if is_secret {
            wanted.secrets.push(key);
            continue;
        }
        match wanted.items.entry(key.clone()) {
            Entry::Vacant(vacant) => {
                vacant.insert(Item { key, value, document });
            }
            Entry::Occupied(_) => {
                return Err(Error::question(
                    format!("{place}: {key} is written twice"),
                    "remove one of them: only one can be applied".to_owned(),
                ));
            }
        }
    }
    wanted.sources = read.map;
    Ok(wanted)
}

/// The name of an object and nothing else.
fn name_of(value: &Value) -> Value {
    let metadata = |name: &str| value.get("metadata").and_then(|metadata| metadata.get(name)).cloned().unwrap_or_default();
    serde_json::json!({
        "apiVersion": value.get("apiVersion"),
        "kind": value.get("kind"),
        "metadata": { "name": metadata("name"), "namespace": metadata("namespace") },
    })
}

/// The name of an object, its namespace filled in.
fn key_of(value: &mut Value, cluster: &Cluster, default: &str, place: &str) -> Result<Key, Error> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    let metadata = value.get("metadata");
    let api_version = text(value.get("apiVersion")).unwrap_or_default();
    let kind = text(value.get("kind")).unwrap_or_default();
    let name = text(metadata.and_then(|metadata| metadata.get("name"))).ok_or_else(|| {
        let help = "give it a `metadata.name`; an object that is named by the server cannot be applied twice".to_owned();
        Error::question(format!("{place}: {kind} has no name"), help)
    })?;
    let written = text(metadata.and_then(|metadata| metadata.get("namespace")));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let is_namespaced = match kinds::find(group, &kind) {
        Some(kind) => kind.is_namespaced,
        None if Key::is_cluster_kind(&kind) => false,
        None => cluster.is_namespaced(&api_version, &kind)?,
    };
    let namespace = is_namespaced.then(|| written.unwrap_or_else(|| default.to_owned()));
    if let (Some(namespace), Some(metadata)) = (&namespace, value.get_mut("metadata").and_then(Value::as_object_mut)) {
        metadata.insert("namespace".to_owned(), Value::from(namespace.as_str()));
    }
    Ok(Key { api_version, kind, namespace, name })
}
