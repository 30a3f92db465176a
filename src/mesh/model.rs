use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;

use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Header;
use crate::manifest::Labels;
use crate::manifest::kinds::AuthorizationPolicy;
use crate::manifest::kinds::ContainerPort;
use crate::manifest::kinds::DestinationRule;
use crate::manifest::kinds::ExtensionProvider;
use crate::manifest::kinds::Gateway;
use crate::manifest::kinds::KubernetesGateway;
use crate::manifest::kinds::MeshConfig;
use crate::manifest::kinds::PathNormalization;
use crate::manifest::kinds::PeerAuthentication;
use crate::manifest::kinds::Probe;
use crate::manifest::kinds::RequestAuthentication;
use crate::manifest::kinds::Sidecar;
use crate::mesh::Unread;
use crate::mesh::index::Index;

/// Names one object of the user's files: kind, namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// The kind.
    pub kind: &'static str,
    /// The namespace the object lives in.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// An object with its name, age and place.
#[derive(Debug, Clone)]
pub struct Object<T> {
    /// Kind, namespace and name.
    pub id: ObjectRef,
    /// Labels, annotations and creation time.
    pub header: Arc<Header>,
    /// What it says.
    pub spec: Arc<T>,
    /// Where the document starts.
    pub span: Span,
}

/// Everything the manifests say, resolved.
#[derive(Debug, Clone, Default)]
pub struct Mesh {
    /// Mesh configuration and feature flags, with defaults filled in.
    pub settings: Settings,
    /// Namespaces that were written, or only named by an object.
    pub namespaces: BTreeMap<String, Namespace>,
    /// Workloads in order of namespace and name.
    pub workloads: Vec<Workload>,
    /// Service accounts that are written, or that a workload runs as: namespace and name.
    pub service_accounts: BTreeSet<(String, String)>,
    /// Services of Kubernetes and `ServiceEntries` (one per host), oldest first.
    pub services: Vec<Service>,
    /// `PeerAuthentications` in istiod's order.
    pub peer_authentications: Vec<Object<PeerAuthentication>>,
    /// `RequestAuthentications` in istiod's order.
    pub request_authentications: Vec<Object<RequestAuthentication>>,
    /// `AuthorizationPolicies` in istiod's order.
    pub authorization_policies: Vec<Object<AuthorizationPolicy>>,
    /// `DestinationRules` in istiod's order.
    pub destination_rules: Vec<Object<DestinationRule>>,
    /// Sidecars in istiod's order.
    pub sidecars: Vec<Object<Sidecar>>,
    /// Gateways of networking.istio.io in istiod's order.
    pub gateways: Vec<Object<Gateway>>,
    /// Gateways of gateway.networking.k8s.io in istiod's order.
    pub kubernetes_gateways: Vec<Object<KubernetesGateway>>,
    /// What may be there too, and was not read.
    pub unread: Vec<Unread>,
    /// What of the above stands where. A mesh does not change any more once it was asked something.
    pub(crate) index: Index,
}

/// MeshConfig and istiod's feature flags, as far as answers depend on them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `trustDomain`.
    pub trust_domain: String,
    /// `trustDomainAliases`.
    pub trust_domain_aliases: Vec<String>,
    /// Trust domains of `caCertificates`.
    pub ca_trust_domains: Vec<String>,
    /// `rootNamespace`.
    pub root_namespace: String,
    /// The cluster's DNS domain.
    pub cluster_domain: String,
    /// `enableAutoMtls`.
    pub enable_auto_mtls: bool,
    /// `pathNormalization`.
    pub path_normalization: PathNormalization,
    /// `extensionProviders`, in order.
    pub extension_providers: Vec<ExtensionProvider>,
    /// `gatewayTopology.numTrustedProxies` of the default proxy configuration.
    pub num_trusted_proxies: u32,
    /// `defaultDestinationRuleExportTo`; `*` when not written.
    pub default_destination_rule_export_to: Vec<String>,
    /// `defaultServiceExportTo`; `*` when not written.
    pub default_service_export_to: Vec<String>,
    /// `meshMTLS.minProtocolVersion` is `TLSV1_3`.
    pub mesh_mtls_min_tls_1_3: bool,
    /// `meshMTLS.cipherSuites`.
    pub mesh_mtls_cipher_suites: Vec<String>,
    /// istiod's feature flags, by environment variable.
    pub features: BTreeMap<String, String>,
    /// The version of istiod, by the tag of its image.
    pub istio_version: Option<Spanned<String>>,
    /// The control plane's revision, when known; empty otherwise.
    pub revision: String,
    /// The mesh configuration as written, with its places; `None` when none was.
    pub written: Option<Box<MeshConfig>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            trust_domain: "cluster.local".to_owned(),
            trust_domain_aliases: Vec::new(),
            ca_trust_domains: Vec::new(),
            root_namespace: "istio-system".to_owned(),
            cluster_domain: "cluster.local".to_owned(),
            enable_auto_mtls: true,
            path_normalization: PathNormalization::Base,
            extension_providers: Vec::new(),
            num_trusted_proxies: 0,
            default_destination_rule_export_to: vec!["*".to_owned()],
            default_service_export_to: vec!["*".to_owned()],
            mesh_mtls_min_tls_1_3: false,
            mesh_mtls_cipher_suites: Vec::new(),
            features: BTreeMap::new(),
            istio_version: None,
            revision: String::new(),
            written: None,
        }
    }
}

