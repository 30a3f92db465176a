//! The objects that are there, and the mesh they make.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::apply::Item;
use crate::apply::Key;
use crate::cli::cluster::live;
use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cluster::Cluster;
use crate::cluster::Freshness;
use crate::cluster::Object;
use crate::cluster::ObjectKey;
use crate::cluster::Selection;
use crate::cluster::kinds;
use crate::cluster::kinds::Only;
use crate::diag::Severity;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest;
use crate::manifest::Document;
use crate::mesh::Unread;

/// What is there.
#[derive(Default)]
pub(super) struct Live {
    /// By name.
    pub(super) items: BTreeMap<Key, Item>,
    /// The source of each.
    pub(super) ids: BTreeMap<Key, SourceId>,
    /// What may be there too.
    pub(super) unread: Vec<Unread>,
    absent: Vec<&'static str>,
}

/// Reads the mesh as it is now, and every object of `wanted` that is no part of a mesh.
pub(super) fn read(cluster: &Cluster, wanted: &BTreeSet<Key>, sources: &mut SourceMap, env: &mut Env<'_>) -> Result<Live, Error> {
    let mut selection = Selection::mesh();
    selection.freshness = Freshness::Latest;
    selection.known_namespaces.extend(wanted.iter().filter_map(|key| key.namespace.clone()));
    let reading = live::read_selection(cluster, &selection, env)?;
    let mut found = Live::default();
    let mut doubtful = Vec::new();
    for unread in &reading.unread {
        if unread.is_absent() {
            found.absent.push(unread.kind);
        } else {
            doubtful.push((unread.group, unread.kind));
            found.unread.push(live::of_cluster(unread));
        }
    }
    for object in reading.objects {
        found.add(cluster, object, sources);
    }
    let missing: Vec<&Key> = wanted.iter().filter(|key| !found.items.contains_key(key)).collect();
    for key in missing {
        let kind = kinds::find(key.group(), &key.kind);
        let is_complete = kind.is_some_and(|kind| {
            kind.only == Only::All && !doubtful.contains(&(kind.group, kind.name)) || found.absent.contains(&kind.name)
        });
        if !is_complete && let Some(object) = cluster.get(&object_key(key))? {
            found.add(cluster, object, sources);
        }
    }
    for unread in &found.unread {
        writeln!(env.stderr, "{} {unread} could not be read: {}", env.style.warning("warning:"), unread.why)?;
    }
    Ok(found)
}

impl Live {
    /// Takes an object in.
    pub(super) fn add(&mut self, cluster: &Cluster, object: Object, sources: &mut SourceMap) {
        let key = key(&object.key);
        let (id, document, problem) = document(cluster, &key, &object, sources);
        if let Some(why) = problem {
            self.unread.push(Unread {
                group: key.group().to_owned(),
                kind: key.kind.clone(),
                namespace: key.namespace.clone(),
                except: BTreeSet::new(),
                name: Some(key.name.clone()),
                why: format!("it is not understood: {why}"),
            });
        }
        self.ids.insert(key.clone(), id);
        self.items.insert(key.clone(), Item { key, value: object.value, document });
    }
}

/// The object as a source of its own, and as it is read; with why it is not understood.
pub(super) fn document(
    cluster: &Cluster,
    key: &Key,
    object: &Object,
    sources: &mut SourceMap,
) -> (SourceId, Option<Document>, Option<String>) {
    let text = live::text(object);
    let id = sources.add_live(live::name(cluster.context(), &object_key(key)), text.as_str());
    let (mut document, mut problem) = (None, None);
    manifest::objects(id, &text, &mut |read| {
        problem =
            read.findings.iter().find(|finding| finding.severity == Severity::Error).map(|finding| finding.headline.clone());
        document = read.document;
    });
    (id, document, problem)
}

/// The same name, as the other room writes it.
pub(super) fn key(key: &ObjectKey) -> Key {
    Key { api_version: key.api_version.clone(), kind: key.kind.clone(), namespace: key.namespace.clone(), name: key.name.clone() }
}

/// The same name, as the other room writes it.
pub(super) fn object_key(key: &Key) -> ObjectKey {
    ObjectKey {
        api_version: key.api_version.clone(),
        kind: key.kind.clone(),
        namespace: key.namespace.clone(),
        name: key.name.clone(),
    }
}
