//! `targetRefs` of both kinds of policies.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::lint::MeshView;
use crate::lint::rules::ambient::waypoint;
use crate::manifest::kinds::TargetRef;
use crate::mesh::ObjectRef;
use crate::mesh::Service;
use crate::mesh::ServiceKind;

const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// What a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Service,
    ServiceEntry,
    Gateway,
    GatewayClass,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Service => "Service",
            Self::ServiceEntry => "ServiceEntry",
            Self::Gateway => "Gateway",
            Self::GatewayClass => "GatewayClass",
        }
    }
}

/// One reference of one policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'v> {
    /// The policy.
    pub(super) policy: &'v ObjectRef,
    pub(super) kind: Kind,
    pub(super) reference: &'v TargetRef,
}

/// Every reference of a kind that a policy can have.
pub(super) fn all<'v>(view: &MeshView<'v>) -> Vec<Target<'v>> {
    let mesh = view.mesh;
    let authorization =
        mesh.authorization_policies.iter().map(|policy| (&policy.id, &policy.spec.target_refs, &policy.spec.target_ref));
    let request =
        mesh.request_authentications.iter().map(|policy| (&policy.id, &policy.spec.target_refs, &policy.spec.target_ref));
    authorization
        .chain(request)
        .flat_map(|(policy, several, single)| {
            // The single form counts only without the other.
            let references = several.iter().chain(single.iter().filter(|_| several.is_empty()));
            references.filter_map(move |reference| Some(Target { policy, kind: kind(reference)?, reference }))
        })
        .collect()
}

/// The kind of a reference.
pub(super) fn kind(reference: &TargetRef) -> Option<Kind> {
    let group = reference.group.as_ref().map_or("", |group| group.as_str());
    match (group, reference.kind.as_str()) {
        ("" | "core", "Service") => Some(Kind::Service),
        ("networking.istio.io", "ServiceEntry") => Some(Kind::ServiceEntry),
        (GATEWAY_GROUP, "Gateway") => Some(Kind::Gateway),
        (GATEWAY_GROUP, "GatewayClass") => Some(Kind::GatewayClass),
        _ => None,
    }
}

/// Services by kind, namespace and name.
pub(super) fn services<'v>(view: &MeshView<'v>) -> BTreeMap<(Kind, &'v str, &'v str), &'v Service> {
    let kind = |service: &Service| match service.kind {
        ServiceKind::Kubernetes | ServiceKind::ExternalName => Kind::Service,
        ServiceKind::ServiceEntry => Kind::ServiceEntry,
    };
    let keyed = |service: &'v Service| ((kind(service), service.id.namespace.as_str(), service.id.name.as_str()), service);
    view.mesh.services.iter().map(keyed).collect()
}

/// Namespaces that use a waypoint of another one.
#[derive(Debug)]
pub(super) struct Crossings<'v> {
    view: &'v MeshView<'v>,
    /// Namespaces of the waypoint, by the namespace that uses it and its name.
    used: BTreeMap<(&'v str, &'v str), Vec<&'v str>>,
    gateways: BTreeSet<(&'v str, &'v str)>,
    services: BTreeMap<&'v str, Vec<&'v Service>>,
}

impl<'v> Crossings<'v> {
    /// `None` when every waypoint serves its own namespace only.
    pub(super) fn new(view: &'v MeshView<'v>) -> Option<Self> {
        let mut used: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
        for (from, wanted) in waypoint::every(view).into_iter().filter(|(from, wanted)| *from != wanted.namespace) {
            used.entry((from, wanted.name)).or_default().push(wanted.namespace);
        }
        if used.is_empty() {
            return None;
        }
        let mesh = view.mesh;
        let gateways = mesh.kubernetes_gateways.iter().map(|gateway| (gateway.id.namespace.as_str(), gateway.id.name.as_str()));
        let mut services: BTreeMap<&str, Vec<&Service>> = BTreeMap::new();
        for service in mesh.services.iter().filter(|service| service.kind == ServiceKind::Kubernetes) {
            services.entry(&service.id.name).or_default().push(service);
        }
        Some(Self { view, used, gateways: gateways.collect(), services })
    }

    /// The namespace that holds what a reference means, when the policy stands on the wrong side of a waypoint: a Gateway that the policy's
    /// namespace uses from elsewhere, or a Service that a Gateway of the policy's namespace serves.
    pub(super) fn other_namespace(&self, target: &Target<'v>) -> Option<&'v str> {
        let (own, name) = (target.policy.namespace.as_str(), target.reference.name.as_str());
        match target.kind {
            Kind::Gateway if self.gateways.contains(&(own, name)) => None,
            Kind::Gateway => {
                self.used.get(&(own, name))?.iter().find(|namespace| self.gateways.contains(&(**namespace, name))).copied()
            }
            Kind::Service => {
                let same = self.services.get(name)?;
                if same.iter().any(|service| service.id.namespace == own) {
                    return None;
                }
                let is_served =
                    |service: &&&Service| waypoint::of_service(self.view, service).is_some_and(|wanted| wanted.namespace == own);
                same.iter().find(is_served).map(|service| service.id.namespace.as_str())
            }
            Kind::ServiceEntry | Kind::GatewayClass => None,
        }
    }
}
