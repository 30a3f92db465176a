//! Which workloads a policy concerns, without knowing the workloads: by namespace, labels and references.

use std::collections::BTreeMap;

use crate::lint::MeshView;
use crate::manifest::kinds::Action;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::Object;
use crate::policy::Lowered;

/// Two policies with the same scope concern the same workloads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Scope<'p> {
    pub(super) namespace: &'p str,
    /// Another control plane's policies are not compared with ours.
    pub(super) revision: &'p str,
    /// Sorted, as they are kept.
    pub(super) labels: Vec<(&'p str, &'p str)>,
    /// Group, kind and name of each reference, sorted.
    pub(super) references: Vec<(&'p str, &'p str, &'p str)>,
}

impl<'p> Scope<'p> {
    pub(super) fn of(policy: &'p Object<AuthorizationPolicy>) -> Self {
        let spec = &policy.spec;
        let labels = spec.selector.iter().flat_map(|selector| &selector.match_labels);
        let single = if spec.target_refs.is_empty() { spec.target_ref.as_slice() } else { &[] };
        let mut references: Vec<_> = spec
            .target_refs
            .iter()
            .chain(single)
            .map(|target| (target.group.as_ref().map_or("", |group| group.as_str()), target.kind.as_str(), target.name.as_str()))
            .collect();
        references.sort_unstable();
        Self {
            namespace: &policy.id.namespace,
            revision: policy.header.labels.get("istio.io/rev").map_or("", |revision| revision.as_str()),
            labels: labels.map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            references,
        }
    }

    /// This scope and every wider one that a policy can have: fewer labels, and the root namespace. Of many labels only the ends.
    pub(super) fn wider(&self, root_namespace: &'p str) -> Vec<Scope<'p>> {
        let mut label_sets: Vec<Vec<(&str, &str)>> = Vec::new();
        if let (Ok(count @ 0..=4), true) = (u32::try_from(self.labels.len()), self.references.is_empty()) {
            for chosen in 0..(1_u32 << count) {
                let is_chosen = |(index, label): (usize, &(&'p str, &'p str))| (chosen >> index & 1 == 1).then_some(*label);
                label_sets.push(self.labels.iter().enumerate().filter_map(is_chosen).collect());
            }
        } else {
            label_sets.push(self.labels.clone());
            if self.references.is_empty() {
                label_sets.push(Vec::new());
            }
        }
        let namespaces = if self.namespace == root_namespace || !self.references.is_empty() {
            vec![self.namespace]
        } else {
            vec![self.namespace, root_namespace]
        };
        let scope = |namespace: &'p str, labels: &Vec<(&'p str, &'p str)>| Scope {
            namespace,
            revision: self.revision,
            labels: labels.clone(),
            references: self.references.clone(),
        };
        namespaces.into_iter().flat_map(|namespace| label_sets.iter().map(move |labels| scope(namespace, labels))).collect()
    }
}

/// Whether a policy is only tried.
pub(super) fn is_dry_run(policy: &Object<AuthorizationPolicy>) -> bool {
    policy
        .header
        .annotations
        .get("istio.io/dry-run")
        .is_some_and(|value| matches!(value.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"))
}

/// The policies of one action that are in force, by scope: indices in the mesh.
pub(super) fn in_force<'v>(view: &MeshView<'v>, action: Action) -> BTreeMap<Scope<'v>, Vec<usize>> {
    let mut by_scope: BTreeMap<Scope<'v>, Vec<usize>> = BTreeMap::new();
    for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
        if policy.spec.action.value == action && !is_dry_run(policy) {
            by_scope.entry(Scope::of(policy)).or_default().push(index);
        }
    }
    by_scope
}

/// The policies of one action that are in force, as a proxy that reads HTTP has them.
pub(super) fn lowered_in_force<'v>(
    view: &'v MeshView<'_>,
    action: Action,
) -> impl Iterator<Item = (&'v Object<AuthorizationPolicy>, &'v Lowered)> {
    let policies = view.mesh.authorization_policies.iter().enumerate();
    let wanted = policies.filter(move |(_, policy)| policy.spec.action.value == action && !is_dry_run(policy));
    wanted.filter_map(|(index, policy)| Some((policy, view.lowered(index)?)))
}
