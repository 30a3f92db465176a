use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::diag::Finding;
use crate::diag::Severity;
use crate::diag::Spanned;
use crate::manifest::Body;
use crate::manifest::kinds::Location;
use crate::manifest::kinds::Resolution;
use crate::manifest::kinds::ServiceEntry;
use crate::manifest::kinds::ServiceEntryPort;
use crate::manifest::kinds::WorkloadEntry;
use crate::mesh::Endpoint;
use crate::mesh::Protocol;
use crate::mesh::Service;
use crate::mesh::ServiceKind;
use crate::mesh::ServicePort;
use crate::mesh::Settings;
use crate::mesh::WorkloadId;
use crate::mesh::build::documents::Placed;
use crate::mesh::build::services;
use crate::mesh::build::workloads;
use crate::mesh::build::workloads::WorkloadSource;
use crate::mesh::codes;
use crate::mesh::selector_labels_match;

/// Adds every host of every `ServiceEntry` to the services.
///
/// A host that its namespace already has belongs to the Kubernetes Service, or else to the oldest entry; the endpoints of the others
/// still answer for it.
pub(super) fn collect(
    placed: &[Placed<'_>],
    sources: &[WorkloadSource<'_>],
    settings: &Settings,
    services: &mut Vec<Service>,
    findings: &mut Vec<Finding>,
) {
    let mut found: Vec<Service> = Vec::new();
    for document in placed {
        if let Body::ServiceEntry(entry) = &document.document.body {
            let endpoints = endpoints(document, entry, sources, settings, findings);
            found.extend(entry.hosts.iter().map(|host| service(document, entry, &host.value, &endpoints, settings)));
        }
    }
    found.sort_by(|a, b| services::istiod_order(a).cmp(&services::istiod_order(b)));
    for service in found {
        let owner =
            services.iter_mut().find(|other| other.hostname == service.hostname && other.id.namespace == service.id.namespace);
        match owner {
            None => services.push(service),
            Some(owner) => {
                let headline = format!("host `{}` already belongs to {}", service.hostname, owner.id);
                findings.push(
                    Finding::new(codes::HOST_TAKEN, Severity::Info, headline, service.span)
                        .with_secondary(owner.span, "its ports and settings count")
                        .with_note("the endpoints of this entry answer for the host as well"),
                );
                owner.endpoints.extend(service.endpoints);
            }
        }
    }
}

fn service(document: &Placed<'_>, entry: &ServiceEntry, host: &str, endpoints: &[Endpoint], settings: &Settings) -> Service {
    let texts = |values: &[Spanned<String>]| values.iter().map(|value| value.value.clone()).collect::<Vec<_>>();
    Service {
        id: document.id("ServiceEntry"),
        kind: ServiceKind::ServiceEntry,
        labels: document.document.header.labels.clone(),
        hostname: host.to_owned(),
        ports: entry.ports.iter().map(service_port).collect(),
        headless: false,
        mesh_external: entry.location == Location::MeshExternal,
        endpoints: endpoints.to_vec(),
        extra_identities: texts(&entry.subject_alt_names),
        creation_timestamp: document.document.header.creation_timestamp,
        address: entry.addresses.iter().find_map(|address| single_address(&address.value)),
        original_destination: entry.resolution == Resolution::None,
        is_exposed: false,
        keeps_client_address: false,
        is_dual_stack: false,
        annotations: document.document.header.annotations.clone(),
        export_to: if entry.export_to.is_empty() { settings.default_service_export_to.clone() } else { texts(&entry.export_to) },
        span: document.document.span,
    }
}

/// An address, also when written as a block of exactly one.
fn single_address(text: &str) -> Option<IpAddr> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let whole = if address.is_ipv4() { "32" } else { "128" };
    bits.is_none_or(|bits| bits == whole).then_some(address)
}

fn service_port(port: &ServiceEntryPort) -> ServicePort {
    let protocol = port.protocol.as_ref().map_or(Protocol::Unset, |protocol| Protocol::parse(&protocol.value));
    let target = port.target_port.as_ref().map(|target| target.value).filter(|target| *target != 0);
    ServicePort {
        number: port.number.value,
        name: port.name.value.clone(),
        protocol,
        transport: if protocol == Protocol::Udp { "UDP".to_owned() } else { "TCP".to_owned() },
        target: Some(target.unwrap_or(port.number.value)),
        target_name: None,
        span: port.number.span,
    }
}

fn endpoints(
    document: &Placed<'_>,
    entry: &ServiceEntry,
    sources: &[WorkloadSource<'_>],
    settings: &Settings,
    findings: &mut Vec<Finding>,
) -> Vec<Endpoint> {
    let Some(selector) = &entry.workload_selector else {
        return entry.endpoints.iter().map(|inline| inline_endpoint(document, entry, inline, sources, settings)).collect();
    };
    let by_name = matches!(entry.resolution, Resolution::Dns | Resolution::DnsRoundRobin);
    let endpoints: Vec<Endpoint> = workloads::in_namespace(sources, document.namespace)
        // An entry whose address is a name or a socket serves only services that are resolved by name.
        .filter(|(_, source)| by_name || source.entry.is_none_or(|entry| entry.address.is_none() || source.workload.ip.is_some()))
        .filter(|(_, source)| selector_labels_match(&selector.match_labels, &source.workload.labels))
        .map(|(index, source)| {
            let ports = target_ports(entry, source.entry.map(|entry| &entry.ports));
            services::endpoint(WorkloadId(index), source, ports, settings)
        })
        .collect();
    if endpoints.is_empty() {
        let name = &document.document.header.name;
        let headline = format!("service entry `{}` selects no workload of namespace `{}`", name.value, document.namespace);
        let span = workloads::first_place(&selector.match_labels).unwrap_or(name.span);
        let finding = Finding::new(codes::SELECTS_NOTHING, Severity::Warning, headline, span)
            .with_label("no workload carries these labels")
            .with_help("write the labels of the workloads that answer for it");
        findings.push(services::if_all_is_given(finding, document.namespace, sources));
    }
    endpoints
}

/// Own port of the endpoint by name, else the target port, else the port itself.
fn target_ports(entry: &ServiceEntry, own: Option<&BTreeMap<String, Spanned<u16>>>) -> BTreeMap<u16, u16> {
    let target = |port: &ServiceEntryPort| {
        let named = own.and_then(|own| own.get(&port.name.value)).map(|number| number.value);
        let written = port.target_port.as_ref().map(|target| target.value);
        named.filter(|number| *number != 0).or(written.filter(|number| *number != 0)).unwrap_or(port.number.value)
    };
    entry.ports.iter().map(|port| (port.number.value, target(port))).collect()
}

/// An endpoint written in the `ServiceEntry` itself; it is a workload of the manifests when one has its address.
fn inline_endpoint(
    document: &Placed<'_>,
    entry: &ServiceEntry,
    inline: &WorkloadEntry,
    sources: &[WorkloadSource<'_>],
    settings: &Settings,
) -> Endpoint {
    let labels = workloads::plain(&inline.labels);
    let address = workloads::entry_address(inline);
    let workload = address.and_then(|address| sources.iter().position(|source| source.workload.ip == Some(address)));
    let account = inline.service_account.as_ref().filter(|account| !account.value.is_empty());
    Endpoint {
        workload: workload.map(WorkloadId),
        ports: target_ports(entry, Some(&inline.ports)),
        identity: account.map(|account| services::identity(settings, document.namespace, &account.value)),
        tls_ready: workloads::entry_tls_ready(inline, &labels),
        labels,
        address,
        namespace: document.namespace.to_owned(),
    }
}
