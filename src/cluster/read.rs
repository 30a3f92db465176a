//! Many lists at once, and what of them could not be read.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::cluster::Error;
use crate::cluster::Object;
use crate::cluster::api::Api;
use crate::cluster::discovery::Discovery;
use crate::cluster::discovery::Resource;
use crate::cluster::kinds;
use crate::cluster::kinds::Kind;
use crate::cluster::kinds::Only;
use crate::cluster::list;
use crate::cluster::list::Freshness;
use crate::cluster::list::Listing;
use crate::cluster::owner;

/// How many requests are under way at once.
const PARALLEL: usize = 8;

/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);

/// The namespace a control plane is usually in.
const USUAL_ROOT: &str = "istio-system";

/// What is read.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The kinds.
    pub kinds: Vec<&'static Kind>,
    /// The namespaces; `None` for all.
    pub namespaces: Option<BTreeSet<String>>,
    /// Namespaces to look in when the user may neither list a kind everywhere nor list the namespaces.
    pub known_namespaces: BTreeSet<String>,
    /// How recent it has to be.
    pub freshness: Freshness,
}

impl Selection {
    /// The whole mesh.
    #[must_use]
    pub fn mesh() -> Self {
        Self {
            kinds: kinds::MESH.iter().collect(),
            namespaces: None,
            known_namespaces: BTreeSet::new(),
            freshness: Freshness::Cached,
        }
    }

    /// These kinds, by group and name.
    #[must_use]
    pub fn of_kinds(wanted: &[(&str, &str)]) -> Self {
        let kinds = wanted.iter().filter_map(|(group, name)| kinds::find(group, name)).collect();
        Self { kinds, ..Self::mesh() }
    }
}

/// What was read, and what was not.
#[derive(Debug, Default)]
pub struct Reading {
    /// The objects, by kind in the order asked for, then by namespace and name.
    pub objects: Vec<Object>,
    /// What is missing.
    pub unread: Vec<Unread>,
}

/// Objects that may be there, and could not be read.
#[derive(Debug)]
pub struct Unread {
    /// API group of the kind.
    pub group: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// `authorizationpolicies.security.istio.io`
    pub resource: String,
    /// The namespace; `None` for all of them but `except`.
    pub namespace: Option<String>,
    /// Namespaces in which it was read all the same.
    pub except: BTreeSet<String>,
    /// Why.
    pub why: Error,
}

impl Unread {
    /// Whether objects of this namespace may be missing.
    #[must_use]
    pub fn concerns(&self, namespace: &str) -> bool {
        match &self.namespace {
            Some(unread) => unread == namespace,
            None => !self.except.contains(namespace),
        }
    }

    /// Whether the kind is not served at all: then there are no objects of it.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self.why, Error::NotServed { .. })
    }
}

/// Reads a selection.
pub(super) async fn read(
    api: &Api,
    discovery: &Discovery,
    selection: &Selection,
    progress: &mut dyn FnMut(usize),
) -> Result<Reading, Error> {
    let mut reader =
        Reader { api, discovery, selection, counted: Arc::default(), found: BTreeMap::new(), unread: Vec::new(), progress };
    let served = reader.served().await?;
    let (late, first): (Vec<_>, Vec<_>) = served.into_iter().partition(|(kind, _)| kind.only == Only::MeshConfiguration);
    let refused = reader.lists(first).await?;
    reader.in_namespaces(refused).await?;
    for (kind, resource) in late {
        reader.mesh_configurations(kind, &resource).await?;
    }
    let mut reading = Reading { objects: Vec::new(), unread: reader.unread };
    for kind in &selection.kinds {
        let mut objects = reader.found.remove(&place(kind)).unwrap_or_default();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        reading.objects.extend(objects);
    }
    Ok(reading)
}

/// Where a kind stands among all.
fn place(kind: &Kind) -> usize {
    kinds::MESH.iter().position(|known| known == kind).unwrap_or(usize::MAX)
}

struct Reader<'a> {
    api: &'a Api,
    discovery: &'a Discovery,
    selection: &'a Selection,
    counted: Arc<AtomicUsize>,
    found: BTreeMap<usize, Vec<Object>>,
    unread: Vec<Unread>,
    progress: &'a mut dyn FnMut(usize),
}

