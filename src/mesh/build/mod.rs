mod documents;
mod injection;
mod service_entries;
mod services;
mod settings;
mod workloads;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::diag::Finding;
use crate::manifest::Body;
use crate::manifest::Document;
use crate::manifest::Manifests;
use crate::manifest::kinds::MeshConfig;
use crate::mesh::Mesh;
use crate::mesh::Namespace;
use crate::mesh::Object;
use crate::mesh::ObjectRef;
use crate::mesh::Unread;
use crate::mesh::build::documents::Placed;

/// What decides about a mesh beside its manifests.
#[derive(Debug, Clone, Default)]
pub struct BuildOptions<'a> {
    /// Namespace of documents that name none; `default` when absent.
    pub default_namespace: Option<String>,
    /// Feature flags of istiod given by the user; they override those of the manifests.
    pub features: Vec<(String, String)>,
    /// A mesh configuration given by the user; it replaces those of the manifests.
    pub mesh_config: Option<&'a MeshConfig>,
    /// What may be in the mesh, and was not read.
    pub unread: Vec<Unread>,
}

/// Joins the documents to a mesh, and says what in them cannot be right.
///
/// Findings never stop the work: an object that istiod would ignore is left out with a finding that says so.
#[must_use]
pub fn build(manifests: &Manifests, options: &BuildOptions<'_>) -> (Mesh, Vec<Finding>) {
    build_of(&manifests.documents, options)
}

/// The same of documents that are kept elsewhere.
#[must_use]
pub fn build_of<'d>(documents: impl IntoIterator<Item = &'d Document>, options: &'d BuildOptions<'_>) -> (Mesh, Vec<Finding>) {
    let mut findings = Vec::new();
    let default_namespace = options.default_namespace.as_deref().unwrap_or("default");
    let placed = documents::place(documents, default_namespace, &mut findings);
    let control_plane = settings::resolve(&placed, options, &mut findings);
    let mut mesh = Mesh { settings: control_plane.settings, unread: options.unread.clone(), ..Mesh::default() };
    mesh.namespaces = namespaces(&placed);
    for (name, namespace) in &mut mesh.namespaces {
        namespace.injects = injection::is_default_of(name, &namespace.labels, &control_plane.revisions);
    }
    let placed = documents::seen_by_istiod(placed, &mesh, &control_plane.revisions, &control_plane.discovery, &mut findings);
    collect_objects(&mut mesh, &placed);
    let sources = workloads::collect(&placed, &mesh, &control_plane.revisions, &mut findings);
    let mut services = services::collect(&placed, &sources, &mesh.settings, &mut findings);
    service_entries::collect(&placed, &sources, &mesh.settings, &mut services, &mut findings);
    services.sort_by(|a, b| services::istiod_order(a).cmp(&services::istiod_order(b)));
    mesh.workloads = sources.into_iter().map(|source| source.workload).collect();
    mesh.service_accounts = service_accounts(&placed, &mesh);
    mesh.services = services;
    (mesh, findings)
}

fn namespaces(placed: &[Placed<'_>]) -> BTreeMap<String, Namespace> {
    let mut namespaces: BTreeMap<String, Namespace> = BTreeMap::new();
    for document in placed {
        match &document.document.body {
            Body::Namespace => {
                let labels = document.document.header.labels.clone();
                let written = Namespace { labels, span: Some(document.document.span), ..Namespace::default() };
                namespaces.insert(document.document.header.name.value.clone(), written);
            }
            Body::Other | Body::MeshConfig(_) => {}
            Body::Workload(_)
            | Body::Service(_)
            | Body::ServiceAccount
            | Body::ServiceEntry(_)
            | Body::WorkloadEntry(_)
            | Body::WorkloadGroup(_)
            | Body::Sidecar(_)
            | Body::Gateway(_)
            | Body::KubernetesGateway(_)
            | Body::PeerAuthentication(_)
            | Body::RequestAuthentication(_)
            | Body::AuthorizationPolicy(_)
            | Body::DestinationRule(_)
            | Body::Istiod(_) => {
                if !namespaces.contains_key(document.namespace) {
                    namespaces.insert(document.namespace.to_owned(), Namespace::default());
                }
            }
        }
    }
    namespaces
}

fn service_accounts(placed: &[Placed<'_>], mesh: &Mesh) -> BTreeSet<(String, String)> {
    let written = placed.iter().filter(|placed| matches!(placed.document.body, Body::ServiceAccount));
    let written = written.map(|placed| (placed.namespace.to_owned(), placed.document.header.name.value.clone()));
    let used = mesh.workloads.iter().map(|workload| (workload.namespace.clone(), workload.service_account.clone()));
    written.chain(used).collect()
}

fn collect_objects(mesh: &mut Mesh, placed: &[Placed<'_>]) {
    for document in placed {
        match &document.document.body {
            Body::PeerAuthentication(spec) => mesh.peer_authentications.push(document.object("PeerAuthentication", spec)),
            Body::RequestAuthentication(spec) => {
                mesh.request_authentications.push(document.object("RequestAuthentication", spec));
            }
            Body::AuthorizationPolicy(spec) => mesh.authorization_policies.push(document.object("AuthorizationPolicy", spec)),
            Body::DestinationRule(spec) => mesh.destination_rules.push(document.object("DestinationRule", spec)),
            Body::Sidecar(spec) => mesh.sidecars.push(document.object("Sidecar", spec)),
            Body::Gateway(spec) => mesh.gateways.push(document.object("Gateway", spec)),
            Body::KubernetesGateway(spec) => mesh.kubernetes_gateways.push(document.object("Gateway", spec)),
            Body::Namespace
            | Body::Workload(_)
            | Body::Service(_)
            | Body::ServiceAccount
            | Body::ServiceEntry(_)
            | Body::WorkloadEntry(_)
            | Body::WorkloadGroup(_)
            | Body::MeshConfig(_)
            | Body::Istiod(_)
            | Body::Other => {}
        }
    }
    sort_as_istiod(&mut mesh.peer_authentications);
    sort_as_istiod(&mut mesh.request_authentications);
    sort_as_istiod(&mut mesh.authorization_policies);
    sort_as_istiod(&mut mesh.destination_rules);
    sort_as_istiod(&mut mesh.sidecars);
    sort_as_istiod(&mut mesh.gateways);
    sort_as_istiod(&mut mesh.kubernetes_gateways);
}

/// Oldest first, then by name, then by namespace. An object without a creation time counts as oldest, as in istiod.
fn sort_as_istiod<T>(objects: &mut [Object<T>]) {
    objects.sort_by(|a, b| {
        let key = |object: &Object<T>| object.header.creation_timestamp;
        key(a).cmp(&key(b)).then_with(|| a.id.name.cmp(&b.id.name)).then_with(|| a.id.namespace.cmp(&b.id.namespace))
    });
}

impl Placed<'_> {
    fn id(&self, kind: &'static str) -> ObjectRef {
        ObjectRef { kind, namespace: self.namespace.to_owned(), name: self.document.header.name.value.clone() }
    }

    fn object<T>(&self, kind: &'static str, spec: &Arc<T>) -> Object<T> {
        Object { id: self.id(kind), header: Arc::clone(&self.document.header), spec: Arc::clone(spec), span: self.document.span }
    }
}
