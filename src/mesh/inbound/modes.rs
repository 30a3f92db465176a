use std::collections::BTreeMap;

use crate::manifest::kinds::MutualTlsMode;
use crate::manifest::kinds::PeerAuthentication;
use crate::mesh::Level;
use crate::mesh::Mesh;
use crate::mesh::ModeOrigin;
use crate::mesh::Object;
use crate::mesh::ServerMode;
use crate::mesh::Workload;
use crate::mesh::inbound::selector_matches;

/// A policy with its index in [`Mesh::peer_authentications`].
type Indexed<'m> = (usize, &'m Object<PeerAuthentication>);

/// The `PeerAuthentications` of a mesh by namespace, oldest first, and the modes that follow from them.
#[derive(Debug)]
pub struct PeerModes<'m> {
    root_namespace: &'m str,
    by_namespace: BTreeMap<&'m str, Vec<Indexed<'m>>>,
}

/// The `PeerAuthentication` of one workload: the oldest policy of each level, nothing of the others.
struct Effective {
    mode: ServerMode,
    ports: BTreeMap<u16, ServerMode>,
}

impl<'m> PeerModes<'m> {
    pub(super) fn of_mesh(mesh: &'m Mesh) -> Self {
        let mut by_namespace: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for (index, object) in mesh.peer_authentications.iter().enumerate() {
            by_namespace.entry(&object.id.namespace).or_default().push((index, object));
        }
        Self { root_namespace: &mesh.settings.root_namespace, by_namespace }
    }

    /// As much as answers for one namespace need.
    pub(super) fn of_namespace(mesh: &'m Mesh, namespace: &str) -> Self {
        let root_namespace = mesh.settings.root_namespace.as_str();
        let found = [namespace, root_namespace].into_iter().filter_map(|own| mesh.peer_authentications_in(own));
        let by_namespace = found.map(|(namespace, policies)| {
            let policies = policies.iter().filter_map(|index| Some((*index, mesh.peer_authentications.get(*index)?)));
            (namespace, policies.collect())
        });
        Self { root_namespace, by_namespace: by_namespace.collect() }
    }

    /// What the workload demands on this port of its own.
    #[must_use]
    pub fn server_mode(&self, workload: &Workload, port: u16) -> ServerMode {
        self.server_mode_for(&workload.namespace, &workload.labels, port)
    }

    /// As [`PeerModes::server_mode`], for an endpoint in a namespace with these labels.
    #[must_use]
    pub fn server_mode_for(&self, namespace: &str, labels: &BTreeMap<String, String>, port: u16) -> ServerMode {
        let effective = self.effective(namespace, labels);
        effective.ports.get(&port).copied().unwrap_or(effective.mode)
    }

    /// What the workload demands on every port without an entry of its own.
    #[must_use]
    pub fn workload_mode(&self, workload: &Workload) -> ServerMode {
        self.effective(&workload.namespace, &workload.labels).mode
    }

    /// Ports with an entry of their own in the workload's policy, declared or not, with the mode that results.
    #[must_use]
    pub fn port_level_modes(&self, workload: &Workload) -> BTreeMap<u16, ServerMode> {
        self.effective(&workload.namespace, &workload.labels).ports
    }

    /// What automatic mutual TLS takes a service of this namespace to demand: the namespace's policy, or else the mesh's. Policies
    /// with a selector are not looked at.
    #[must_use]
    pub fn service_level_mode(&self, namespace: &str) -> ServerMode {
        let mut mode = ServerMode::default();
        override_mode(&mut mode, self.mesh_policy(), Level::Mesh);
        override_mode(&mut mode, self.namespace_policy(namespace), Level::Namespace);
        mode
    }

    /// The policy of the whole mesh.
    #[must_use]
    pub fn mesh_policy(&self) -> Option<Indexed<'m>> {
        self.oldest(self.root_namespace, |object| !selects(object))
    }

    /// The policy of a namespace; the root namespace has none of its own.
    #[must_use]
    pub fn namespace_policy(&self, namespace: &str) -> Option<Indexed<'m>> {
        if namespace == self.root_namespace {
            return None;
        }
        self.oldest(namespace, |object| !selects(object))
    }

    /// The policy with a selector that counts for a workload of this namespace with these labels.
    #[must_use]
    pub fn workload_policy(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Option<Indexed<'m>> {
        if namespace == self.root_namespace {
            return None;
        }
        let matches = |object: &Object<PeerAuthentication>| {
            object.spec.selector.as_ref().is_some_and(|selector| selector_matches(selector, labels))
        };
        self.oldest(namespace, |object| selects(object) && matches(object))
    }

    /// The policies of each namespace, oldest first.
    pub fn by_namespace(&self) -> impl Iterator<Item = (&'m str, &[Indexed<'m>])> {
        self.by_namespace.iter().map(|(namespace, policies)| (*namespace, policies.as_slice()))
    }

    fn effective(&self, namespace: &str, labels: &BTreeMap<String, String>) -> Effective {
        let mut mode = self.service_level_mode(namespace);
        let selected = self.workload_policy(namespace, labels);
        override_mode(&mut mode, selected, Level::Workload);
        let mut ports = BTreeMap::new();
        if let Some((policy, object)) = selected {
            for (port, entry) in &object.spec.port_level {
                // A port that is none can never be connected to.
                let Ok(port) = u16::try_from(*port) else { continue };
                let own = ModeOrigin { policy, span: entry.span, level: Level::Port };
                let unset = entry.value == MutualTlsMode::Unset;
                let of_port = if unset { mode } else { ServerMode { mode: entry.value, from: Some(own) } };
                ports.insert(port, of_port);
            }
        }
        Effective { mode, ports }
    }

    /// The first policy that qualifies; they are kept oldest first.
    fn oldest(&self, namespace: &str, qualifies: impl Fn(&Object<PeerAuthentication>) -> bool) -> Option<Indexed<'m>> {
        self.by_namespace.get(namespace)?.iter().copied().find(|(_, object)| qualifies(object))
    }
}

/// Whether the policy is meant for some workloads only: an empty selector is as good as none.
pub(super) fn selects(object: &Object<PeerAuthentication>) -> bool {
    object.spec.selector.as_ref().is_some_and(|selector| !selector.match_labels.is_empty())
}

fn override_mode(mode: &mut ServerMode, policy: Option<Indexed<'_>>, level: Level) {
    let Some((policy, object)) = policy else { return };
    if let Some(written) = &object.spec.mode
        && written.value != MutualTlsMode::Unset
    {
        *mode = ServerMode { mode: written.value, from: Some(ModeOrigin { policy, span: written.span, level }) };
    }
}
