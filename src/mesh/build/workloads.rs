use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Span;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::Labels;
use crate::manifest::kinds::PodTemplate;
use crate::manifest::kinds::WorkloadEntry;
use crate::manifest::kinds::WorkloadGroup;
use crate::mesh::Mesh;
use crate::mesh::Proxy;
use crate::mesh::Workload;
use crate::mesh::build::documents::Placed;
use crate::mesh::build::injection;
use crate::mesh::build::injection::Injection;
use crate::mesh::codes;

const TLS_MODE: &str = "security.istio.io/tlsMode";
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

/// Ports of the proxy itself; inbound capture leaves them alone. The status port joins them.
const PROXY_PORTS: [u16; 3] = [15090, 15021, 15008];
const STATUS_PORT: u16 = 15020;

/// A workload with what services need to know to select it.
#[derive(Debug, Clone)]
pub(super) struct WorkloadSource<'a> {
    pub(super) workload: Workload,
    /// The entry, when it is no pod.
    pub(super) entry: Option<&'a WorkloadEntry>,
    /// Automatic mutual TLS counts it as able to speak it.
    pub(super) tls_ready: bool,
    /// It has an account to name its identity with.
    pub(super) has_account: bool,
}

/// Every workload the documents make, in order of namespace, name and kind.
pub(super) fn collect<'a>(
    placed: &[Placed<'a>],
    mesh: &Mesh,
    revisions: &BTreeSet<String>,
    findings: &mut Vec<Finding>,
) -> Vec<WorkloadSource<'a>> {
    let registered = groups_with_entries(placed);
    let mut collector = Collector { mesh, revisions, findings, unwritten: BTreeSet::new() };
    let mut sources = Vec::new();
    for document in placed {
        match &document.document.body {
            Body::Workload(template) | Body::Istiod(template) => sources.push(collector.pod(document, template)),
            Body::WorkloadEntry(entry) => sources.push(from_entry(document, entry)),
            Body::WorkloadGroup(group) => {
                if !registered.contains(&(document.namespace, document.document.header.name.as_str())) {
                    sources.push(from_group(document, group));
                }
            }
            Body::Namespace
            | Body::Service(_)
            | Body::ServiceAccount
            | Body::ServiceEntry(_)
            | Body::Sidecar(_)
            | Body::Gateway(_)
            | Body::KubernetesGateway(_)
            | Body::PeerAuthentication(_)
            | Body::RequestAuthentication(_)
            | Body::AuthorizationPolicy(_)
            | Body::DestinationRule(_)
            | Body::MeshConfig(_)
            | Body::Other => {}
        }
    }
    sources.sort_by(|a, b| {
        let (a, b) = (&a.workload, &b.workload);
        (&a.namespace, &a.name, &a.kind).cmp(&(&b.namespace, &b.name, &b.kind))
    });
    sources
}

/// The workloads of a namespace, with their indices.
pub(super) fn in_namespace<'s, 'a>(
    sources: &'s [WorkloadSource<'a>],
    namespace: &str,
) -> impl Iterator<Item = (usize, &'s WorkloadSource<'a>)> {
    let start = sources.partition_point(|source| source.workload.namespace.as_str() < namespace);
    let end = sources.partition_point(|source| source.workload.namespace.as_str() <= namespace);
    sources.iter().enumerate().take(end).skip(start)
}

/// Groups whose members registered themselves: the entries stand for them.
fn groups_with_entries<'p>(placed: &'p [Placed<'_>]) -> BTreeSet<(&'p str, &'p str)> {
    placed
        .iter()
        .filter(|document| matches!(document.document.body, Body::WorkloadEntry(_)))
        .filter_map(|document| {
            let group = document.document.header.annotation("istio.io/autoRegistrationGroup")?;
            Some((document.namespace, group))
        })
        .collect()
}

struct Collector<'c> {
    mesh: &'c Mesh,
    revisions: &'c BTreeSet<String>,
    findings: &'c mut Vec<Finding>,
    unwritten: BTreeSet<String>,
}

