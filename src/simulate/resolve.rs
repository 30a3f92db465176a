//! Names to things: the caller, the destinations and the port a scenario means, or why it means none.

use std::collections::BTreeMap;
use std::net::IpAddr;

use thiserror::Error;

use crate::diag::Span;
use crate::manifest::kinds::Place;
use crate::manifest::kinds::Subset;
use crate::mesh::Mesh;
use crate::mesh::PortClass;
use crate::mesh::Service;
use crate::mesh::WorkloadId;
use crate::simulate::connection;
use crate::simulate::connection::Caller;
use crate::simulate::connection::CallerProxy;
use crate::simulate::connection::Destination;
use crate::simulate::scenario::DestinationParts;
use crate::simulate::scenario::DestinationRef;
use crate::simulate::scenario::RequestProtocol;
use crate::simulate::scenario::Scenario;
use crate::simulate::scenario::SourceParts;
use crate::simulate::scenario::SourceRef;
use crate::simulate::scenario::Text;
use crate::simulate::scenario::nearest;
use crate::spiffe::SpiffeId;

/// Why a scenario cannot be put to this mesh.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QuestionError {
    /// No such workload, service, service account or subset.
    #[error("`{field}`: no {what} `{name}` in the manifests")]
    Unknown {
        /// The scenario's key.
        field: &'static str,
        /// What was looked for.
        what: &'static str,
        /// The name given.
        name: String,
        /// Names like it.
        nearest: Vec<String>,
    },
    /// The name can be read in several ways.
    #[error("`{field}`: `{name}` can mean several things: {}", readings.join("; "))]
    Ambiguous {
        /// The scenario's key.
        field: &'static str,
        /// The name given.
        name: String,
        /// Every reading.
        readings: Vec<String>,
    },
    /// The service has no such port.
    #[error("`to`: `{service}` does not expose port {port}; it exposes {}", exposed.join(", "))]
    PortNotExposed {
        /// The service.
        service: String,
        /// The port asked for.
        port: u16,
        /// What it exposes.
        exposed: Vec<String>,
    },
    /// No port was given and there is no single one.
    #[error("`to`: `{name}` needs a port: it has {}", if ports.is_empty() { "none declared".to_owned() } else { ports.join(", ") })]
    PortNeeded {
        /// The service or workload.
        name: String,
        /// Its ports.
        ports: Vec<String>,
    },
    /// The service has no workload that answers.
    #[error("`to`: no workload in the manifests answers for `{service}` port {port}")]
    NoEndpoint {
        /// The service.
        service: String,
        /// The port.
        port: u16,
    },
    /// The proxy of the destination would not load its configuration, so nothing it would say is known.
    #[error("{object}: {why}; a running proxy keeps its previous configuration, a new one never becomes ready")]
    ProxyRefuses {
        /// Kind, namespace and name of the policy.
        object: String,
        /// Why not.
        why: String,
        /// Where.
        place: Place,
    },
    /// A value is not of its form.
    #[error("`{field}`: `{value}` {why}")]
    Malformed {
        /// The scenario's key.
        field: &'static str,
        /// The value given.
        value: String,
        /// Why not.
        why: String,
    },
}

