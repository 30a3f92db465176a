//! Which workloads are served, and what is enforced before them.

use std::rc::Rc;

use crate::cli::env::Env;
use crate::cli::error::Error;
use crate::cli::manifests::Loaded;
use crate::cli::simulate::proxy::outgoing::outgoing;
use crate::cli::simulate::question;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::WorkloadId;
use crate::proxy::Rules;
use crate::simulate::Enforcer;
use crate::simulate::KeySets;
use crate::simulate::Outgoing;
use crate::simulate::scenario::ExtAuthz;
use crate::spiffe::SpiffeId;

/// A workload, named so that it is found again in manifests that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServedName {
    kind: String,
    namespace: String,
    name: String,
}

impl ServedName {
    pub(super) fn of(workload: &Workload) -> Self {
        let Workload { kind, namespace, name, .. } = workload;
        Self { kind: kind.clone(), namespace: namespace.clone(), name: name.clone() }
    }

    fn find(&self, mesh: &Mesh) -> Result<WorkloadId, Error> {
        let position = mesh.workloads.iter().position(|workload| Self::of(workload) == *self);
        position.map(WorkloadId).ok_or_else(|| {
            let Self { kind, namespace, name } = self;
            Error::question(format!("the {kind} `{namespace}/{name}` is no longer in the manifests"), None)
        })
    }
}

/// What holds from now on.
pub(super) struct Made {
    /// For each workload that is served.
    pub(super) rules: Vec<Rules>,
    /// For the caller, when there is one.
    pub(super) outgoing: Option<Outgoing>,
}

/// Makes rules of manifests, at the start and whenever they changed.
pub(super) struct RulesMaker {
    pub(super) served: Vec<ServedName>,
    pub(super) caller: Option<String>,
    pub(super) ext_authz: Option<ExtAuthz<'static>>,
}

impl RulesMaker {
    /// What the manifests say for everyone; nothing when it cannot be said for one.
    pub(super) fn make(&self, loaded: Loaded, keys: &KeySets) -> Result<Made, Error> {
        let Loaded { mesh, sources, .. } = loaded;
        let mesh = Rc::new(mesh);
        let mut rules = Vec::with_capacity(self.served.len());
        for name in &self.served {
            let id = name.find(&mesh)?;
            let enforcer = Enforcer::new(Rc::clone(&mesh), id, keys, self.ext_authz.clone());
            let enforcer = enforcer.map_err(|error| question(&error, true, &sources))?;
            rules.push(Rules { enforcer: Rc::new(enforcer), sources: sources.clone() });
        }
        let outgoing = self.caller.as_ref().map(|caller| outgoing(&mesh, caller, &sources)).transpose()?;
        Ok(Made { rules, outgoing })
    }
}

/// Every workload that has a sidecar; the others are named on standard error.
pub(super) fn all(mesh: &Mesh, env: &mut Env<'_>) -> Result<Vec<WorkloadId>, Error> {
    let ids = (0..mesh.workloads.len()).map(WorkloadId);
    let has_sidecar = |id: &WorkloadId| mesh.workload(*id).is_some_and(|workload| workload.proxy == Proxy::Sidecar);
    let (served, left_out): (Vec<WorkloadId>, Vec<WorkloadId>) = ids.partition(has_sidecar);
    if !left_out.is_empty() {
        let names: Vec<String> = left_out.iter().filter_map(|id| mesh.workload(*id)).map(Workload::display_name).collect();
        let text = format!("not served, for they have no sidecar: {}", names.join(", "));
        writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
    }
    Ok(served)
}

pub(super) fn require_sidecar(workload: &Workload) -> Result<(), Error> {
    let what = match workload.proxy {
        Proxy::Sidecar => return Ok(()),
        Proxy::None => "has no sidecar: nothing stands before it",
        Proxy::Gateway => "is a gateway, and only sidecars are stood in for",
        Proxy::Waypoint => "is a waypoint, and only sidecars are stood in for",
        Proxy::Ambient => "is part of an ambient mesh, and only sidecars are stood in for",
    };
    let help = "label its namespace `istio-injection: enabled`, or name another workload".to_owned();
    Err(Error::question(format!("`{}` {what}", workload.display_name()), (workload.proxy == Proxy::None).then_some(help)))
}

/// Ports that the workload's proxy reads; the others are named on standard error.
pub(super) fn guarded_ports(mesh: &Mesh, id: WorkloadId, workload: &Workload, env: &mut Env<'_>) -> Result<Vec<u16>, Error> {
    let declared = mesh.inbound_ports(id).into_iter().map(|port| port.port);
    let (guarded, past): (Vec<u16>, Vec<u16>) = declared.partition(|port| workload.intercepts(*port));
    for port in past {
        let name = workload.display_name();
        let text = format!("port {port} of {name} is not intercepted: no rule applies to it, and it is not served");
        writeln!(env.stderr, "{} {text}", env.style.warning("warning:"))?;
    }
    Ok(guarded)
}

pub(super) fn identity_of(mesh: &Mesh, workload: &Workload) -> Result<SpiffeId, Error> {
    let principal = workload.principal(&mesh.settings.trust_domain.replace('@', "."));
    spiffe_id(&format!("spiffe://{principal}"), &workload.display_name())
}

/// The identity of a workload or an account.
pub(super) fn spiffe_id(text: &str, of: &str) -> Result<SpiffeId, Error> {
    text.parse().map_err(|error| Error::question(format!("`{of}` would be `{text}`, which is no identity: {error}"), None))
}

/// Names by which a client finds the workload: those of its services, and this machine's.
pub(super) fn service_names(mesh: &Mesh, id: WorkloadId) -> Vec<String> {
    let of_services = mesh
        .services
        .iter()
        .filter(|service| service.endpoints.iter().any(|endpoint| endpoint.workload == Some(id)))
        .map(|service| service.hostname.clone())
        .filter(|name| !name.contains('*'));
    let mut names: Vec<String> = ["localhost".to_owned()].into_iter().chain(of_services).collect();
    names.dedup();
    names
}
