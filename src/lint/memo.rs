//! What several rules want to know of the mesh, worked out once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::lint::MeshView;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::mesh::InboundPort;
use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::mesh::selector_labels_match;
use crate::policy;
use crate::policy::ChainKind;
use crate::policy::Lowered;

/// Answers that are remembered, by index of policy and of workload.
#[derive(Debug, Default)]
pub(super) struct Memo {
    lowered: Vec<OnceLock<Lowered>>,
    lowered_on_tcp: Vec<OnceLock<Lowered>>,
    inbound: Vec<OnceLock<Vec<InboundPort>>>,
    authentications: OnceLock<Vec<Vec<usize>>>,
    on_ambient: OnceLock<Vec<(usize, WorkloadId)>>,
}

impl Memo {
    pub(super) fn new(mesh: &Mesh) -> Self {
        Self {
            lowered: mesh.authorization_policies.iter().map(|_| OnceLock::new()).collect(),
            lowered_on_tcp: mesh.authorization_policies.iter().map(|_| OnceLock::new()).collect(),
            inbound: mesh.workloads.iter().map(|_| OnceLock::new()).collect(),
            authentications: OnceLock::new(),
            on_ambient: OnceLock::new(),
        }
    }
}

impl MeshView<'_> {
    /// One `AuthorizationPolicy` as istiod gives it to a proxy that reads HTTP, by index in [`Mesh::authorization_policies`].
    #[must_use]
    pub fn lowered(&self, policy: usize) -> Option<&Lowered> {
        let remembered = self.memo.lowered.get(policy)?;
        Some(remembered.get_or_init(|| policy::lower_one(self.mesh, policy, ChainKind::Http)))
    }

    /// The same for a proxy that passes bytes on.
    #[must_use]
    pub fn lowered_on_tcp(&self, policy: usize) -> Option<&Lowered> {
        let remembered = self.memo.lowered_on_tcp.get(policy)?;
        Some(remembered.get_or_init(|| policy::lower_one(self.mesh, policy, ChainKind::Tcp)))
    }

    /// The ports that the proxy of a workload declares.
    #[must_use]
    pub fn inbound_ports(&self, workload: &Workload) -> &[InboundPort] {
        let Some(id) = self.id_of(workload) else { return &[] };
        let Some(remembered) = self.memo.inbound.get(id.0) else { return &[] };
        remembered.get_or_init(|| self.mesh.inbound_ports(id))
    }

    /// For every workload, by index, the `RequestAuthentications` that its proxy applies, by index.
    #[must_use]
    pub fn authentications(&self) -> &[Vec<usize>] {
        self.memo.authentications.get_or_init(|| {
            let policies = &self.mesh.request_authentications;
            let mut by_namespace: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (index, policy) in policies.iter().enumerate() {
                by_namespace.entry(&policy.id.namespace).or_default().push(index);
            }
            let in_namespace = |namespace: &str| by_namespace.get(namespace).map_or(&[][..], Vec::as_slice);
            let root = self.mesh.settings.root_namespace.as_str();
            let of_workload = |workload: &Workload| {
                let from_root = if workload.namespace == root { &[] } else { in_namespace(root) };
                let applies = |index: &usize| {
                    // Most selectors are of other workloads, which is quick to see.
                    let labels = policies.get(*index).and_then(|policy| policy.spec.selector.as_ref());
                    labels.is_none_or(|selector| selector_labels_match(&selector.match_labels, &workload.labels))
                        && self.mesh.request_authentication_attachment(workload, *index).applies()
                };
                in_namespace(&workload.namespace).iter().chain(from_root).copied().filter(applies).collect()
            };
            self.mesh.workloads.iter().map(of_workload).collect()
        })
    }

    /// The `AuthorizationPolicies` without `targetRefs` that concern a pod of the ambient mesh, by index, each with the first such pod.
    /// A selector without labels picks none there.
    #[must_use]
    pub fn on_ambient(&self) -> &[(usize, WorkloadId)] {
        self.memo.on_ambient.get_or_init(|| {
            let mesh = self.mesh;
            let mut pods: BTreeMap<&str, Vec<(WorkloadId, &Workload)>> = BTreeMap::new();
            for (index, workload) in mesh.workloads.iter().enumerate() {
                if workload.proxy == Proxy::Ambient {
                    pods.entry(&workload.namespace).or_default().push((WorkloadId(index), workload));
                }
            }
            if pods.is_empty() {
                return Vec::new();
            }
            let first = |policy: &Object<AuthorizationPolicy>| {
                let spec = &policy.spec;
                if spec.target_ref.is_some() || !spec.target_refs.is_empty() {
                    return None;
                }
                let labels = spec.selector.as_ref().map(|selector| &selector.match_labels);
                if labels.is_some_and(BTreeMap::is_empty) {
                    return None;
                }
                let is_concerned = |workload: &Workload| {
                    labels.is_none_or(|labels| selector_labels_match(labels, &workload.labels))
                        && mesh
                            .attachment(workload, &policy.id, &policy.header.labels, spec.selector.as_ref(), None, &[])
                            .applies()
                };
                let own = pods.get(policy.id.namespace.as_str()).into_iter().flatten();
                let is_root = policy.id.namespace == mesh.settings.root_namespace;
                let others = pods.values().flatten().filter(|_| is_root);
                own.chain(others).find(|(_, workload)| is_concerned(workload)).map(|(id, _)| *id)
            };
            let policies = mesh.authorization_policies.iter().enumerate();
            policies.filter_map(|(index, policy)| Some((index, first(policy)?))).collect()
        })
    }

    /// The index of a workload of this mesh.
    #[must_use]
    pub fn id_of(&self, workload: &Workload) -> Option<WorkloadId> {
        let workloads = &self.mesh.workloads;
        let wanted = (&workload.namespace, &workload.name);
        let start = workloads.partition_point(|other| (&other.namespace, &other.name) < wanted);
        let mut same =
            workloads.iter().enumerate().skip(start).take_while(|(_, other)| (&other.namespace, &other.name) == wanted);
        same.find(|(_, other)| std::ptr::eq(*other, workload)).map(|(index, _)| WorkloadId(index))
    }
}
