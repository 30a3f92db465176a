//! Which workloads an object concerns, as far as the object itself says.

use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::kinds::Selector;
use crate::manifest::kinds::TargetRef;

/// Workloads by namespace, labels and references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::apply) struct Scope {
    /// The namespace; `None` for all of them.
    namespace: Option<String>,
    /// Labels that a workload has to carry; all it carries when `is_one`.
    labels: BTreeMap<String, String>,
    /// Whether this is one workload.
    is_one: bool,
    /// Kind and name of what is referred to.
    targets: Vec<(String, String)>,
}

impl Scope {
    pub(super) fn everywhere() -> Self {
        Self { namespace: None, labels: BTreeMap::new(), is_one: false, targets: Vec::new() }
    }

    pub(super) fn namespace(namespace: &str) -> Self {
        Self { namespace: Some(namespace.to_owned()), ..Self::everywhere() }
    }

    /// One workload with these labels.
    pub(super) fn workload(namespace: &str, labels: &Labels) -> Self {
        Self { labels: texts(labels), is_one: true, ..Self::namespace(namespace) }
    }

    /// The workloads that a policy in this namespace is meant for.
    pub(super) fn policy(namespace: &str, root_namespace: &str, selector: Option<&Selector>, targets: &[&TargetRef]) -> Self {
        let mut targets: Vec<(String, String)> =
            targets.iter().map(|target| (target.kind.value.clone(), target.name.value.clone())).collect();
        targets.sort();
        Self {
            namespace: (namespace != root_namespace).then(|| namespace.to_owned()),
            labels: selector.map(|selector| texts(&selector.match_labels)).unwrap_or_default(),
            is_one: false,
            targets,
        }
    }

    /// The namespace, when it is one.
    pub(super) fn in_namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Whether one workload may be in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let is_same_namespace = match (&self.namespace, &other.namespace) {
            (Some(a), Some(b)) => a == b,
            (None, _) | (_, None) => true,
        };
        is_same_namespace && self.labels_overlap(other) && self.targets_overlap(other)
    }

    fn labels_overlap(&self, other: &Self) -> bool {
        match (self.is_one, other.is_one) {
            (true, true) => self.labels == other.labels,
            (true, false) => other.labels.iter().all(|(name, value)| self.labels.get(name) == Some(value)),
            (false, true) => other.labels_overlap(self),
            (false, false) => self.labels.iter().all(|(name, value)| other.labels.get(name).is_none_or(|others| others == value)),
        }
    }

    /// References to different objects of one kind never meet; those of different kinds may.
    fn targets_overlap(&self, other: &Self) -> bool {
        self.targets.is_empty()
            || other.targets.is_empty()
            || self.targets.iter().any(|(kind, name)| other.targets.iter().any(|(others, own)| kind != others || name == own))
    }

    /// Whether every workload of the other is in this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let is_wide = self.namespace.is_none() || self.namespace == other.namespace;
        let has_all = self.labels.iter().all(|(name, value)| other.labels.get(name) == Some(value));
        is_wide && has_all && (!self.is_one || self == other) && self.targets == other.targets
    }
}

fn texts(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(name, value)| (name.clone(), Spanned::as_str(value).to_owned())).collect()
}
