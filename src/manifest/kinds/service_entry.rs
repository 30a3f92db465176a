use std::collections::BTreeMap;

use crate::diag::Spanned;
use crate::manifest::Labels;
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

/// `WorkloadEntry` of networking.istio.io, or one entry of a ServiceEntry's `endpoints`.
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
