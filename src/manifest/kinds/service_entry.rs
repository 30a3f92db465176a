use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::manifest::Labels;
use crate::manifest::decode::Decoder;
use crate::manifest::decode::Fields;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Selector;

/// `ServiceEntry` of networking.istio.io.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceEntry {
    /// `hosts`.
    pub hosts: Vec<Spanned<String>>,
    /// `addresses`.
    pub addresses: Vec<Spanned<String>>,
    /// `ports`.
    pub ports: Vec<ServiceEntryPort>,
    /// `location`.
    pub location: Location,
    /// `resolution`.
    pub resolution: Resolution,
    /// `endpoints`.
    pub endpoints: Vec<WorkloadEntry>,
    /// `workloadSelector`.
    pub workload_selector: Option<Selector>,
    /// `exportTo`.
    pub export_to: Vec<Spanned<String>>,
    /// `subjectAltNames`.
    pub subject_alt_names: Vec<Spanned<String>>,
}

/// One entry of `ports`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceEntryPort {
    /// `number`.
    pub number: Spanned<u16>,
    /// `name`.
    pub name: Spanned<String>,
    /// `protocol`, as written.
    pub protocol: Option<Spanned<String>>,
    /// `targetPort`.
    pub target_port: Option<Spanned<u16>>,
}

/// Whether the service is part of the mesh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Location {
    /// Outside: no automatic mutual TLS.
    #[default]
    MeshExternal,
    /// Inside.
    MeshInternal,
}

/// How the endpoints are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Resolution {
    /// The caller's own address is used.
    #[default]
    None,
    /// The listed endpoints.
    Static,
    /// DNS, every address.
    Dns,
    /// DNS, one address.
    DnsRoundRobin,
    /// DNS at request time.
    DynamicDns,
}

/// `WorkloadEntry` of networking.istio.io, or one entry of a `ServiceEntry`'s `endpoints`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkloadEntry {
    /// `address`.
    pub address: Option<Spanned<String>>,
    /// `ports`: port name to number.
    pub ports: BTreeMap<String, Spanned<u16>>,
    /// `labels`.
    pub labels: Labels,
    /// `serviceAccount`.
    pub service_account: Option<Spanned<String>>,
    /// Where the entry stands.
    pub place: Place,
}

/// `WorkloadGroup` of networking.istio.io.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkloadGroup {
    /// `metadata.labels` of the entries it makes.
    pub labels: Labels,
    /// `metadata.annotations` of the entries it makes.
    pub annotations: Labels,
    /// `template`.
    pub template: WorkloadEntry,
}

const LOCATIONS: &[(&str, Location)] = &[("MESH_EXTERNAL", Location::MeshExternal), ("MESH_INTERNAL", Location::MeshInternal)];

const RESOLUTIONS: &[(&str, Resolution)] = &[
    ("NONE", Resolution::None),
    ("STATIC", Resolution::Static),
    ("DNS", Resolution::Dns),
    ("DNS_ROUND_ROBIN", Resolution::DnsRoundRobin),
    ("DYNAMIC_DNS", Resolution::DynamicDns),
];

impl ServiceEntry {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let hosts = fields.require(decoder, "hosts").map(|hosts| decoder.strings(hosts, "hosts"));
        let selector = fields.fields(decoder, "workloadSelector");
        let entry = Self {
            hosts: hosts.unwrap_or_default(),
            addresses: fields.strings(decoder, "addresses"),
            ports: fields.each(decoder, "ports", ServiceEntryPort::decode),
            location: fields.word(decoder, "location", LOCATIONS).unwrap_or_default().value,
            resolution: fields.word(decoder, "resolution", RESOLUTIONS).unwrap_or_default().value,
            endpoints: fields.each(decoder, "endpoints", WorkloadEntry::decode),
            workload_selector: selector.map(|selector| Selector::decode_workload(selector, decoder)),
            export_to: fields.strings(decoder, "exportTo"),
            subject_alt_names: fields.strings(decoder, "subjectAltNames"),
        };
        fields.finish(decoder);
        entry
    }
}

impl ServiceEntryPort {
    fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        let port = Self {
            number: fields.required_port(decoder, "number"),
            name: fields.required_string(decoder, "name"),
            protocol: fields.string(decoder, "protocol"),
            target_port: fields.port(decoder, "targetPort"),
        };
        fields.finish(decoder);
        port
    }
}

impl WorkloadEntry {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["locality", "network", "weight"]);
        let mut ports = BTreeMap::new();
        if let Some(named) = fields.fields(decoder, "ports") {
            for (name, node) in named.entries() {
                if let Some(port) = decoder.port(node, &name.value) {
                    ports.insert(name.value.clone(), port);
                }
            }
        }
        let entry = Self {
            address: fields.string(decoder, "address"),
            ports,
            labels: fields.labels(decoder, "labels"),
            service_account: fields.string(decoder, "serviceAccount"),
            place: fields.place(),
        };
        fields.finish(decoder);
        entry
    }
}

impl WorkloadGroup {
    pub(in crate::manifest) fn decode(mut fields: Fields<'_>, decoder: &mut Decoder) -> Self {
        fields.ignore(&["probe"]);
        let mut group = Self::default();
        if let Some(mut metadata) = fields.fields(decoder, "metadata") {
            group.labels = metadata.labels(decoder, "labels");
            group.annotations = metadata.labels(decoder, "annotations");
            metadata.finish(decoder);
        }
        if let Some(template) = fields.required_fields(decoder, "template") {
            group.template = WorkloadEntry::decode(template, decoder);
        }
        fields.finish(decoder);
        group
    }
}
