//! Which waypoint stands in front of a service or a pod.

use crate::diag::Span;
use crate::diag::Spanned;
use crate::lint::MeshView;
use crate::lint::tree;
use crate::manifest::Labels;
use crate::manifest::kinds::KubernetesGateway;
use crate::manifest::yaml::Node;
use crate::mesh::Object;
use crate::mesh::Service;
use crate::mesh::Workload;

/// Names the waypoint.
pub(super) const USE: &str = "istio.io/use-waypoint";
/// Names its namespace.
pub(super) const USE_NAMESPACE: &str = "istio.io/use-waypoint-namespace";
/// On a Gateway: which traffic it takes.
pub(super) const TRAFFIC: &str = "istio.io/waypoint-for";
const CLASS: &str = "istio-waypoint";
const CONTROLLER: &str = "istio.io/mesh-controller";
const GROUP: &str = "gateway.networking.k8s.io";

/// A waypoint that a label asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'v> {
    /// Namespace of the Gateway.
    pub(super) namespace: &'v str,
    /// Its name.
    pub(super) name: &'v str,
    /// The label's value.
    pub(super) span: Span,
}

/// What labels say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wish<'v> {
    /// Nothing: what is above them decides.
    Unsaid,
    /// No waypoint.
    None,
    /// This one.
    Of(Wanted<'v>),
}

/// What labels say; `namespace` is that of the object they belong to.
pub(super) fn wish<'v>(labels: &'v Labels, namespace: &'v str) -> Wish<'v> {
    let label = |name: &str| labels.get(name).map(|value| (value.as_str(), value.span));
    wish_of(label(USE), label(USE_NAMESPACE).map(|(namespace, _)| namespace), namespace)
}

/// What the labels of a pod say.
pub(super) fn wish_of_pod(workload: &Workload) -> Wish<'_> {
    let name = workload.labels.get(USE).map(|name| (name.as_str(), workload.place_of_label(USE)));
    wish_of(name, workload.labels.get(USE_NAMESPACE).map(String::as_str), &workload.namespace)
}

fn wish_of<'v>(name: Option<(&'v str, Span)>, of: Option<&'v str>, namespace: &'v str) -> Wish<'v> {
    match name {
        None | Some(("", _)) => Wish::Unsaid,
        Some(("none", _)) => Wish::None,
        Some((name, span)) => Wish::Of(Wanted { namespace: of.unwrap_or(namespace), name, span }),
    }
}

/// What a namespace asks for.
pub(super) fn of_namespace<'v>(view: &MeshView<'v>, namespace: &str) -> Option<Wanted<'v>> {
    let (name, known) = view.mesh.namespaces.get_key_value(namespace)?;
    match wish(&known.labels, name) {
        Wish::Of(wanted) => Some(wanted),
        Wish::Unsaid | Wish::None => None,
    }
}

/// What is asked for a service, by its own labels or those of the namespace.
pub(super) fn of_service<'v>(view: &MeshView<'v>, service: &'v Service) -> Option<Wanted<'v>> {
    match wish(&service.labels, &service.id.namespace) {
        Wish::Of(wanted) => Some(wanted),
        Wish::None => None,
        Wish::Unsaid => of_namespace(view, &service.id.namespace),
    }
}

/// The name of a waypoint that a pod can have, if there is any in its namespace.
pub(super) fn any_for<'v>(view: &MeshView<'v>, workload: &'v Workload) -> Option<&'v str> {
    if let Wish::Of(wanted) = wish_of_pod(workload) {
        return Some(wanted.name);
    }
    if let Some(wanted) = of_namespace(view, &workload.namespace) {
        return Some(wanted.name);
    }
    let is_waypoint = |gateway: &&Object<KubernetesGateway>| {
        gateway.id.namespace == workload.namespace && is_waypoint_class(view, &gateway.spec.class.value) == Some(true)
    };
    view.mesh.kubernetes_gateways.iter().find(is_waypoint).map(|gateway| gateway.id.name.as_str())
}

/// The Gateway that is asked for.
pub(super) fn gateway<'v>(view: &MeshView<'v>, wanted: Wanted<'_>) -> Option<&'v Object<KubernetesGateway>> {
    view.mesh
        .kubernetes_gateways
        .iter()
        .find(|gateway| gateway.id.namespace == wanted.namespace && gateway.id.name == wanted.name)
}

/// Whether Gateways of a class are waypoints; `None` when nobody says.
pub(super) fn is_waypoint_class(view: &MeshView<'_>, class: &str) -> Option<bool> {
    match class {
        CLASS => Some(true),
        "istio" | "istio-remote" | "istio-east-west" => Some(false),
        _ => Some(class_node(view, class)?.get("spec")?.get("controllerName")?.as_str()? == CONTROLLER),
    }
}

/// Which traffic a waypoint takes: `service`, `workload`, `all` or `none`.
pub(super) fn traffic<'v>(view: &MeshView<'v>, gateway: &'v Object<KubernetesGateway>) -> &'v str {
    let of_class = || {
        let class = class_node(view, &gateway.spec.class.value)?;
        tree::at(class, &["metadata", "labels", TRAFFIC])?.as_str()
    };
    gateway.header.labels.get(TRAFFIC).map(Spanned::as_str).or_else(of_class).unwrap_or("service")
}

fn class_node<'v>(view: &MeshView<'v>, class: &str) -> Option<&'v Node> {
    view.raw_of(GROUP, "GatewayClass").find(|raw| raw.header.name.value == class).map(|raw| &raw.node)
}

/// Every label that asks for a waypoint, with the namespace it is asked from.
pub(super) fn every<'v>(view: &MeshView<'v>) -> Vec<(&'v str, Wanted<'v>)> {
    let mesh = view.mesh;
    let of_namespaces = mesh.namespaces.iter().map(|(name, namespace)| (name.as_str(), wish(&namespace.labels, name)));
    let mut services: Vec<&Service> = mesh.services.iter().collect();
    // A ServiceEntry is several services.
    services.dedup_by_key(|service| &service.id);
    let of_services =
        services.into_iter().map(|service| (service.id.namespace.as_str(), wish(&service.labels, &service.id.namespace)));
    let of_pods = mesh.workloads.iter().map(|workload| (workload.namespace.as_str(), wish_of_pod(workload)));
    let all = of_namespaces.chain(of_services).chain(of_pods);
    all.filter_map(|(namespace, wish)| match wish {
        Wish::Of(wanted) => Some((namespace, wanted)),
        Wish::Unsaid | Wish::None => None,
    })
    .collect()
}

/// The waypoint that takes calls to a service.
pub(super) fn before_service<'v>(view: &MeshView<'v>, service: &'v Service) -> Option<&'v Object<KubernetesGateway>> {
    let gateway = gateway(view, of_service(view, service)?)?;
    (is_waypoint_class(view, &gateway.spec.class.value) == Some(true) && matches!(traffic(view, gateway), "service" | "all"))
        .then_some(gateway)
}

/// The identity of a waypoint: its pods run as an account of its name, unless they are there and say otherwise.
pub(super) fn principal(view: &MeshView<'_>, gateway: &Object<KubernetesGateway>) -> String {
    let namespace = &gateway.id.namespace;
    let pods = view.workloads_in(namespace);
    let own = pods.iter().find(|workload| workload.gateway_name() == Some(gateway.id.name.as_str()));
    let account = own.map_or(&gateway.id.name, |workload| &workload.service_account);
    format!("{}/ns/{namespace}/sa/{account}", view.mesh.settings.trust_domain)
}
