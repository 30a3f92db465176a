//! `targetRefs` of both kinds of policies.

use std::collections::BTreeMap;

use crate::lint::MeshView;
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
