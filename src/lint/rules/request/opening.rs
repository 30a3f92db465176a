//! Requests without a token that reach a workload.

use std::collections::BTreeMap;

use crate::lint::MeshView;
use crate::lint::rules::authorization::sample;
use crate::lint::rules::authorization::sample::Caller;
use crate::lint::witness::Request;
use crate::lint::witness::Witness;
use crate::lint::witness::Witnesses;
use crate::manifest::kinds::Action;
use crate::mesh::PortClass;
use crate::mesh::Workload;

/// Rules of one policy that are tried.
const TRIED: usize = 3;

/// What a search found.
pub(super) enum Opening {
    /// A request that reaches the workload.
    Shown(Box<Witness>),
    /// None of those that were tried does.
    None,
    /// Enough was asked in this run.
    Unasked,
}

/// Looks for such requests.
pub(super) struct Openings<'v> {
    view: &'v MeshView<'v>,
    witnesses: Witnesses<'v>,
    /// ALLOW policies by namespace, by index.
    allowing: BTreeMap<&'v str, Vec<usize>>,
}

impl<'v> Openings<'v> {
    pub(super) fn new(view: &'v MeshView<'v>) -> Self {
        let mut allowing: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, policy) in view.mesh.authorization_policies.iter().enumerate() {
            if policy.spec.action.value == Action::Allow {
                allowing.entry(&policy.id.namespace).or_default().push(index);
            }
        }
        Self { view, witnesses: Witnesses::new(view), allowing }
    }

    /// A stranger's request, with a certificate and without, and then what the ALLOW policies admit.
    pub(super) fn at(&mut self, workload: &Workload) -> Opening {
        let stranger = format!("{}/ns/{}/sa/default", self.view.mesh.settings.trust_domain, workload.namespace);
        let strangers = [None, Some(stranger)].map(|principal| Request {
            principal,
            namespace: workload.namespace.clone(),
            workload: workload.name.clone(),
            port: http_port(self.view, workload),
            ..Request::default()
        });
        for request in strangers.into_iter().chain(self.admitted(workload)) {
            match self.witnesses.ask(&request) {
                Some(witness) if witness.is_allowed() => return Opening::Shown(Box::new(witness)),
                None if self.witnesses.is_exhausted() => return Opening::Unasked,
                Some(_) | None => {}
            }
        }
        Opening::None
    }

    /// Requests that the ALLOW policies of a workload mean.
    fn admitted(&self, workload: &Workload) -> Vec<Request> {
        let mut requests = Vec::new();
        let spaces = [workload.namespace.as_str(), self.view.mesh.settings.root_namespace.as_str()];
        for index in spaces.iter().filter_map(|namespace| self.allowing.get(namespace)).flatten() {
            let Some(policy) = self.view.mesh.authorization_policies.get(*index) else { continue };
            if !self.view.mesh.attaches(workload, &policy.target()) {
                continue;
            }
            let Some(lowered) = self.view.lowered(*index) else { continue };
            for rule in lowered.engines.rules().take(TRIED) {
                let Some((from, to)) = rule.from.first().zip(rule.to.first()) else { continue };
                requests.extend(sample::request(self.view, workload, Caller::Identified, from, to));
            }
        }
        requests
    }
}

/// A port of the workload that may speak HTTP.
fn http_port(view: &MeshView<'_>, workload: &Workload) -> u16 {
    let declared = view.inbound_ports(workload).iter().filter(|port| port.class != PortClass::Tcp).map(|port| port.port);
    declared.chain(workload.container_ports.iter().map(|port| port.port.value)).next().unwrap_or(8080)
}
