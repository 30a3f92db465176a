use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::manifest::Body;
use crate::manifest::kinds;
use crate::manifest::kinds::TargetPort;
use crate::mesh::Endpoint;
use crate::mesh::Protocol;
use crate::mesh::Service;
use crate::mesh::ServiceKind;
use crate::mesh::ServicePort;
use crate::mesh::Settings;
use crate::mesh::WorkloadId;
use crate::mesh::build::documents::Placed;
use crate::mesh::build::workloads::WorkloadSource;
use crate::mesh::build::workloads::first_place;
use crate::mesh::build::workloads::in_namespace;
use crate::mesh::codes;
use crate::mesh::selector_labels_match;

/// Every Kubernetes Service with the workloads it selects.
pub(super) fn collect(
    placed: &[Placed<'_>],
    sources: &[WorkloadSource<'_>],
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Vec<Service> {
    placed
        .iter()
        .filter_map(|document| {
            let Body::Service(spec) = &document.document.body else { return None };
            Some(service(document, spec, sources, settings, findings))
        })
        .collect()
}

/// The order in which istiod looks at services: oldest first, then by name, then by namespace.
pub(super) fn istiod_order(service: &Service) -> (Option<Timestamp>, &str, &str, &str, &str) {
    let name = match service.kind {
        ServiceKind::Kubernetes | ServiceKind::ExternalName => service.id.name.as_str(),
        ServiceKind::ServiceEntry => service.hostname.as_str(),
    };
    (service.creation_timestamp, name, service.id.namespace.as_str(), service.hostname.as_str(), service.id.name.as_str())
}

fn service(
    document: &Placed<'_>,
    spec: &kinds::Service,
    sources: &[WorkloadSource<'_>],
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Service {
    let header = &document.document.header;
    let is_external_name = spec.is_external_name() && spec.external_name.as_ref().is_some_and(|target| !target.value.is_empty());
    let mut ports = Vec::new();
    for port in &spec.ports {
        ports.push(service_port(port));
    }
    let export_to = header
        .annotation("networking.istio.io/exportTo")
        .filter(|list| !list.is_empty())
        .map(|list| list.split(',').map(|namespace| namespace.trim().to_owned()).collect());
    let mut service = Service {
        id: document.id("Service"),
        kind: if is_external_name { ServiceKind::ExternalName } else { ServiceKind::Kubernetes },
        labels: header.labels.clone(),
        hostname: format!("{}.{}.svc.{}", header.name.value, document.namespace, settings.cluster_domain),
        ports,
        headless: spec.is_headless() && !is_external_name,
        mesh_external: is_external_name,
        endpoints: Vec::new(),
        extra_identities: extra_identities(document, settings),
        creation_timestamp: header.creation_timestamp,
        address: spec.cluster_ip.as_ref().and_then(|ip| ip.value.parse().ok()),
        original_destination: false,
        is_exposed: matches!(spec.service_type.as_str(), "NodePort" | "LoadBalancer"),
        keeps_client_address: spec.keeps_client_address,
        is_dual_stack: spec.is_dual_stack,
        annotations: header.annotations.clone(),
        export_to: export_to.unwrap_or_else(|| settings.default_service_export_to.clone()),
        span: document.document.span,
    };
    if is_external_name || spec.selector.is_empty() {
        return service;
    }
    let selected: Vec<_> = in_namespace(sources, document.namespace)
        .filter(|(_, source)| source.entry.is_none_or(|_| source.workload.ip.is_some() && !service.headless))
        .filter(|(_, source)| selector_labels_match(&spec.selector, &source.workload.labels))
        .collect();
    if selected.is_empty() {
        let headline = format!("service `{}` selects no workload of namespace `{}`", header.name.value, document.namespace);
        let span = first_place(&spec.selector).unwrap_or(header.name.span);
        let finding = Finding::new(codes::SELECTS_NOTHING, Severity::Warning, headline, span)
            .with_label("no workload carries these labels")
            .with_help("write the labels of the workloads that answer for it");
        findings.push(if_all_is_given(finding, document.namespace, sources));
    }
    for (index, source) in selected {
        let mut ports = BTreeMap::new();
        for (written, port) in spec.ports.iter().zip(&service.ports) {
            match target_port(port, source) {
                Some(target) => {
                    ports.entry(port.number).or_insert(target);
                }
                None => findings.push(unknown_target(written, port, source)),
            }
        }
        service.endpoints.push(endpoint(WorkloadId(index), source, ports, settings));
    }
    service
}

/// The finding, as sure as what was given of the namespace allows.
pub(super) fn if_all_is_given(finding: Finding, namespace: &str, sources: &[WorkloadSource<'_>]) -> Finding {
    if sources.iter().any(|source| source.workload.namespace == namespace) {
        return finding.likely();
    }
    finding.cannot_tell(format!("the manifests of namespace `{namespace}`"))
}

fn service_port(port: &kinds::ServicePort) -> ServicePort {
    let name = port.name.as_ref().map(|name| name.value.clone()).unwrap_or_default();
    let app_protocol = port.app_protocol.as_ref().map(|protocol| protocol.value.as_str());
    let (target, target_name) = match port.target_port.as_ref().map(|target| &target.value) {
        None | Some(TargetPort::Number(0)) => (Some(port.port.value), None),
        Some(TargetPort::Number(number)) => (Some(*number), None),
        Some(TargetPort::Name(name)) => (None, Some(name.clone())),
    };
    ServicePort {
        number: port.port.value,
        protocol: Protocol::of_service_port(port.port.value, &name, &port.protocol, app_protocol),
        transport: if port.protocol.is_empty() { "TCP".to_owned() } else { port.protocol.clone() },
        name,
        target,
        target_name,
        span: port.port.span,
    }
}

/// Where a service port leads in a workload. A pod is asked for its container port of that name and transport, an entry for its own
/// port map, in which the service port's name overrides a target number.
fn target_port(port: &ServicePort, source: &WorkloadSource<'_>) -> Option<u16> {
    let Some(entry) = source.entry else {
        let by_name = |name: &String| {
            let same_transport = |written: &str| port.transport == if written.is_empty() { "TCP" } else { written };
            source.workload.container_ports.iter().find_map(|container| {
                let is_named = container.name.as_ref().is_some_and(|own| own.value == *name);
                (is_named && same_transport(&container.protocol)).then_some(container.port.value)
            })
        };
        return port.target.or_else(|| port.target_name.as_ref().and_then(by_name));
    };
    let by_name = |name: &str| entry.ports.get(name).map(|number| number.value).filter(|number| *number != 0);
    match &port.target_name {
        Some(name) => by_name(name),
        None => by_name(&port.name).or(port.target),
    }
}

fn unknown_target(written: &kinds::ServicePort, port: &ServicePort, source: &WorkloadSource<'_>) -> Finding {
    let target = port.target_name.as_deref().unwrap_or_default();
    let workload = source.workload.display_name();
    let span = written.target_port.as_ref().map_or(port.span, |target| target.span);
    Finding::new(codes::UNKNOWN_TARGET, Severity::Warning, format!("`{workload}` has no port named `{target}`"), span)
        .with_note(format!("port {} of the service does not lead to it", port.number))
        .with_help("name the container's port, or give the number")
}

/// The endpoint a workload is for a service with these ports.
pub(super) fn endpoint(id: WorkloadId, source: &WorkloadSource<'_>, ports: BTreeMap<u16, u16>, settings: &Settings) -> Endpoint {
    let workload = &source.workload;
    Endpoint {
        workload: Some(id),
        ports,
        labels: workload.labels.clone(),
        identity: source.has_account.then(|| identity(settings, &workload.namespace, &workload.service_account)),
        tls_ready: source.tls_ready,
        address: workload.ip,
        namespace: workload.namespace.clone(),
    }
}

/// The SPIFFE ID of an account. An `@` in the trust domain, as some clouds have it, becomes a dot.
pub(super) fn identity(settings: &Settings, namespace: &str, account: &str) -> String {
    format!("spiffe://{}/ns/{namespace}/sa/{account}", settings.trust_domain.replace('@', "."))
}

fn extra_identities(document: &Placed<'_>, settings: &Settings) -> Vec<String> {
    let header = &document.document.header;
    let list = |name: &str| header.annotation(name).filter(|list| !list.is_empty()).map(|list| list.split(','));
    let verbatim = list("alpha.istio.io/canonical-serviceaccounts").into_iter().flatten().map(str::to_owned);
    let accounts = list("alpha.istio.io/kubernetes-serviceaccounts").into_iter().flatten();
    verbatim.chain(accounts.map(|account| identity(settings, document.namespace, account))).collect()
}