impl QuestionError {
    pub(crate) fn malformed(field: &'static str, value: &str, why: impl Into<String>) -> Self {
        Self::Malformed { field, value: value.to_owned(), why: why.into() }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, what, .. } if nearest.is_empty() => {
                Some(format!("check the name, or add the file that holds the {what} with `-f`"))
            }
            Self::Unknown { nearest, .. } => Some(format!("did you mean {}?", quoted(nearest))),
            Self::Ambiguous { .. } => {
                Some("use the long form, such as `{workload: namespace/name}` or `{service: name.namespace}`".to_owned())
            }
            Self::PortNotExposed { .. } | Self::PortNeeded { .. } => {
                Some("write the port after a colon, such as `web.shop:80`".to_owned())
            }
            Self::NoEndpoint { .. } => {
                Some("add the Deployment its selector means, or address a workload as `namespace/name:port`".to_owned())
            }
            Self::ProxyRefuses { .. } => {
                Some("correct the policy: the API server's webhook would refuse it, or should".to_owned())
            }
            Self::Malformed { .. } => None,
        }
    }

    /// Where in the manifests the reason stands, when it does.
    #[must_use]
    pub fn place(&self) -> Option<Span> {
        match self {
            Self::ProxyRefuses { place, .. } => Some(place.span),
            Self::Unknown { .. }
            | Self::Ambiguous { .. }
            | Self::PortNotExposed { .. }
            | Self::PortNeeded { .. }
            | Self::NoEndpoint { .. }
            | Self::Malformed { .. } => None,
        }
    }

    /// The scenario's key it is about.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::Unknown { field, .. } | Self::Ambiguous { field, .. } | Self::Malformed { field, .. } => field,
            Self::PortNotExposed { .. } | Self::PortNeeded { .. } | Self::NoEndpoint { .. } | Self::ProxyRefuses { .. } => "to",
        }
    }
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// Splits `namespace/name`; a bare name takes the default namespace.
fn split_name<'t>(text: &'t str, default_namespace: Option<&'t str>) -> Option<(&'t str, &'t str)> {
    match text.split_once('/') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() && !name.contains('/') => Some((namespace, name)),
        Some(_) => None,
        None => default_namespace.map(|namespace| (namespace, text)),
    }
}

/// The mesh with the namespace that bare names mean.
#[derive(Debug, Clone, Copy)]
pub struct Names<'m> {
    /// Where names are looked up.
    pub mesh: &'m Mesh,
    /// `-n`.
    pub default_namespace: Option<&'m str>,
}

impl<'m> Names<'m> {
    /// The workload with this name.
    ///
    /// # Errors
    /// There is none, or several of different kinds.
    pub fn workload(&self, field: &'static str, text: &str) -> Result<WorkloadId, QuestionError> {
        let unknown =
            || QuestionError::Unknown { field, what: "workload", name: text.to_owned(), nearest: self.near_workloads(text) };
        let (namespace, name) = split_name(text, self.default_namespace).ok_or_else(unknown)?;
        let found: Vec<_> = self
            .mesh
            .workloads
            .iter()
            .enumerate()
            .filter(|(_, workload)| workload.namespace == namespace && workload.name == name)
            .collect();
        match found.as_slice() {
            [] => Err(unknown()),
            [(index, _)] => Ok(WorkloadId(*index)),
            several => Err(QuestionError::Ambiguous {
                field,
                name: text.to_owned(),
                readings: several.iter().map(|(_, workload)| format!("{} {}", workload.kind, workload.display_name())).collect(),
            }),
        }
    }

    fn near_workloads(&self, text: &str) -> Vec<String> {
        let names: Vec<String> = self.mesh.workloads.iter().map(crate::mesh::Workload::display_name).collect();
        let bare = text.rsplit('/').next().unwrap_or(text);
        let same_name = names.iter().filter(|name| name.rsplit('/').next() == Some(bare)).cloned();
        let mut near: Vec<String> = same_name.chain(nearest(text, names.iter().map(String::as_str))).collect();
        near.dedup();
        near.truncate(3);
        near
    }

    /// The caller a scenario means.
    ///
    /// # Errors
    /// A name that is unknown or ambiguous, or a value that is not of its form.
    pub fn caller(&self, from: Option<&SourceRef<'_>>) -> Result<Caller, QuestionError> {
        match from {
            None => Ok(Caller::outside()),
            Some(SourceRef::Short(text)) => self.caller_workload("from", text.as_str()),
            Some(SourceRef::Long(parts)) => self.caller_in_parts(parts),
        }
    }

