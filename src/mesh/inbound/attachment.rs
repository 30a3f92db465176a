//! Which PeerAuthentications take part in the mode of a workload, and why the others do not.

use crate::mesh::Attachment;
use crate::mesh::Level;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::inbound::modes::PeerModes;
use crate::mesh::inbound::modes::selects;

impl Mesh {
    /// Whether a PeerAuthentication, by index, takes part in what a workload demands. On each level only the oldest does.
    #[must_use]
    pub fn peer_authentication_attachment(&self, workload: &Workload, policy: usize) -> Attachment {
        let Some(object) = self.peer_authentications.get(policy) else {
            return Attachment::Ignored("no such policy".to_owned());
        };
        match workload.proxy {
            Proxy::Sidecar | Proxy::Gateway | Proxy::Waypoint | Proxy::Ambient => {}
            Proxy::None => return Attachment::Ignored("the workload has no proxy".to_owned()),
        }
        let root = &self.settings.root_namespace;
        let namespace = &object.id.namespace;
        if namespace != root && *namespace != workload.namespace {
            return Attachment::Ignored(format!("other namespace `{namespace}`"));
        }
        let Some((level, winner)) = self.peer_level(workload, policy) else {
            let wanted = object.spec.selector.iter().flat_map(|selector| &selector.match_labels);
            let wanted: Vec<String> = wanted.map(|(name, value)| format!("{name}={}", value.value)).collect();
            return Attachment::Ignored(if namespace == root {
                format!("a selector ({}) has no effect in the root namespace", wanted.join(","))
            } else {
                format!("selector wants {}, which the workload does not have", wanted.join(","))
            });
        };
        if winner != policy {
            let winner = self.peer_authentications.get(winner).map(|winner| winner.id.to_string()).unwrap_or_default();
            return Attachment::Ignored(format!("{winner} is older, and only one per level counts"));
        }
        Attachment::Applies(match level {
            Level::Mesh => "whole mesh".to_owned(),
            Level::Namespace => "whole namespace".to_owned(),
            Level::Workload | Level::Port => {
                let labels = object.spec.selector.iter().flat_map(|selector| &selector.match_labels);
                let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={}", value.value)).collect();
                format!("selector {}", labels.join(","))
            }
        })
    }

    /// The level a policy has for a workload, and the policy that counts on it.
    fn peer_level(&self, workload: &Workload, policy: usize) -> Option<(Level, usize)> {
        let object = self.peer_authentications.get(policy)?;
        let modes = PeerModes::of_namespace(self, &workload.namespace);
        let is_root = object.id.namespace == self.settings.root_namespace;
        let (level, winner) = if selects(object) {
            if is_root {
                return None;
            }
            let selector = object.spec.selector.as_ref()?;
            if !super::selector_matches(selector, &workload.labels) {
                return None;
            }
            (Level::Workload, modes.workload_policy(&workload.namespace, &workload.labels)?)
        } else if is_root {
            (Level::Mesh, modes.mesh_policy()?)
        } else {
            (Level::Namespace, modes.namespace_policy(&object.id.namespace)?)
        };
        Some((level, winner.0))
    }
}
