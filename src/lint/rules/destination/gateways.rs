//! Gateways with the workloads that carry them out, and the Secrets they read.

use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::lint::MeshView;
use crate::lint::Raw;
use crate::lint::tree;
use crate::manifest::kinds::Gateway;
use crate::manifest::kinds::ServerTls;
use crate::mesh::Object;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::mesh::selector_labels_match;

/// The labels of a Gateway's pods, to compare Gateways by.
pub(super) type Labels<'a> = Vec<(&'a str, &'a str)>;

/// The labels of a Gateway's pods.
pub(super) fn labels(gateway: &Object<Gateway>) -> Labels<'_> {
    gateway.spec.selector.iter().map(|(name, value)| (name.as_str(), value.value.as_str())).collect()
}

/// Workloads by their labels.
pub(in crate::lint::rules) struct Pods<'a>(BTreeMap<(&'a str, &'a str), Vec<(WorkloadId, &'a Workload)>>);

impl<'a> Pods<'a> {
    /// Those whose labels the first label of some Gateway's selector is among.
    pub(in crate::lint::rules) fn new(view: &MeshView<'a>) -> Self {
        let mut pods: BTreeMap<(&str, &str), Vec<(WorkloadId, &Workload)>> = BTreeMap::new();
        for gateway in &view.mesh.gateways {
            if let Some(label) = first(gateway) {
                pods.entry(label).or_default();
            }
        }
        if pods.is_empty() {
            return Self(pods);
        }
        for (index, workload) in view.mesh.workloads.iter().enumerate() {
            for (name, value) in &workload.labels {
                if let Some(same) = pods.get_mut(&(name.as_str(), value.as_str())) {
                    same.push((WorkloadId(index), workload));
                }
            }
        }
        Self(pods)
    }

    /// The workloads that a Gateway selects, wherever they run.
    pub(in crate::lint::rules) fn of(&self, gateway: &Object<Gateway>) -> Vec<(WorkloadId, &'a Workload)> {
        let same = first(gateway).and_then(|label| self.0.get(&label)).map(Vec::as_slice).unwrap_or_default();
        same.iter().filter(|(_, workload)| selector_labels_match(&gateway.spec.selector, &workload.labels)).copied().collect()
    }
}

fn first(gateway: &Object<Gateway>) -> Option<(&str, &str)> {
    gateway.spec.selector.first_key_value().map(|(name, value)| (name.as_str(), value.value.as_str()))
}

/// The Secrets that were given.
pub(in crate::lint::rules) struct Secrets<'a>(BTreeMap<(&'a str, &'a str), &'a Raw>);

impl<'a> Secrets<'a> {
    pub(in crate::lint::rules) fn new(view: &MeshView<'a>) -> Self {
        let secrets = view.raw.iter().filter(|raw| raw.header.group().is_empty() && raw.header.kind.value == "Secret");
        Self(secrets.map(|raw| ((raw.namespace.as_str(), raw.header.name.value.as_str()), *raw)).collect())
    }

    pub(in crate::lint::rules) fn get(&self, namespace: &str, name: &str) -> Option<&'a Raw> {
        self.0.get(&(namespace, name)).copied()
    }
}

/// Whether a Secret has a key, in `data` or `stringData`.
pub(super) fn has_key(secret: &Raw, key: &str) -> bool {
    value(secret, key).is_some()
}

/// The text behind a key of a Secret, as written.
pub(super) fn value<'a>(secret: &'a Raw, key: &str) -> Option<&'a str> {
    ["data", "stringData"].iter().find_map(|part| tree::text(secret.node.get(part)?, key))
}

/// The Secrets a server names. References of other kinds have a scheme and are left out.
pub(in crate::lint::rules) fn credentials(tls: &ServerTls) -> impl Iterator<Item = &Spanned<String>> {
    let names = tls.credential_name.iter().chain(&tls.credential_names);
    names.filter(|name| !name.value.is_empty() && !name.value.contains("://"))
}

/// The mode of a server, `PASSTHROUGH` when none is written.
pub(in crate::lint::rules) fn mode(tls: &ServerTls) -> &str {
    tls.mode.as_ref().map_or("PASSTHROUGH", |mode| mode.value.as_str())
}