    fn caller_in_parts(&self, parts: &SourceParts<'_>) -> Result<Caller, QuestionError> {
        let SourceParts { workload, service_account, principal, namespace, sidecar, ip, kubelet } = parts;
        if service_account.is_some() && principal.is_some() {
            return Err(QuestionError::malformed("from", "serviceAccount", "cannot be combined with `principal`"));
        }
        let mut caller = if let Some(name) = service_account {
            let (namespace, account) = split_name(name.as_str(), self.default_namespace)
                .ok_or_else(|| QuestionError::malformed("from.serviceAccount", name.as_str(), "is not `namespace/name`"))?;
            Caller::service_account(self.mesh, namespace, account)
        } else if let Some(name) = principal {
            Caller::principal(parse_principal(name)?.as_str(), *sidecar != Some(false))
        } else if let Some(namespace) = namespace
            && workload.is_none()
            && self.mesh.namespaces.get(namespace.as_str()).is_some_and(|namespace| namespace.injects)
        {
            Caller::service_account(self.mesh, namespace.as_str(), "default")
        } else {
            Caller::outside()
        };
        if let Some(name) = workload {
            let named = self.caller_workload("from.workload", name.as_str())?;
            caller = if caller.names.is_empty() { named } else { Caller { names: caller.names, ..named } };
        }
        if let Some(namespace) = namespace {
            caller.namespace = Some(namespace.as_str().to_owned());
        }
        match sidecar {
            Some(true) => caller.proxy = CallerProxy::Sidecar,
            Some(false) => caller.proxy = CallerProxy::None,
            None => {}
        }
        if let Some(address) = ip {
            caller.ip = Some(parse_ip("from.ip", address)?);
        }
        caller.kubelet = *kubelet;
        Ok(caller)
    }

    fn caller_workload(&self, field: &'static str, text: &str) -> Result<Caller, QuestionError> {
        let id = self.workload(field, text)?;
        Caller::workload(self.mesh, id).ok_or_else(|| QuestionError::malformed(field, text, "is no workload"))
    }

    /// Every destination a scenario can land on: one, or one per workload behind the service.
    ///
    /// # Errors
    /// A name or port that is unknown or ambiguous.
    pub fn destinations(&self, caller: &Caller, scenario: &Scenario<'_>) -> Result<Vec<Destination>, QuestionError> {
        let parts = match &scenario.to {
            DestinationRef::Short(text) => read_short(text.as_str())?,
            DestinationRef::Long(parts) => parts.as_ref().clone().into_owned_parts(),
        };
        let wants_tcp = scenario.protocol == Some(RequestProtocol::Tcp);
        let base = Destination {
            workload: WorkloadId(0),
            port: 0,
            service: None,
            subset: parts.subset.as_ref().map(|subset| subset.as_str().to_owned()),
            app_tls: parts.app.tls,
        };
        match (&parts.service, &parts.workload) {
            (None, None) => Err(QuestionError::malformed("to", "", "names neither a service nor a workload")),
            (None, Some(workload)) => {
                let id = self.workload("to.workload", workload.as_str())?;
                let port = match parts.port {
                    Some(port) => port,
                    None => self.workload_port(id, wants_tcp)?,
                };
                Ok(vec![Destination { workload: id, port, ..base }])
            }
            (Some(service), workload) => {
                let only = workload.as_ref().map(|name| self.workload("to.workload", name.as_str())).transpose()?;
                self.service_destinations(caller, service.as_str(), only, parts.port, wants_tcp, &base)
            }
        }
    }