impl Collector<'_> {
    fn pod<'a>(&mut self, document: &Placed<'a>, template: &'a PodTemplate) -> WorkloadSource<'a> {
        let header = &document.document.header;
        let mut labels = plain(&template.labels);
        let annotations = plain(&template.annotations);
        let no_labels = Labels::new();
        let namespace = self.mesh.namespaces.get(document.namespace);
        let pod = injection::Pod {
            namespace: document.namespace,
            namespace_labels: namespace.map_or(&no_labels, |namespace| &namespace.labels),
            labels: &labels,
            annotations: &annotations,
            host_network: template.host_network,
        };
        let injection = injection::decide(&pod, self.revisions);
        let has_proxy = template.containers.iter().any(|container| container.value == "istio-proxy");
        self.report_injection(document, template, &injection, has_proxy);
        let stand = self.stand(document, template, &pod, &injection, has_proxy);
        if stand.proxy == Proxy::Sidecar && injection.injected {
            // An empty label counts as none: the template replaces it.
            let mode = labels.entry(TLS_MODE.to_owned()).or_default();
            if mode.is_empty() {
                "istio".clone_into(mode);
            }
        }
        let (excluded_inbound_ports, included_inbound_ports) = self.captured_ports(template, stand.proxy);
        let workload = Workload {
            namespace: document.namespace.to_owned(),
            name: header.name.value.clone(),
            kind: header.kind.value.clone(),
            service_account: account(template.service_account.as_ref()),
            proxy: stand.proxy,
            proxy_reason: stand.reason,
            proxyless: stand.proxyless,
            container_ports: template.ports.clone(),
            probes: template.probes.clone(),
            ip: template.pod_ip.as_ref().and_then(|ip| ip.value.parse().ok()),
            excluded_inbound_ports,
            included_inbound_ports,
            interception_none: annotations.get("sidecar.istio.io/interceptionMode").is_some_and(|mode| mode == "NONE"),
            labels,
            annotations,
            annotation_places: places(&template.annotations),
            label_places: places(&template.labels),
            span: document.document.span,
        };
        let tls_ready = workload.is_tls_ready();
        WorkloadSource { workload, entry: None, tls_ready, has_account: true }
    }

    /// What stands in front of a pod: a gateway of either kind, the injected sidecar, ztunnel, or nothing.
    fn stand(
        &mut self,
        document: &Placed<'_>,
        template: &PodTemplate,
        pod: &injection::Pod<'_>,
        injection: &Injection,
        has_proxy: bool,
    ) -> Stand {
        // The label alone makes no gateway: a pod that is injected with a sidecar stays one, a pod without a proxy stays without.
        let managed = pod.labels.get("gateway.istio.io/managed").is_some_and(|by| by == "istio.io-mesh-controller");
        if let Some(gateway) = pod.labels.get(GATEWAY_NAME).filter(|_| has_proxy || managed) {
            let class = self
                .mesh
                .kubernetes_gateways
                .iter()
                .find(|object| object.id.namespace == document.namespace && object.id.name == *gateway);
            let proxy = if managed || class.is_some_and(|object| object.spec.class.value == "istio-waypoint") {
                Proxy::Waypoint
            } else {
                Proxy::Gateway
            };
            return Stand::new(proxy, format!("pod label `{GATEWAY_NAME}: {gateway}`"));
        }
        if let Some(reason) = gateway_reason(template, pod) {
            if !injection.injected && !has_proxy {
                let headline = format!("gateway `{}` has no proxy: {}", document.document.header.name.value, injection.reason);
                self.findings.push(
                    Finding::new(codes::GATEWAY_WITHOUT_PROXY, Severity::Warning, headline, document.document.header.name.span)
                        .with_note("it is answered for as a gateway, because its labels or annotations say so")
                        .with_help("label the pod `sidecar.istio.io/inject: \"true\"`"),
                );
            }
            return Stand::new(Proxy::Gateway, reason);
        }
        let templates = injection::templates(pod.annotations);
        let proxyless = templates.iter().any(|name| name.starts_with("grpc-")) && !templates.contains(&"sidecar");
        if injection.injected && proxyless && !has_proxy {
            self.findings.push(
                Finding::new(
                    codes::PROXYLESS,
                    Severity::Warning,
                    format!("`{}` speaks for the mesh itself (proxyless gRPC)", document.document.header.name.value),
                    document.document.header.name.span,
                )
                .with_note("what a proxyless server accepts is not answered"),
            );
            return Stand { proxy: Proxy::None, reason: "injection template `grpc`".to_owned(), proxyless: true };
        }
        if injection.injected {
            return Stand::new(Proxy::Sidecar, injection.reason.clone());
        }
        if has_proxy {
            return Stand::new(Proxy::Sidecar, "container `istio-proxy`".to_owned());
        }
        let mode = |labels: Option<&str>| labels == Some("ambient");
        let of_pod = pod.labels.get("istio.io/dataplane-mode").map(String::as_str);
        let of_namespace = pod.namespace_labels.get("istio.io/dataplane-mode").map(Spanned::as_str);
        if !template.host_network && (mode(of_pod) || (mode(of_namespace) && of_pod != Some("none"))) {
            return Stand::new(Proxy::Ambient, "label `istio.io/dataplane-mode: ambient`".to_owned());
        }
        Stand::new(Proxy::None, injection.reason.clone())
    }

    fn report_injection(&mut self, document: &Placed<'_>, template: &PodTemplate, injection: &Injection, has_proxy: bool) {
        let name = &document.document.header.name;
        let wish = template.labels.get("sidecar.istio.io/inject").or_else(|| template.annotations.get("sidecar.istio.io/inject"));
        if let Some(wish) = wish
            && !matches!(wish.value.as_str(), "true" | "false" | "")
        {
            let headline = format!("`sidecar.istio.io/inject: {}` is neither `true` nor `false`; it is ignored", wish.value);
            self.findings.push(Finding::new(codes::INVALID_WISH, Severity::Warning, headline, wish.span));
        }
        if has_proxy {
            return;
        }
        // Only a pod that runs shows what injection really did.
        if injection.injected && template.pod_ip.is_some() && document.document.header.kind.value == "Pod" {
            let headline = format!("pod `{}` runs without the proxy that it would get today", name.value);
            self.findings.push(
                Finding::new(codes::WITHOUT_PROXY, Severity::Warning, headline, name.span)
                    .with_note(injection.reason.clone())
                    .with_help("restart the pod: injection happens when a pod is made"),
            );
        }
        if let Some(revision) = &injection.unknown_revision {
            let headline = format!("`{}` gets no sidecar: revision `{revision}` is not running", name.value);
            self.findings.push(
                Finding::new(codes::UNKNOWN_REVISION, Severity::Warning, headline, name.span)
                    .with_note("only the revisions of the istiod Deployments that were read count; tags are not known")
                    .with_help("leave the istiod Deployment out to accept every revision and tag")
                    .likely(),
            );
        }
        let written = self.mesh.namespaces.get(document.namespace).is_some_and(|namespace| namespace.span.is_some());
        if injection.by_namespace && !written && self.unwritten.insert(document.namespace.to_owned()) {
            let headline = format!("namespace `{}` is not among the manifests, so its labels are unknown", document.namespace);
            self.findings.push(
                Finding::new(codes::NAMESPACE_NOT_WRITTEN, Severity::Warning, headline, name.span)
                    .with_note("its workloads count as having no sidecar")
                    .with_help("add the Namespace with its labels, such as `istio-injection: enabled`")
                    .cannot_tell(format!("the manifests of namespace `{}`", document.namespace)),
            );
        }
    }

    /// Ports that inbound capture leaves out, and the list it is limited to.
    fn captured_ports(&mut self, template: &PodTemplate, proxy: Proxy) -> (BTreeSet<u16>, Option<BTreeSet<u16>>) {
        if proxy != Proxy::Sidecar {
            return (BTreeSet::new(), None);
        }
        let status = template.annotations.get("status.sidecar.istio.io/port");
        let mut excluded: BTreeSet<u16> = PROXY_PORTS.into();
        excluded.insert(status.and_then(|port| port.value.trim().parse().ok()).unwrap_or(STATUS_PORT));
        if let Some(list) = template.annotations.get("traffic.sidecar.istio.io/excludeInboundPorts") {
            excluded.extend(self.port_list(list));
        }
        let included = template
            .annotations
            .get("traffic.sidecar.istio.io/includeInboundPorts")
            .filter(|list| list.value.trim() != "*")
            .map(|list| self.port_list(list).into_iter().collect());
        (excluded, included)
    }

    fn port_list(&mut self, list: &Spanned<String>) -> Vec<u16> {
        let mut ports = Vec::new();
        for item in list.value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match item.parse() {
                Ok(port) => ports.push(port),
                Err(_) => self.findings.push(
                    Finding::new(codes::INVALID_PORTS, Severity::Warning, format!("`{item}` is no port"), list.span)
                        .with_note("the injector refuses the pod"),
                ),
            }
        }
        ports
    }
}

