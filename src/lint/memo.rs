//! What several rules want to know of the mesh, worked out once.

use std::sync::OnceLock;

use crate::lint::MeshView;
use crate::mesh::InboundPort;
use crate::mesh::Mesh;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::policy;
use crate::policy::ChainKind;
use crate::policy::Lowered;

/// Answers that are remembered, by index of policy and of workload.
#[derive(Debug, Default)]
pub(super) struct Memo {
    lowered: Vec<OnceLock<Lowered>>,
    inbound: Vec<OnceLock<Vec<InboundPort>>>,
}

impl Memo {
    pub(super) fn new(mesh: &Mesh) -> Self {
        Self {
            lowered: mesh.authorization_policies.iter().map(|_| OnceLock::new()).collect(),
            inbound: mesh.workloads.iter().map(|_| OnceLock::new()).collect(),
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

    /// The ports that the proxy of a workload declares.
    #[must_use]
    pub fn inbound_ports(&self, workload: &Workload) -> &[InboundPort] {
        let Some(id) = self.id_of(workload) else { return &[] };
        let Some(remembered) = self.memo.inbound.get(id.0) else { return &[] };
        remembered.get_or_init(|| self.mesh.inbound_ports(id))
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
