//! Which workloads stand behind which gateways, by `VirtualService` and `HTTPRoute`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::diag::Span;
use crate::lint::MeshView;
use crate::lint::Raw;
use crate::lint::tree::items_at;
use crate::manifest::yaml::Node;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Service;
use crate::mesh::WorkloadId;

/// A workload that a gateway sends requests to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) gateway: WorkloadId,
    pub(super) workload: WorkloadId,
    /// Where the route names the destination.
    pub(super) place: Span,
}

/// What is looked up by name.
struct Lookup<'v> {
    view: &'v MeshView<'v>,
    gateways: BTreeMap<(&'v str, &'v str), Vec<WorkloadId>>,
    services: BTreeMap<&'v str, &'v Service>,
}

/// Every pair once, in reading order.
pub(super) fn links(view: &MeshView<'_>) -> Vec<Link> {
    if !view.mesh.workloads.iter().any(|workload| workload.proxy == Proxy::Gateway) {
        return Vec::new();
    }
    let lookup = Lookup::of(view);
    let (mut links, mut seen) = (Vec::new(), BTreeSet::new());
    let mut add = |gateways: &[WorkloadId], service: Option<&Service>, place: Span| {
        let workloads = service.into_iter().flat_map(|service| &service.endpoints).filter_map(|endpoint| endpoint.workload);
        for workload in workloads {
            for gateway in gateways {
                if *gateway != workload && seen.insert((*gateway, workload)) {
                    links.push(Link { gateway: *gateway, workload, place });
                }
            }
        }
    };
    for raw in view.raw_of("networking.istio.io", "VirtualService") {
        let gateways = lookup.of_virtual_service(raw);
        for route in items_at(&raw.node, &["spec", "http"]).iter().flat_map(|http| items_at(http, &["route"])) {
            let Some(host) = route.get("destination").and_then(|destination| destination.get("host")) else { continue };
            add(&gateways, lookup.service(host.as_str().unwrap_or_default(), &raw.namespace), host.span);
        }
    }
    for raw in view.raw_of("gateway.networking.k8s.io", "HTTPRoute") {
        let gateways = lookup.of_http_route(raw);
        for backend in items_at(&raw.node, &["spec", "rules"]).iter().flat_map(|rule| items_at(rule, &["backendRefs"])) {
            let Some(name) = backend.get("name") else { continue };
            let namespace = backend.get("namespace").and_then(Node::as_str).unwrap_or(&raw.namespace);
            add(&gateways, lookup.service(name.as_str().unwrap_or_default(), namespace), name.span);
        }
    }
    links
}

/// The gateways that a `VirtualService` is bound to; nothing for those inside the mesh only.
pub(super) fn gateways_of(view: &MeshView<'_>, raw: &Raw) -> Vec<WorkloadId> {
    Lookup::of(view).of_virtual_service(raw)
}

impl<'v> Lookup<'v> {
    fn of(view: &'v MeshView<'v>) -> Self {
        let mesh = view.mesh;
        let gateways = mesh
            .gateways
            .iter()
            .map(|gateway| {
                let labels = &gateway.spec.selector;
                let matches = |id: &WorkloadId| {
                    mesh.workload(*id).is_some_and(|workload| {
                        workload.proxy == Proxy::Gateway
                            && labels.iter().all(|(name, value)| workload.labels.get(name) == Some(&value.value))
                    })
                };
                let ids = (0..mesh.workloads.len()).map(WorkloadId).filter(matches).collect();
                ((gateway.id.namespace.as_str(), gateway.id.name.as_str()), ids)
            })
            .collect();
        let services = mesh.services.iter().map(|service| (service.hostname.as_str(), service)).collect();
        Self { view, gateways, services }
    }

    fn of_virtual_service(&self, raw: &Raw) -> Vec<WorkloadId> {
        let names = items_at(&raw.node, &["spec", "gateways"]).iter().filter_map(Node::as_str);
        names
            .filter_map(|name| self.gateways.get(&name.split_once('/').unwrap_or((&raw.namespace, name))))
            .flatten()
            .copied()
            .collect()
    }

    fn of_http_route(&self, raw: &Raw) -> Vec<WorkloadId> {
        let mut ids = Vec::new();
        for parent in items_at(&raw.node, &["spec", "parentRefs"]) {
            let name = parent.get("name").and_then(Node::as_str);
            let namespace = parent.get("namespace").and_then(Node::as_str).unwrap_or(&raw.namespace);
            let mesh = self.view.mesh;
            ids.extend((0..mesh.workloads.len()).map(WorkloadId).filter(|id| {
                mesh.workload(*id).is_some_and(|workload| {
                    workload.proxy == Proxy::Gateway && workload.namespace == namespace && workload.gateway_name() == name
                })
            }));
        }
        ids
    }

    fn service(&self, host: &str, namespace: &str) -> Option<&'v Service> {
        self.services.get(full_host(self.view.mesh, host, namespace).as_str()).copied()
    }
}

/// A host as a route or a URL in this namespace names it, in full.
pub(super) fn full_host(mesh: &Mesh, host: &str, namespace: &str) -> String {
    let domain = &mesh.settings.cluster_domain;
    if !host.contains('.') {
        return format!("{host}.{namespace}.svc.{domain}");
    }
    host.to_owned()
}