struct Stand {
    proxy: Proxy,
    reason: String,
    proxyless: bool,
}

impl Stand {
    fn new(proxy: Proxy, reason: String) -> Self {
        Self { proxy, reason, proxyless: false }
    }
}

/// What says that a pod is a classic gateway.
fn gateway_reason(template: &PodTemplate, pod: &injection::Pod<'_>) -> Option<String> {
    if let Some(role) = pod.labels.get("istio")
        && matches!(role.as_str(), "ingressgateway" | "egressgateway" | "eastwestgateway")
    {
        return Some(format!("pod label `istio: {role}`"));
    }
    if injection::templates(pod.annotations).contains(&"gateway") {
        return Some("annotation `inject.istio.io/templates: gateway`".to_owned());
    }
    let of_proxy = |name: &str| matches!(name, "istio-proxy" | "istio-init" | "istio-validation");
    let mut names = template.containers.iter().map(Spanned::as_str).peekable();
    (names.peek().is_some() && names.clone().any(|name| name == "istio-proxy") && names.all(of_proxy))
        .then(|| "its only container is `istio-proxy`".to_owned())
}

fn from_entry<'a>(document: &Placed<'a>, entry: &'a WorkloadEntry) -> WorkloadSource<'a> {
    let header = &document.document.header;
    let mut labels = plain(&entry.labels);
    labels.extend(plain(&header.labels));
    entry_source(document, entry, labels, plain(&header.annotations))
}

