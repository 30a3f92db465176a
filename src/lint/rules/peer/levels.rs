//! Which workloads a `PeerAuthentication` is for, and what stands above it.

use crate::diag::Span;
use crate::manifest::kinds::PeerAuthentication;
use crate::manifest::kinds::Selector;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::PeerModes;
use crate::mesh::ServerMode;

/// Whether it is for some workloads only. A selector without labels is as good as none.
pub(super) fn is_selective(policy: &PeerAuthentication) -> bool {
    policy.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty())
}

/// What a policy without a selector covers.
pub(super) fn scope_of(mesh: &Mesh, namespace: &str) -> String {
    if namespace == mesh.settings.root_namespace { "the mesh".to_owned() } else { format!("namespace `{namespace}`") }
}

/// The mode that would be in force without the policy.
pub(super) fn parent(modes: &PeerModes<'_>, root: &str, policy: &Object<PeerAuthentication>) -> ServerMode {
    let namespace = &policy.id.namespace;
    if namespace == root {
        return ServerMode::default();
    }
    // Nothing but the policy of the mesh counts for the root namespace.
    modes.service_level_mode(if is_selective(&policy.spec) { namespace } else { root })
}

/// Where to point for a selector: at its first label.
pub(super) fn place_of(selector: &Selector) -> Span {
    selector.match_labels.values().next().map_or(selector.place.span, |value| value.span)
}