impl Settings {
    /// A feature flag read as Go's `strconv.ParseBool` reads it; the default when absent or not a boolean.
    #[must_use]
    pub fn feature(&self, name: &str, default: bool) -> bool {
        match self.features.get(name).map(String::as_str) {
            Some("1" | "t" | "T" | "true" | "TRUE" | "True") => true,
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => false,
            _ => default,
        }
    }
}

/// A namespace and what its labels say about injection.
#[derive(Debug, Clone, Default)]
pub struct Namespace {
    /// Labels.
    pub labels: Labels,
    /// An ordinary pod of it, without labels of its own, gets a sidecar.
    pub injects: bool,
    /// Where it was written; `None` when objects only name it.
    pub span: Option<Span>,
}

/// Index of a workload in [`Mesh::workloads`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkloadId(pub usize);

/// A running unit with one identity: one per pod template, Pod, `WorkloadEntry` or `WorkloadGroup`.
#[derive(Debug, Clone, Default)]
pub struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Name of the object that makes it.
    pub name: String,
    /// Kind of the object that makes it.
    pub kind: String,
    /// Labels of the pod, those injection adds included (`security.istio.io/tlsMode`).
    pub labels: BTreeMap<String, String>,
    /// Where the labels stand that were written.
    pub label_places: BTreeMap<String, Span>,
    /// Annotations of the pod.
    pub annotations: BTreeMap<String, String>,
    /// Where those annotations stand.
    pub annotation_places: BTreeMap<String, Span>,
    /// Service account.
    pub service_account: String,
    /// What stands in front of it.
    pub proxy: Proxy,
    /// Why [`proxy`](Self::proxy) is what it is, as a phrase: ``namespace label `istio-injection: enabled` ``.
    pub proxy_reason: String,
    /// It was injected with a gRPC template: the application itself speaks for the mesh, no Envoy stands in front of it.
    pub proxyless: bool,
    /// Ports its containers name.
    pub container_ports: Vec<ContainerPort>,
    /// What the kubelet asks to see whether it lives.
    pub probes: Vec<Probe>,
    /// Its address, when the manifests know it.
    pub ip: Option<IpAddr>,
    /// Its proxy intercepts inbound traffic at all ports except these, unless
    /// [`included_inbound_ports`](Self::included_inbound_ports) is set.
    pub excluded_inbound_ports: BTreeSet<u16>,
    /// When set, exactly these ports are intercepted (`includeInboundPorts` other than `*`), whatever the exclusions say.
    pub included_inbound_ports: Option<BTreeSet<u16>>,
    /// `traffic.sidecar.istio.io/interceptionMode` is `NONE`.
    pub interception_none: bool,
    /// Where the object was written.
    pub span: Span,
}

/// What enforces policy in front of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Proxy {
    /// A sidecar.
    Sidecar,
    /// Nothing.
    #[default]
    None,
    /// It is an ingress or egress gateway, classic or of the Gateway API.
    Gateway,
    /// It is a waypoint.
    Waypoint,
    /// ztunnel of its node.
    Ambient,
}

impl Workload {
    /// The identity as a policy writes it.
    #[must_use]
    pub fn principal(&self, trust_domain: &str) -> String {
        format!("{}/ns/{}/sa/{}", trust_domain, self.namespace, self.service_account)
    }

    /// Where an annotation stands, or else the object.
    #[must_use]
    pub fn place_of(&self, annotation: &str) -> Span {
        self.annotation_places.get(annotation).copied().unwrap_or(self.span)
    }

    /// Where a label stands, or else the object.
    #[must_use]
    pub fn place_of_label(&self, label: &str) -> Span {
        self.label_places.get(label).copied().unwrap_or(self.span)
    }

    /// Whether its proxy sees what arrives at this port of its own.
    #[must_use]
    pub fn intercepts(&self, port: u16) -> bool {
        self.included_inbound_ports
            .as_ref()
            .map_or_else(|| !self.excluded_inbound_ports.contains(&port), |included| included.contains(&port))
    }

    /// Whether automatic mutual TLS counts it as able to speak it: label `security.istio.io/tlsMode: istio`.
    #[must_use]
    pub fn is_tls_ready(&self) -> bool {
        self.labels.get("security.istio.io/tlsMode").is_some_and(|mode| mode == "istio")
    }

