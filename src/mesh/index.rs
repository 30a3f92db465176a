use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::mesh::Mesh;
use crate::mesh::Object;
use crate::mesh::WorkloadId;

/// Where things of a mesh stand, found when the first one asks. A copy of a mesh finds it again: it may have been copied to be changed.
#[derive(Debug, Default)]
pub(crate) struct Index(OnceLock<Found>);

impl Clone for Index {
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[derive(Debug)]
struct Found {
    /// The services that each workload answers for.
    services: BTreeMap<WorkloadId, Vec<usize>>,
    peer_authentications: ByNamespace,
    request_authentications: ByNamespace,
    destination_rules: ByNamespace,
}

/// Numbers of objects, in their order.
type ByNamespace = BTreeMap<String, Vec<usize>>;

/// Numbers of objects with the namespace that they share, as the index has it.
type InNamespace<'m> = Option<(&'m str, &'m [usize])>;

impl Mesh {
    fn found(&self) -> &Found {
        self.index.0.get_or_init(|| {
            let mut services: BTreeMap<WorkloadId, Vec<usize>> = BTreeMap::new();
            for (number, service) in self.services.iter().enumerate() {
                for workload in service.endpoints.iter().filter_map(|endpoint| endpoint.workload) {
                    let own = services.entry(workload).or_default();
                    if own.last() != Some(&number) {
                        own.push(number);
                    }
                }
            }
            Found {
                services,
                peer_authentications: by_namespace(&self.peer_authentications),
                request_authentications: by_namespace(&self.request_authentications),
                destination_rules: by_namespace(&self.destination_rules),
            }
        })
    }

    /// Indexes in [`Mesh::services`] of those that a workload answers for.
    pub(super) fn services_of(&self, workload: WorkloadId) -> &[usize] {
        self.found().services.get(&workload).map_or(&[], Vec::as_slice)
    }

    /// Indexes in [`Mesh::peer_authentications`].
    pub(super) fn peer_authentications_in(&self, namespace: &str) -> InNamespace<'_> {
        of(&self.found().peer_authentications, namespace)
    }

    /// Indexes in [`Mesh::request_authentications`].
    pub(super) fn request_authentications_in(&self, namespace: &str) -> InNamespace<'_> {
        of(&self.found().request_authentications, namespace)
    }

    /// Indexes in [`Mesh::destination_rules`].
    pub(crate) fn destination_rules_in(&self, namespace: &str) -> &[usize] {
        of(&self.found().destination_rules, namespace).map_or(&[], |(_, numbers)| numbers)
    }
}

fn by_namespace<T>(objects: &[Object<T>]) -> ByNamespace {
    let mut found = ByNamespace::new();
    for (number, object) in objects.iter().enumerate() {
        match found.get_mut(&object.id.namespace) {
            Some(numbers) => numbers.push(number),
            None => drop(found.insert(object.id.namespace.clone(), vec![number])),
        }
    }
    found
}

fn of<'m>(found: &'m ByNamespace, namespace: &str) -> InNamespace<'m> {
    found.get_key_value(namespace).map(|(namespace, numbers)| (namespace.as_str(), numbers.as_slice()))
}