fn from_group<'a>(document: &Placed<'a>, group: &'a WorkloadGroup) -> WorkloadSource<'a> {
    let mut labels = plain(&group.template.labels);
    labels.extend(plain(&group.labels));
    entry_source(document, &group.template, labels, plain(&group.annotations))
}

fn entry_source<'a>(
    document: &Placed<'_>,
    entry: &'a WorkloadEntry,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
) -> WorkloadSource<'a> {
    let tls_ready = entry_tls_ready(entry, &labels);
    let has_account = entry.service_account.as_ref().is_some_and(|account| !account.value.is_empty());
    let proxy = if tls_ready { Proxy::Sidecar } else { Proxy::None };
    let reason = match (labels.get(TLS_MODE), has_account) {
        (Some(mode), _) => format!("label `{TLS_MODE}: {mode}`"),
        (None, true) => "the entry has a `serviceAccount`".to_owned(),
        (None, false) => "the entry has neither a `serviceAccount` nor the label `security.istio.io/tlsMode`".to_owned(),
    };
    let header = &document.document.header;
    let workload = Workload {
        namespace: document.namespace.to_owned(),
        name: header.name.value.clone(),
        kind: header.kind.value.clone(),
        service_account: account(entry.service_account.as_ref()),
        proxy,
        proxy_reason: reason,
        proxyless: false,
        container_ports: Vec::new(),
        probes: Vec::new(),
        ip: entry_address(entry),
        excluded_inbound_ports: if tls_ready { PROXY_PORTS.into_iter().chain([STATUS_PORT]).collect() } else { BTreeSet::new() },
        included_inbound_ports: None,
        interception_none: false,
        labels,
        annotations,
        annotation_places: BTreeMap::new(),
        label_places: places(&header.labels),
        span: document.document.span,
    };
    WorkloadSource { workload, entry: Some(entry), tls_ready, has_account }
}

/// The label decides; without it an entry with an account counts as able to speak mutual TLS.
pub(super) fn entry_tls_ready(entry: &WorkloadEntry, labels: &BTreeMap<String, String>) -> bool {
    labels
        .get(TLS_MODE)
        .map_or_else(|| entry.service_account.as_ref().is_some_and(|account| !account.value.is_empty()), |mode| mode == "istio")
}

/// The address of an entry, when it is one and not a name or a socket.
pub(super) fn entry_address(entry: &WorkloadEntry) -> Option<IpAddr> {
    entry.address.as_ref().and_then(|address| address.value.parse().ok())
}

fn account(written: Option<&Spanned<String>>) -> String {
    written.map(|account| account.value.clone()).filter(|account| !account.is_empty()).unwrap_or_else(|| "default".to_owned())
}

/// Labels or annotations without their places.
pub(super) fn plain(labels: &Labels) -> BTreeMap<String, String> {
    labels.iter().map(|(name, value)| (name.clone(), value.value.clone())).collect()
}

fn places(labels: &Labels) -> BTreeMap<String, Span> {
    labels.iter().map(|(name, value)| (name.clone(), value.span)).collect()
}

/// Where a selector's first label stands.
pub(super) fn first_place(labels: &Labels) -> Option<Span> {
    labels.values().map(|value| value.span).next()
}