/// One list that was asked for.
type Wanted = (&'static Kind, Resource, Option<String>);

/// One list that was refused everywhere at once.
type RefusedList = (&'static Kind, Resource, Error);

impl Reader<'_> {
    /// Each kind with the version that the server has it in. Kinds it does not have are noted.
    async fn served(&mut self) -> Result<Vec<(&'static Kind, Resource)>, Error> {
        let wanted: BTreeSet<String> = self
            .selection
            .kinds
            .iter()
            .filter(|kind| !kind.is_built_in)
            .filter_map(|kind| Some(format!("{}/{}", kind.group, kind.versions.first()?)))
            .collect();
        let tasks = wanted.into_iter().map(|api_version| {
            let (api, discovery) = (self.api.clone(), self.discovery.clone());
            async move { discovery.resources(&api, &api_version).await.map(|_| ()) }
        });
        for done in all(tasks, &self.counted, self.progress).await {
            done.or_else(|error| if error.is_about_everything() { Err(error) } else { Ok(()) })?;
        }
        let mut served = Vec::new();
        for kind in &self.selection.kinds {
            match self.version(kind).await {
                Ok(resource) => served.push((*kind, resource)),
                Err(error) if error.is_about_everything() => return Err(error),
                Err(why) => self.unread.push(unread(kind, None, why)),
            }
        }
        Ok(served)
    }

    async fn version(&self, kind: &'static Kind) -> Result<Resource, Error> {
        let first = join(kind, kind.versions.first().copied().unwrap_or_default());
        let resource = Resource {
            api_version: first.clone(),
            kind: kind.name.to_owned(),
            plural: kind.plural.to_owned(),
            is_namespaced: kind.is_namespaced,
        };
        if kind.is_built_in {
            return Ok(resource);
        }
        let mut missing = Error::NotServed { api_version: first, kind: kind.name.to_owned() };
        for version in kind.versions {
            match self.discovery.resource(self.api, &join(kind, version), kind.name).await {
                Ok(resource) => return Ok(resource),
                Err(Error::NotServed { .. }) => {}
                // Who may not ask what there is may still read it.
                Err(Error::Forbidden(_)) => return Ok(resource),
                Err(error) => missing = error,
            }
        }
        Err(missing)
    }

    /// Reads these kinds in the namespaces asked for; returns those that are refused in all namespaces at once.
    async fn lists(&mut self, kinds: Vec<(&'static Kind, Resource)>) -> Result<Vec<RefusedList>, Error> {
        let mut wanted: Vec<Wanted> = Vec::new();
        for (kind, resource) in kinds {
            match &self.selection.namespaces {
                Some(namespaces) if kind.is_namespaced => {
                    wanted.extend(namespaces.iter().map(|namespace| (kind, resource.clone(), Some(namespace.clone()))));
                }
                _ => wanted.push((kind, resource, None)),
            }
        }
        let mut refused = Vec::new();
        for ((kind, resource, namespace), result) in self.run(wanted).await {
            match result {
                Ok(objects) => self.keep(kind, objects),
                Err(error) if error.is_about_everything() => return Err(error),
                Err(error @ Error::Forbidden(_)) if namespace.is_none() && kind.is_namespaced => {
                    refused.push((kind, resource, error));
                }
                Err(why @ Error::Forbidden(_)) if kind.name == "Namespace" => self.known_namespaces(kind, &resource, why).await?,
                Err(why) => self.unread.push(unread(kind, namespace, why)),
            }
        }
        Ok(refused)
    }

    /// Who may not list namespaces may still look at some of them.
    async fn known_namespaces(&mut self, kind: &'static Kind, resource: &Resource, why: Error) -> Result<(), Error> {
        let mut except = BTreeSet::new();
        for name in self.places() {
            match owner::get(self.api, resource, None, &name).await {
                Ok(found) => {
                    self.keep(kind, found.into_iter().collect());
                    except.insert(name);
                }
                Err(error) if error.is_about_everything() => return Err(error),
                Err(_) => {}
            }
        }
        self.unread.push(Unread { except, ..unread(kind, None, why) });
        Ok(())
    }

    /// Namespaces that are worth a look when the user may not look everywhere.
    fn places(&self) -> BTreeSet<String> {
        let chosen = self.selection.namespaces.iter().flatten().cloned();
        self.selection.known_namespaces.iter().cloned().chain(chosen).chain([USUAL_ROOT.to_owned()]).collect()
    }

    /// What may not be read everywhere at once is read where it may be.
    async fn in_namespaces(&mut self, refused: Vec<RefusedList>) -> Result<(), Error> {
        if refused.is_empty() {
            return Ok(());
        }
        let listed = self.namespaces();
        let namespaces = listed.clone().unwrap_or_else(|| self.places());
        let wanted: Vec<Wanted> = refused
            .iter()
            .flat_map(|(kind, resource, _)| namespaces.iter().map(|namespace| (*kind, resource.clone(), Some(namespace.clone()))))
            .collect();
        let mut read: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        let mut unread_there: BTreeMap<usize, Vec<Unread>> = BTreeMap::new();
        for ((kind, _, namespace), result) in self.run(wanted).await {
            match result {
                Ok(objects) => {
                    self.keep(kind, objects);
                    read.entry(place(kind)).or_default().extend(namespace);
                }
                Err(error) if error.is_about_everything() => return Err(error),
                Err(why) => unread_there.entry(place(kind)).or_default().push(unread(kind, namespace, why)),
            }
        }
        for (kind, _, why) in refused {
            let read = read.remove(&place(kind)).unwrap_or_default();
            if read.is_empty() || listed.is_none() {
                self.unread.push(Unread { except: read, ..unread(kind, None, why) });
            } else {
                self.unread.extend(unread_there.remove(&place(kind)).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// The namespaces there are; `None` when they could not be listed.
    fn namespaces(&self) -> Option<BTreeSet<String>> {
        let kind = kinds::find("", "Namespace")?;
        if self.unread.iter().any(|unread| unread.kind == kind.name) {
            return None;
        }
        let found = self.found.get(&place(kind))?;
        Some(found.iter().map(|object| object.key.name.clone()).collect())
    }

    /// The mesh configurations of the namespaces that istiod runs in.
    async fn mesh_configurations(&mut self, kind: &'static Kind, resource: &Resource) -> Result<(), Error> {
        let mut namespaces = BTreeSet::from([USUAL_ROOT.to_owned()]);
        let deployments = kinds::find("apps", "Deployment").and_then(|kind| self.found.get(&place(kind)));
        for deployment in deployments.into_iter().flatten().filter(|deployment| is_istiod(&deployment.value)) {
            namespaces.extend(deployment.key.namespace.clone());
        }
        if let Some(selected) = &self.selection.namespaces {
            namespaces.retain(|namespace| selected.contains(namespace));
        }
        let wanted = namespaces.into_iter().map(|namespace| (kind, resource.clone(), Some(namespace))).collect();
        for ((kind, _, namespace), result) in self.run(wanted).await {
            match result {
                Ok(objects) => {
                    let named = |object: &Object| object.key.name == "istio" || object.key.name.starts_with("istio-");
                    let has_mesh = |object: &Object| object.value.pointer("/data/mesh").is_some();
                    self.keep(kind, objects.into_iter().filter(|object| named(object) && has_mesh(object)).collect());
                }
                Err(error) if error.is_about_everything() => return Err(error),
                Err(why) => self.unread.push(unread(kind, namespace, why)),
            }
        }
        Ok(())
    }

    async fn run(&mut self, wanted: Vec<Wanted>) -> Vec<(Wanted, Result<Vec<Object>, Error>)> {
        let freshness = self.selection.freshness;
        let tasks = wanted.into_iter().map(|(kind, resource, namespace)| {
            let (api, counted) = (self.api.clone(), Arc::clone(&self.counted));
            let is_metadata_only = kind.only == Only::Unowned;
            let listing = Listing { resource, namespace, labels: None, freshness, is_metadata_only };
            async move {
                let mut result = list::list(&api, &listing, &counted).await;
                if let (Ok(objects), true) = (&mut result, is_metadata_only) {
                    result = owner::unowned(&api, &listing.resource, std::mem::take(objects)).await;
                }
                ((kind, listing.resource, listing.namespace), result)
            }
        });
        all(tasks, &self.counted, self.progress).await
    }

    fn keep(&mut self, kind: &Kind, objects: Vec<Object>) {
        self.found.entry(place(kind)).or_default().extend(objects);
    }
}

/// Runs tasks, a few at a time; their results in the order in which they end.
async fn all<T: Send + 'static>(
    tasks: impl Iterator<Item = impl Future<Output = T> + Send + 'static>,
    counted: &AtomicUsize,
    progress: &mut dyn FnMut(usize),
) -> Vec<T> {
    let mut tasks = tasks.fuse();
    let mut running = JoinSet::new();
    let mut results = Vec::new();
    loop {
        while running.len() < PARALLEL
            && let Some(task) = tasks.next()
        {
            running.spawn(task);
        }
        match tokio::time::timeout(TICK, running.join_next()).await {
            Ok(None) => return results,
            Ok(Some(Ok(result))) => results.push(result),
            Ok(Some(Err(failed))) => {
                if failed.is_panic() {
                    std::panic::resume_unwind(failed.into_panic());
                }
            }
            Err(_) => {}
        }
        progress(counted.load(Ordering::Relaxed));
    }
}

fn join(kind: &Kind, version: &str) -> String {
    if kind.group.is_empty() { version.to_owned() } else { format!("{}/{version}", kind.group) }
}

fn unread(kind: &'static Kind, namespace: Option<String>, why: Error) -> Unread {
    Unread { group: kind.group, kind: kind.name, resource: kind.resource(), namespace, except: BTreeSet::new(), why }
}

fn is_istiod(deployment: &Value) -> bool {
    deployment.pointer("/metadata/labels/app").and_then(Value::as_str) == Some("istiod")
}
