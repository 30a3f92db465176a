//! Pods that rules about the mesh pass over.

use crate::lint::tree;
use crate::manifest::yaml::Node;
use crate::mesh::Proxy;
use crate::mesh::Workload;

/// Namespaces of Kubernetes and of the control plane, whose pods set up networks for others.
pub(super) const SYSTEM: [&str; 4] = ["kube-system", "kube-public", "kube-node-lease", "istio-system"];

/// Whether a pod says itself that it wants no proxy.
pub(super) fn opts_out(metadata: Option<&Node>) -> bool {
    let of = |kind: &str, name: &str| metadata.and_then(|metadata| tree::at(metadata, &[kind, name])).and_then(Node::as_str);
    let wish = of("labels", "sidecar.istio.io/inject").or_else(|| of("annotations", "sidecar.istio.io/inject"));
    wish == Some("false") || of("labels", "istio.io/dataplane-mode") == Some("none")
}

/// Whether it is a part of the control plane.
pub(super) fn is_control_plane(metadata: Option<&Node>) -> bool {
    let app = metadata.and_then(|metadata| tree::at(metadata, &["labels", "app"])).and_then(Node::as_str);
    matches!(app, Some("istiod" | "ztunnel" | "istio-cni-node"))
}

/// Whether a workload of the mesh says itself that it wants no proxy.
pub(super) fn has_opted_out(workload: &Workload) -> bool {
    let wish = workload.labels.get("sidecar.istio.io/inject").or_else(|| workload.annotations.get("sidecar.istio.io/inject"));
    let is_out = wish.is_some_and(|wish| wish == "false")
        || workload.labels.get("istio.io/dataplane-mode").is_some_and(|mode| mode == "none");
    is_out && workload.proxy == Proxy::None
}
