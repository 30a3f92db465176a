//! Policies of all kinds that name their workloads by labels.

use crate::diag::Span;
use crate::lint::MeshView;
use crate::manifest::kinds::Selector;
use crate::mesh::ObjectRef;
use crate::mesh::Workload;
use crate::mesh::selector_labels_match;

/// One policy and its selector, which has labels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Selecting<'a> {
    pub(super) id: &'a ObjectRef,
    pub(super) selector: &'a Selector,
}

/// Every security policy with a selector that has labels.
pub(super) fn policies<'a>(view: &MeshView<'a>) -> Vec<Selecting<'a>> {
    let mesh = view.mesh;
    let authorization = mesh.authorization_policies.iter().map(|policy| (&policy.id, policy.spec.selector.as_ref()));
    let request = mesh.request_authentications.iter().map(|policy| (&policy.id, policy.spec.selector.as_ref()));
    let peer = mesh.peer_authentications.iter().map(|policy| (&policy.id, policy.spec.selector.as_ref()));
    let all = authorization.chain(request).chain(peer);
    all.filter_map(|(id, selector)| {
        Some(Selecting { id, selector: selector.filter(|selector| !selector.match_labels.is_empty())? })
    })
    .collect()
}

impl Selecting<'_> {
    /// Whether it means this workload, which may have no proxy to see it.
    pub(super) fn means(&self, view: &MeshView<'_>, workload: &Workload) -> bool {
        let is_root = self.id.namespace == view.mesh.settings.root_namespace;
        (is_root || self.id.namespace == workload.namespace)
            && selector_labels_match(&self.selector.match_labels, &workload.labels)
    }

    /// Where its labels stand.
    pub(super) fn span(&self) -> Span {
        self.selector.match_labels.values().next().map_or(self.selector.place.span, |value| value.span)
    }
}
