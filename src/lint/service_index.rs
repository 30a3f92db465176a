//! Which services select a workload, for rules that ask about many.

use std::collections::BTreeMap;

use crate::mesh::Mesh;
use crate::mesh::Service;
use crate::mesh::WorkloadId;

/// The services of every workload.
#[derive(Debug)]
pub(super) struct ServiceIndex<'m> {
    by_workload: BTreeMap<WorkloadId, Vec<&'m Service>>,
}

impl<'m> ServiceIndex<'m> {
    /// Looks at every endpoint once.
    pub(super) fn of(mesh: &'m Mesh) -> Self {
        let mut by_workload: BTreeMap<WorkloadId, Vec<&Service>> = BTreeMap::new();
        for service in &mesh.services {
            for workload in service.endpoints.iter().filter_map(|endpoint| endpoint.workload) {
                by_workload.entry(workload).or_default().push(service);
            }
        }
        Self { by_workload }
    }

    /// The services that select a workload, oldest first.
    pub(super) fn of_workload(&self, workload: WorkloadId) -> &[&'m Service] {
        self.by_workload.get(&workload).map_or(&[], Vec::as_slice)
    }
}