    fn service(&self, text: &str) -> Result<(usize, &'m Service), QuestionError> {
        let mesh = self.mesh;
        let domain = &mesh.settings.cluster_domain;
        let mut full = vec![text.to_owned(), format!("{text}.svc.{domain}"), format!("{text}.{domain}")];
        if let (Some(namespace), false) = (self.default_namespace, text.contains('.')) {
            full.push(format!("{text}.{namespace}.svc.{domain}"));
        }
        let mut found: Vec<(usize, &Service)> = Vec::new();
        for (index, service) in mesh.services.iter().enumerate() {
            let seen =
                found.iter().any(|(_, other)| other.hostname == service.hostname && other.id.namespace == service.id.namespace);
            if full.contains(&service.hostname) && !seen {
                found.push((index, service));
            }
        }
        if found.is_empty() {
            found.extend(
                mesh.services
                    .iter()
                    .enumerate()
                    .filter(|(_, service)| {
                        service
                            .hostname
                            .strip_prefix('*')
                            .is_some_and(|suffix| text.ends_with(suffix) && text.len() > suffix.len())
                    })
                    .take(1),
            );
        }
        match found.as_slice() {
            [] => Err(QuestionError::Unknown {
                field: "to",
                what: "service",
                name: text.to_owned(),
                nearest: self.near_services(text),
            }),
            [one] => Ok(*one),
            several => Err(QuestionError::Ambiguous {
                field: "to",
                name: text.to_owned(),
                readings: several.iter().map(|(_, service)| format!("{} ({})", service.id, service.hostname)).collect(),
            }),
        }
    }

    fn near_services(&self, text: &str) -> Vec<String> {
        let short = |service: &Service| {
            let suffix = format!(".svc.{}", self.mesh.settings.cluster_domain);
            service.hostname.strip_suffix(&suffix).unwrap_or(&service.hostname).to_owned()
        };
        let names: Vec<String> = self.mesh.services.iter().map(short).collect();
        let bare = text.split('.').next().unwrap_or(text);
        let same_name = names.iter().filter(|name| name.split('.').next() == Some(bare)).cloned();
        let mut near: Vec<String> = same_name.chain(nearest(text, names.iter().map(String::as_str))).collect();
        let workload = self.mesh.workloads.iter().find(|workload| workload.name == text || workload.display_name() == text);
        near.extend(workload.map(crate::mesh::Workload::display_name));
        near.dedup();
        near.truncate(3);
        near
    }

    /// The workloads that answer for a service at one of its ports.
    ///
    /// # Errors
    /// A name or port that is unknown or ambiguous, or no workload.
    pub(super) fn endpoints(&self, caller: &Caller, service: &str, port: u16) -> Result<Vec<Destination>, QuestionError> {
        let base = Destination { workload: WorkloadId(0), port: 0, service: None, subset: None, app_tls: false };
        self.service_destinations(caller, service, None, Some(port), false, &base)
    }

    fn service_destinations(
        &self,
        caller: &Caller,
        name: &str,
        only: Option<WorkloadId>,
        port: Option<u16>,
        wants_tcp: bool,
        base: &Destination,
    ) -> Result<Vec<Destination>, QuestionError> {
        let (index, service) = self.service(name)?;
        let port = match port {
            Some(port) => port,
            None => service_port(service, wants_tcp)?,
        };
        if !service.ports.iter().any(|candidate| candidate.number == port) {
            return Err(QuestionError::PortNotExposed { service: name.to_owned(), port, exposed: port_list(service) });
        }
        let subset = base.subset.as_deref().and_then(|name| connection::subset(self.mesh, caller, service, name));
        let mut destinations: Vec<Destination> = Vec::new();
        for endpoint in &service.endpoints {
            let (Some(workload), Some(&target)) = (endpoint.workload, endpoint.ports.get(&port)) else { continue };
            let is_wanted = only.map_or_else(|| in_subset(subset, &endpoint.labels), |only| only == workload);
            if is_wanted && !destinations.iter().any(|other| other.workload == workload && other.port == target) {
                destinations.push(Destination { workload, port: target, service: Some((index, port)), ..base.clone() });
            }
        }
        if destinations.is_empty() {
            return Err(QuestionError::NoEndpoint { service: name.to_owned(), port });
        }
        Ok(destinations)
    }

