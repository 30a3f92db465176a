use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::diag::Finding;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::Gateway;
use crate::manifest::kinds::KubernetesGateway;
use crate::manifest::kinds::MeshConfig;
use crate::manifest::kinds::PeerAuthentication;
use crate::manifest::kinds::PodTemplate;
use crate::manifest::kinds::RequestAuthentication;
use crate::manifest::kinds::Service;
use crate::manifest::kinds::ServiceEntry;
use crate::manifest::kinds::Sidecar;
use crate::manifest::kinds::WorkloadEntry;
use crate::manifest::kinds::WorkloadGroup;

/// Labels or annotations: name to value, each value with its place.
pub type Labels = BTreeMap<String, Spanned<String>>;

/// One object as written.
#[derive(Debug, Clone)]
pub struct Document {
    /// What every object has.
    pub header: Arc<Header>,
    /// What this kind has.
    pub body: Body,
    /// The place of the document's first key.
    pub span: Span,
}

/// `apiVersion`, `kind` and `metadata`.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// Group and version, such as `security.istio.io/v1`.
    pub api_version: Spanned<String>,
    /// The kind.
    pub kind: Spanned<String>,
    /// `metadata.name`; the generated-name prefix when only that is given.
    pub name: Spanned<String>,
    /// `metadata.namespace`, when written.
    pub namespace: Option<Spanned<String>>,
    /// `metadata.labels`.
    pub labels: Labels,
    /// `metadata.annotations`.
    pub annotations: Labels,
    /// `metadata.creationTimestamp`.
    pub creation_timestamp: Option<Timestamp>,
}

impl Header {
    /// The API group: what stands before the slash of `apiVersion`, empty for the core group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.api_version.value.split_once('/').map_or("", |(group, _)| group)
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(Spanned::as_str)
    }
}

/// What a document says beyond its header.
#[derive(Debug, Clone)]
pub enum Body {
    /// `Namespace`: all it says is in its labels.
    Namespace,
    /// `Pod`, `Deployment`, `StatefulSet`, `DaemonSet`, `ReplicaSet`, `Job`, `CronJob`: the pod it makes.
    Workload(PodTemplate),
    /// `Service` of the core group.
    Service(Service),
    /// `ServiceAccount`.
    ServiceAccount,
    /// `ServiceEntry` of networking.istio.io.
    ServiceEntry(ServiceEntry),
    /// `WorkloadEntry` of networking.istio.io.
    WorkloadEntry(WorkloadEntry),
    /// `WorkloadGroup` of networking.istio.io.
    WorkloadGroup(WorkloadGroup),
    /// `Sidecar` of networking.istio.io.
    Sidecar(Arc<Sidecar>),
    /// `Gateway` of networking.istio.io.
    Gateway(Arc<Gateway>),
    /// `Gateway` of gateway.networking.k8s.io.
    KubernetesGateway(Arc<KubernetesGateway>),
    /// `PeerAuthentication` of security.istio.io.
    PeerAuthentication(Arc<PeerAuthentication>),
    /// `RequestAuthentication` of security.istio.io.
    RequestAuthentication(Arc<RequestAuthentication>),
    /// `AuthorizationPolicy` of security.istio.io.
    AuthorizationPolicy(Arc<AuthorizationPolicy>),
    /// `DestinationRule` of networking.istio.io.
    DestinationRule(Arc<DestinationRule>),
    /// The mesh configuration, from `ConfigMap` `istio`, an `IstioOperator` or Istio object, or a file of its own.
    MeshConfig(Box<MeshConfig>),
    /// istiod's Deployment read for its feature flags: environment variable to value.
    Istiod(PodTemplate),
    /// Any other kind: counted, not interpreted.
    Other,
}

/// Everything that was read, and what is to be said about it.
#[derive(Debug, Clone, Default)]
pub struct Manifests {
    /// The documents, in reading order.
    pub documents: Vec<Document>,
    /// What was found on the way. An error means that a document is missing from `documents`.
    pub findings: Vec<Finding>,
    /// How many sources were read.
    pub files: usize,
}