    /// Name of the Gateway API gateway it belongs to, when it does.
    #[must_use]
    pub fn gateway_name(&self) -> Option<&str> {
        self.labels.get("gateway.networking.k8s.io/gateway-name").map(String::as_str)
    }

    /// `namespace/name`.
    #[must_use]
    pub fn display_name(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// Where a service was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceKind {
    /// `Service` of Kubernetes.
    Kubernetes,
    /// `Service` of Kubernetes, type `ExternalName`.
    ExternalName,
    /// `ServiceEntry`.
    ServiceEntry,
}

/// A host that can be called.
#[derive(Debug, Clone)]
pub struct Service {
    /// Kind, namespace and name of the object. Several services share it when a `ServiceEntry` has several hosts.
    pub id: ObjectRef,
    /// Where it comes from.
    pub kind: ServiceKind,
    /// Labels of the object.
    pub labels: Labels,
    /// The full host name; may start with `*.` for a `ServiceEntry`.
    pub hostname: String,
    /// Ports.
    pub ports: Vec<ServicePort>,
    /// No virtual address (`clusterIP: None`).
    pub headless: bool,
    /// Outside the mesh: `ExternalName`, or a `ServiceEntry` whose location is `MESH_EXTERNAL`.
    pub mesh_external: bool,
    /// Endpoints, in order of workloads.
    pub endpoints: Vec<Endpoint>,
    /// Identities named by annotations or `subjectAltNames`, verbatim SPIFFE IDs.
    pub extra_identities: Vec<String>,
    /// Creation time.
    pub creation_timestamp: Option<Timestamp>,
    /// The address, when known.
    pub address: Option<IpAddr>,
    /// `ServiceEntry` resolution is `NONE`: calls go where the caller's address says.
    pub original_destination: bool,
    /// Callers from outside the cluster reach it: type `NodePort` or `LoadBalancer`.
    pub is_exposed: bool,
    /// Callers from outside keep their address on the way to it: `externalTrafficPolicy: Local`.
    pub keeps_client_address: bool,
    /// It has, or may have, addresses of both families.
    pub is_dual_stack: bool,
    /// Annotations of the object.
    pub annotations: Labels,
    /// Namespaces that see it, as written (`*`, `.`, `~` or names), the mesh's default filled in.
    pub export_to: Vec<String>,
    /// Where it was written.
    pub span: Span,
}

/// One port of a service.
#[derive(Debug, Clone)]
pub struct ServicePort {
    /// Port of the service.
    pub number: u16,
    /// Name; empty when absent.
    pub name: String,
    /// Protocol by `appProtocol` or name, as istiod reads it.
    pub protocol: Protocol,
    /// `TCP`, `UDP` or `SCTP`.
    pub transport: String,
    /// Target port as written, when it is a number (or absent: the port itself).
    pub target: Option<u16>,
    /// Target port as written, when it is a name.
    pub target_name: Option<String>,
    /// Where it was written.
    pub span: Span,
}

/// One place that answers for a service.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The workload, when the manifests hold it.
    pub workload: Option<WorkloadId>,
    /// Service port number to workload port. A port that the workload does not offer (unknown name) is absent.
    pub ports: BTreeMap<u16, u16>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The SPIFFE ID its account stands for, when it has one.
    pub identity: Option<String>,
    /// Automatic mutual TLS counts it as able to speak it.
    pub tls_ready: bool,
    /// Address, when known.
    pub address: Option<IpAddr>,
    /// Namespace.
    pub namespace: String,
}

/// Protocol of a service port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the protocols are named as Istio names them")]
pub enum Protocol {
    Http,
    Http2,
    Grpc,
    GrpcWeb,
    HttpProxy,
    Tcp,
    Tls,
    Https,
    Mongo,
    Redis,
    MySql,
    Udp,
    /// Not said: sniffed on each connection.
    Unset,
}

/// How a proxy reads a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortClass {
    /// Always HTTP.
    Http,
    /// Always opaque bytes.
    Tcp,
    /// Sniffed on each connection.
    Auto,
}

impl Protocol {
    /// How a proxy reads a port of this protocol. UDP is not served; it counts as opaque.
    #[must_use]
    pub fn class(self) -> PortClass {
        match self {
            Self::Http | Self::Http2 | Self::Grpc | Self::GrpcWeb | Self::HttpProxy => PortClass::Http,
            Self::Tcp | Self::Tls | Self::Https | Self::Mongo | Self::Redis | Self::MySql | Self::Udp => PortClass::Tcp,
            Self::Unset => PortClass::Auto,
        }
    }
}

impl Mesh {
    /// The workload with this index.
    #[must_use]
    pub fn workload(&self, id: WorkloadId) -> Option<&Workload> {
        self.workloads.get(id.0)
    }

    /// A value of the mesh configuration that was written with a place, for messages.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&ExtensionProvider> {
        self.settings.extension_providers.iter().find(|provider| Spanned::as_str(&provider.name) == name)
    }
}