    fn workload_port(&self, id: WorkloadId, wants_tcp: bool) -> Result<u16, QuestionError> {
        let declared = self.mesh.inbound_ports(id);
        let ports: Vec<(u16, PortClass)> = declared.iter().map(|port| (port.port, port.class)).collect();
        let name = self.mesh.workload(id).map(crate::mesh::Workload::display_name).unwrap_or_default();
        pick_port(&ports, wants_tcp)
            .ok_or_else(|| QuestionError::PortNeeded { name, ports: ports.iter().map(|(port, _)| port.to_string()).collect() })
    }
}

fn read_short(text: &str) -> Result<DestinationParts<'static>, QuestionError> {
    let (name, port) = match text.rsplit_once(':') {
        None => (text, None),
        Some((name, port)) => {
            let port = port.parse().ok().filter(|port| *port > 0);
            (name, Some(port.ok_or_else(|| QuestionError::malformed("to", text, "does not end in a port number"))?))
        }
    };
    let owned = |name: &str| Some(Text::from(name.to_owned()));
    if name.contains('/') {
        return Ok(DestinationParts { workload: owned(name), port, ..DestinationParts::default() });
    }
    Ok(DestinationParts { service: owned(name), port, ..DestinationParts::default() })
}

impl DestinationParts<'_> {
    fn into_owned_parts(self) -> DestinationParts<'static> {
        let DestinationParts { service, workload, port, ip, subset, app } = self;
        let own = |text: Option<Text<'_>>| text.map(Text::into_owned);
        DestinationParts { service: own(service), workload: own(workload), port, ip: own(ip), subset: own(subset), app }
    }
}

/// Whether an endpoint carries the labels of the subset that was asked for. One that nobody defines fails with the connection.
fn in_subset(subset: Option<&Subset>, labels: &BTreeMap<String, String>) -> bool {
    subset.is_none_or(|subset| subset.labels.iter().all(|(key, value)| labels.get(key) == Some(&value.value)))
}

fn port_list(service: &Service) -> Vec<String> {
    service
        .ports
        .iter()
        .map(|port| if port.name.is_empty() { port.number.to_string() } else { format!("{} ({})", port.number, port.name) })
        .collect()
}

fn service_port(service: &Service, wants_tcp: bool) -> Result<u16, QuestionError> {
    let ports: Vec<(u16, PortClass)> = service.ports.iter().map(|port| (port.number, port.protocol.class())).collect();
    pick_port(&ports, wants_tcp)
        .ok_or_else(|| QuestionError::PortNeeded { name: service.hostname.clone(), ports: port_list(service) })
}

/// The port a URL without one means: the only one, else 80, else the only one of the kind that is asked for.
fn pick_port(ports: &[(u16, PortClass)], wants_tcp: bool) -> Option<u16> {
    if let [(port, _)] = ports {
        return Some(*port);
    }
    if !wants_tcp && ports.iter().any(|(port, _)| *port == 80) {
        return Some(80);
    }
    let kind = if wants_tcp { PortClass::Tcp } else { PortClass::Http };
    let mut of_kind = ports.iter().filter(|(_, class)| *class == kind);
    match (of_kind.next(), of_kind.next()) {
        (Some((port, _)), None) => Some(*port),
        _ => None,
    }
}

fn parse_principal(text: &Text<'_>) -> Result<SpiffeId, QuestionError> {
    let text = text.as_str();
    let full = if text.starts_with("spiffe://") { text.to_owned() } else { format!("spiffe://{text}") };
    full.parse().map_err(|error| QuestionError::malformed("from.principal", text, format!("is no SPIFFE ID: {error}")))
}

pub(crate) fn parse_ip(field: &'static str, text: &Text<'_>) -> Result<IpAddr, QuestionError> {
    text.as_str().parse().map_err(|_| QuestionError::malformed(field, text.as_str(), "is no IP address"))
}
