//! Live objects as sources, beside the files that were named.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use serde_json::Value;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cluster;
use crate::cluster::Cluster;
use crate::cluster::Object;
use crate::cluster::ObjectKey;
use crate::cluster::Selection;
use crate::cluster::kinds;
use crate::diag::SourceId;
use crate::diag::SourceMap;
use crate::manifest;
use crate::mesh::Unread;
use crate::snapshot;

/// What was read of a cluster beside its objects.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Live {
    /// The context.
    pub(in crate::cli) context: String,
    /// The namespace of the context.
    pub(in crate::cli) namespace: String,
    /// How many objects it has; of those that a file says otherwise the file's counts.
    pub(in crate::cli) objects: usize,
    /// What may be there too.
    pub(in crate::cli) unread: Vec<Unread>,
    /// Kinds that the cluster does not have.
    pub(in crate::cli) absent: Vec<&'static str>,
}

/// Kinds whose absence means that the mesh has no security to speak of.
const TELLING: &[&str] = &["AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication", "DestinationRule"];

impl Live {
    /// Says what could not be read.
    pub(in crate::cli) fn warn(&self, env: &mut Env<'_>) -> Result<(), Error> {
        let warning = env.style.warning("warning:");
        // One line for all kinds that are missing in the same places; those that say most stand apart.
        let is_telling = |unread: &Unread| TELLING.iter().any(|kind| unread.kind.starts_with(kind));
        let mut told: Vec<Unread> = Vec::new();
        for unread in &self.unread {
            let same = told.iter_mut().find(|known| {
                (&known.namespace, &known.except, &known.name) == (&unread.namespace, &unread.except, &unread.name)
                    && is_telling(known) == is_telling(unread)
            });
            match same {
                Some(known) => known.kind.push_str(&format!(", {}", unread.kind)),
                None => told.push(unread.clone()),
            }
        }
        for unread in &told {
            writeln!(env.stderr, "{warning} {unread} could not be read: {}", unread.why)?;
        }
        let absent: Vec<&str> = self.absent.iter().copied().filter(|kind| TELLING.contains(kind)).collect();
        if !absent.is_empty() {
            writeln!(
                env.stderr,
                "{warning} cluster `{}` has no kind {}: Istio's definitions are missing",
                self.context,
                absent.join(", ")
            )?;
        }
        Ok(())
    }
}

/// The mesh of a cluster, read once for whoever looks at it.
#[derive(Debug)]
pub(in crate::cli) struct Reading {
    context: String,
    namespace: String,
    /// By name, each as its text.
    objects: Vec<(ObjectKey, Arc<str>)>,
    unread: Vec<Unread>,
    absent: Vec<&'static str>,
}

/// Reads the mesh of a cluster, also in namespaces that are known by their name alone.
pub(in crate::cli) fn read(cluster: &Cluster, namespaces: BTreeSet<String>, env: &Env<'_>) -> Result<Reading, Error> {
    let selection = Selection { known_namespaces: namespaces, ..Selection::mesh() };
    let reading = read_selection(cluster, &selection, env)?;
    let (absent, unread): (Vec<_>, Vec<_>) = reading.unread.into_iter().partition(cluster::Unread::is_absent);
    let objects = reading.objects.into_iter().map(|object| {
        let text = text(&object).into();
        (object.key, text)
    });
    Ok(Reading {
        context: cluster.context().to_owned(),
        namespace: cluster.default_namespace().to_owned(),
        objects: objects.collect(),
        unread: unread.iter().map(of_cluster).collect(),
        absent: absent.iter().map(|absent| absent.kind).collect(),
    })
}

impl Reading {
    /// Adds each object as a source of its own, unless one of `given` is the same object.
    pub(in crate::cli) fn add_to(&self, sources: &mut SourceMap, given: &BTreeSet<ObjectKey>) -> (Live, Vec<SourceId>) {
        let others = self.objects.iter().filter(|(key, _)| !given.contains(key));
        let ids = others.map(|(key, text)| sources.add_live(name(&self.context, key), Arc::clone(text))).collect();
        let live = Live {
            context: self.context.clone(),
            namespace: self.namespace.clone(),
            objects: self.objects.len(),
            unread: self.unread.clone(),
            absent: self.absent.clone(),
        };
        (live, ids)
    }
}

#[allow(clippy::result_large_err, reason = "it is passed on as it is")]
/// Reads a selection, with a word on a terminal once it takes longer than half a second.
pub(in crate::cli) fn read_selection(
    cluster: &Cluster,
    selection: &Selection,
    env: &Env<'_>,
) -> Result<cluster::Reading, cluster::Error> {
    const PATIENCE: Duration = Duration::from_millis(500);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    let is_shown = env.stderr_is_terminal && !env.quiet;
    let result = cluster.read(selection, &mut |count| {
        if is_shown && bar.elapsed() > PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.set_message(format!("read {count} objects of {}", cluster.context()));
            bar.tick();
        }
    });
    bar.finish_and_clear();
    result
}

/// The names of the objects in these sources; one without a namespace is in `default_namespace`.
pub(in crate::cli) fn keys(sources: &SourceMap, ids: &[SourceId], default_namespace: &str) -> BTreeSet<ObjectKey> {
    let mut keys = BTreeSet::new();
    for id in ids {
        let Some(source) = sources.get(*id) else { continue };
        manifest::objects(*id, &source.text, &mut |object| {
            let header = &object.header;
            if header.name.value.is_empty() {
                return;
            }
            let is_namespaced = kinds::find(header.group(), header.kind.as_str()).is_none_or(|kind| kind.is_namespaced);
            let namespace = header.namespace.as_ref().map_or(default_namespace, |namespace| namespace.as_str());
            keys.insert(ObjectKey {
                api_version: header.api_version.value.clone(),
                kind: header.kind.value.clone(),
                namespace: is_namespaced.then(|| namespace.to_owned()),
                name: header.name.value.clone(),
            });
        });
    }
    keys
}

/// `cluster:prod/AuthorizationPolicy/shop/allow-cart`
pub(in crate::cli) fn name(context: &str, key: &ObjectKey) -> String {
    match &key.namespace {
        Some(namespace) => format!("cluster:{context}/{}/{namespace}/{}", key.kind, key.name),
        None => format!("cluster:{context}/{}/{}", key.kind, key.name),
    }
}

/// The object as `kubectl get -o yaml` shows it, without the copy of itself that `kubectl apply` keeps in it.
pub(in crate::cli) fn text(object: &Object) -> String {
    const COPY: &str = "kubectl.kubernetes.io/last-applied-configuration";
    let annotations = object.value.get("metadata").and_then(|metadata| metadata.get("annotations"));
    if annotations.is_none_or(|annotations| annotations.get(COPY).is_none()) {
        return snapshot::yaml(&object.value);
    }
    let mut value = object.value.clone();
    if let Some(annotations) = value.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        annotations.shift_remove(COPY);
    }
    snapshot::yaml(&value)
}

pub(in crate::cli) fn of_cluster(unread: &cluster::Unread) -> Unread {
    Unread {
        group: unread.group.to_owned(),
        kind: unread.kind.to_owned(),
        namespace: unread.namespace.clone(),
        except: unread.except.clone(),
        name: None,
        why: unread.why.to_string(),
    }
}
