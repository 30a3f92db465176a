use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::kinds::Place;

/// The pod a workload object makes: `spec.template` of a Deployment and its like, the Pod itself, or the job template of a CronJob.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PodTemplate {
    /// Labels of the pod.
    pub labels: Labels,
    /// Annotations of the pod.
    pub annotations: Labels,
    /// `serviceAccountName` (or the deprecated `serviceAccount`); `default` applies when absent.
    pub service_account: Option<Spanned<String>>,
    /// `hostNetwork`.
    pub host_network: bool,
    /// Ports of all containers.
    pub ports: Vec<ContainerPort>,
    /// Names of all containers and init containers; `istio-proxy` among them means a sidecar was already injected.
    pub containers: Vec<Spanned<String>>,
    /// Environment variables with literal values, of all containers.
    pub environment: Vec<EnvironmentVariable>,
    /// `status.podIP` of a Pod read from a cluster.
    pub pod_ip: Option<Spanned<String>>,
    /// Where the template stands.
    pub place: Place,
}

/// One entry of a container's `ports`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContainerPort {
    /// `name`.
    pub name: Option<Spanned<String>>,
    /// `containerPort`.
    pub port: Spanned<u16>,
    /// `protocol`; `TCP` when absent.
    pub protocol: String,
}

/// One entry of a container's `env`, when its value is literal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvironmentVariable {
    /// `name`.
    pub name: String,
    /// `value`.
    pub value: Spanned<String>,
}
