//! The kinds that are interpreted, with the API groups and versions they have.

use crate::manifest::decode;
use crate::manifest::read;

/// A kind that is interpreted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Namespace,
    ServiceAccount,
    Service,
    ConfigMap,
    Pod,
    /// An object with a pod template in `spec.template`.
    Template(&'static [&'static str]),
    CronJob,
    ServiceEntry,
    WorkloadEntry,
    WorkloadGroup,
    Sidecar,
    Gateway,
    KubernetesGateway,
    PeerAuthentication,
    RequestAuthentication,
    AuthorizationPolicy,
    DestinationRule,
    IstioOperator,
    Istio,
}

/// One kind of one API group.
pub(super) struct Known {
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) versions: &'static [&'static str],
    pub(super) kind: Kind,
}

const fn known(group: &'static str, name: &'static str, versions: &'static [&'static str], kind: Kind) -> Known {
    Known { group, name, versions, kind }
}

const SECURITY: &str = "security.istio.io";
const NETWORKING: &str = "networking.istio.io";
const SECURITY_VERSIONS: &[&str] = &["v1", "v1beta1"];
const NETWORKING_VERSIONS: &[&str] = &["v1", "v1beta1", "v1alpha3"];

/// Every kind that is interpreted.
pub(super) const KINDS: &[Known] = &[
    known("", "Namespace", &["v1"], Kind::Namespace),
    known("", "ServiceAccount", &["v1"], Kind::ServiceAccount),
    known("", "Service", &["v1"], Kind::Service),
    known("", "ConfigMap", &["v1"], Kind::ConfigMap),
    known("", "Pod", &["v1"], Kind::Pod),
    known("apps", "Deployment", &["v1"], Kind::Template(DEPLOYMENT_FIELDS)),
    known("apps", "StatefulSet", &["v1"], Kind::Template(STATEFUL_SET_FIELDS)),
    known("apps", "DaemonSet", &["v1"], Kind::Template(DAEMON_SET_FIELDS)),
    known("apps", "ReplicaSet", &["v1"], Kind::Template(REPLICA_SET_FIELDS)),
    known("batch", "Job", &["v1"], Kind::Template(JOB_FIELDS)),
    known("batch", "CronJob", &["v1"], Kind::CronJob),
    known(NETWORKING, "ServiceEntry", NETWORKING_VERSIONS, Kind::ServiceEntry),
    known(NETWORKING, "WorkloadEntry", NETWORKING_VERSIONS, Kind::WorkloadEntry),
    known(NETWORKING, "WorkloadGroup", NETWORKING_VERSIONS, Kind::WorkloadGroup),
    known(NETWORKING, "Sidecar", NETWORKING_VERSIONS, Kind::Sidecar),
    known(NETWORKING, "Gateway", NETWORKING_VERSIONS, Kind::Gateway),
    known(NETWORKING, "DestinationRule", NETWORKING_VERSIONS, Kind::DestinationRule),
    known("gateway.networking.k8s.io", "Gateway", &["v1", "v1beta1"], Kind::KubernetesGateway),
    known(SECURITY, "PeerAuthentication", SECURITY_VERSIONS, Kind::PeerAuthentication),
    known(SECURITY, "RequestAuthentication", SECURITY_VERSIONS, Kind::RequestAuthentication),
    known(SECURITY, "AuthorizationPolicy", SECURITY_VERSIONS, Kind::AuthorizationPolicy),
    known("install.istio.io", "IstioOperator", &["v1alpha1"], Kind::IstioOperator),
    known("sailoperator.io", "Istio", &["v1", "v1alpha1"], Kind::Istio),
];

/// Groups whose kinds are all known, with those that say nothing we answer from. Any other kind there is a misspelling.
const CLOSED_GROUPS: &[(&str, &[&str])] = &[
    ("", OTHER_CORE_KINDS),
    ("apps", &["ControllerRevision"]),
    ("batch", &[]),
    (SECURITY, &[]),
    (NETWORKING, &["VirtualService", "EnvoyFilter", "ProxyConfig"]),
];

const OTHER_CORE_KINDS: &[&str] = &[
    "Binding",
    "ComponentStatus",
    "Endpoints",
    "Event",
    "LimitRange",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodTemplate",
    "ReplicationController",
    "ResourceQuota",
    "Secret",
];

/// The kind of a group with this name.
pub(super) fn find(group: &str, name: &str) -> Option<&'static Known> {
    KINDS.iter().find(|known| known.group == group && known.name == name)
}

/// What to do about a kind that its group does not have; `None` when it may well have it.
pub(super) fn unknown_kind(group: &str, name: &str) -> Option<String> {
    let (_, others) = CLOSED_GROUPS.iter().find(|(closed, _)| *closed == group)?;
    // An empty `List` is a list all the same.
    if others.contains(&name) || (group.is_empty() && name.ends_with("List")) {
        return None;
    }
    if let Some(elsewhere) = KINDS.iter().find(|known| known.name == name) {
        let version = elsewhere.versions.first().copied().unwrap_or_default();
        return Some(format!("`{name}` belongs to `{}`", read::join(elsewhere.group, version)));
    }
    let mut names: Vec<&str> = KINDS.iter().filter(|known| known.group == group).map(|known| known.name).collect();
    names.extend_from_slice(others);
    Some(match decode::nearest(name, &names) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => "correct `apiVersion` or `kind`".to_owned(),
    })
}

const DEPLOYMENT_FIELDS: &[&str] =
    &["minReadySeconds", "paused", "progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector", "strategy"];

const STATEFUL_SET_FIELDS: &[&str] = &[
    "minReadySeconds",
    "ordinals",
    "persistentVolumeClaimRetentionPolicy",
    "podManagementPolicy",
    "replicas",
    "revisionHistoryLimit",
    "selector",
    "serviceName",
    "updateStrategy",
    "volumeClaimTemplates",
];

const DAEMON_SET_FIELDS: &[&str] = &["minReadySeconds", "revisionHistoryLimit", "selector", "updateStrategy"];

const REPLICA_SET_FIELDS: &[&str] = &["minReadySeconds", "replicas", "selector"];

/// The fields of a Job's `spec` beside the template.
pub(super) const JOB_FIELDS: &[&str] = &[
    "activeDeadlineSeconds",
    "backoffLimit",
    "backoffLimitPerIndex",
    "completionMode",
    "completions",
    "managedBy",
    "manualSelector",
    "maxFailedIndexes",
    "parallelism",
    "podFailurePolicy",
    "podReplacementPolicy",
    "selector",
    "successPolicy",
    "suspend",
    "ttlSecondsAfterFinished",
];
