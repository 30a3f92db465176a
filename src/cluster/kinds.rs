//! The kinds that say something about the security of a mesh, as the API server knows them.

/// A kind that is read.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The API group; empty for the core one.
    pub group: &'static str,
    /// As in manifests.
    pub name: &'static str,
    /// As in paths.
    pub plural: &'static str,
    /// Versions that are understood, the first that is served is taken.
    pub versions: &'static [&'static str],
    /// Its objects are in namespaces.
    pub is_namespaced: bool,
    /// Which of its objects.
    pub only: Only,
    /// Every API server has it.
    pub is_built_in: bool,
}

/// Which objects of a kind are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// All.
    All,
    /// Those that nothing else which is read stands for.
    Unowned,
    /// The mesh configurations, where a control plane runs.
    MeshConfiguration,
}

impl Kind {
    /// `authorizationpolicies.security.istio.io`
    #[must_use]
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }
}

const fn core(name: &'static str, plural: &'static str) -> Kind {
    Kind { group: "", name, plural, versions: &["v1"], is_namespaced: true, only: Only::All, is_built_in: true }
}

const fn built_in(group: &'static str, name: &'static str, plural: &'static str) -> Kind {
    Kind { group, ..core(name, plural) }
}

const fn of_istio(group: &'static str, versions: &'static [&'static str], name: &'static str, plural: &'static str) -> Kind {
    Kind { group, name, plural, versions, is_namespaced: true, only: Only::All, is_built_in: false }
}

const SECURITY: &str = "security.istio.io";
const NETWORKING: &str = "networking.istio.io";
const GATEWAY: &str = "gateway.networking.k8s.io";
const V1: &[&str] = &["v1", "v1beta1"];
const V1_FROM_ALPHA: &[&str] = &["v1", "v1beta1", "v1alpha3"];

/// Everything that a mesh is made of, and what rules look at beside it.
pub const MESH: &[Kind] = &[
    Kind { is_namespaced: false, ..core("Namespace", "namespaces") },
    core("Service", "services"),
    core("ServiceAccount", "serviceaccounts"),
    Kind { only: Only::Unowned, ..core("Pod", "pods") },
    Kind { only: Only::MeshConfiguration, ..core("ConfigMap", "configmaps") },
    built_in("apps", "Deployment", "deployments"),
    built_in("apps", "StatefulSet", "statefulsets"),
    built_in("apps", "DaemonSet", "daemonsets"),
    Kind { only: Only::Unowned, ..built_in("apps", "ReplicaSet", "replicasets") },
    Kind { only: Only::Unowned, ..built_in("batch", "Job", "jobs") },
    built_in("batch", "CronJob", "cronjobs"),
    built_in("networking.k8s.io", "NetworkPolicy", "networkpolicies"),
    Kind {
        is_namespaced: false,
        ..built_in("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations")
    },
    Kind {
        is_namespaced: false,
        ..built_in("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations")
    },
    of_istio(SECURITY, V1, "AuthorizationPolicy", "authorizationpolicies"),
    of_istio(SECURITY, V1, "RequestAuthentication", "requestauthentications"),
    of_istio(SECURITY, V1, "PeerAuthentication", "peerauthentications"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "DestinationRule", "destinationrules"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "ServiceEntry", "serviceentries"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "WorkloadEntry", "workloadentries"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "WorkloadGroup", "workloadgroups"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "Sidecar", "sidecars"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "Gateway", "gateways"),
    of_istio(NETWORKING, V1_FROM_ALPHA, "VirtualService", "virtualservices"),
    of_istio(NETWORKING, &["v1alpha3"], "EnvoyFilter", "envoyfilters"),
    of_istio(GATEWAY, V1, "Gateway", "gateways"),
    of_istio(GATEWAY, V1, "HTTPRoute", "httproutes"),
    Kind { is_namespaced: false, ..of_istio(GATEWAY, V1, "GatewayClass", "gatewayclasses") },
];

/// The kind of a group with this name.
#[must_use]
pub fn find(group: &str, name: &str) -> Option<&'static Kind> {
    MESH.iter().find(|kind| kind.group == group && kind.name == name)
}
