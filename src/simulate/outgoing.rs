//! Calls that a caller's proxy is asked to make: which service a name means to it, who answers there, and what goes on the wire.
//!
//! A scenario names both ends, and what arrives follows. Here only the caller is settled, and a name arrives with a port; what is sent is
//! what [`connect`](connection::connect) would have it send.

use std::net::IpAddr;
use std::rc::Rc;

use crate::mesh::Mesh;
use crate::mesh::Protocol;
use crate::mesh::WorkloadId;
use crate::simulate::connection;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Caller;
use crate::simulate::connection::ClientTlsOverride;
use crate::simulate::connection::Destination;
use crate::simulate::connection::Emission;
use crate::simulate::connection::Outcome;
use crate::simulate::connection::Question;
use crate::simulate::resolve::Names;
use crate::simulate::resolve::QuestionError;

/// The calls of one caller.
#[derive(Debug)]
pub struct Outgoing {
    mesh: Rc<Mesh>,
    caller: Caller,
    lets_unknown_out: bool,
}

/// What a name and a port mean.
#[derive(Debug, Clone)]
pub struct Called {
    /// The service's full name, or the address that was called.
    pub host: String,
    /// The port that was called.
    pub port: u16,
    /// What the port is declared for.
    pub protocol: Protocol,
    /// Every place that answers.
    pub destinations: Vec<Destination>,
}

/// Why a call goes nowhere that the mesh knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotCalled {
    /// The caller's proxy knows no such service, or not at this port.
    Unknown,
    /// Nobody answers for the service.
    NoEndpoint,
    /// The name may mean several services, in words.
    Ambiguous(String),
}

impl Outgoing {
    /// The calls that this caller makes in this mesh.
    #[must_use]
    pub fn new(mesh: Rc<Mesh>, caller: Caller) -> Self {
        let lets_unknown_out = mesh.lets_unknown_out(caller.namespace.as_deref().unwrap_or_default(), &caller.labels);
        Self { mesh, caller, lets_unknown_out }
    }

    /// The mesh.
    #[must_use]
    pub fn mesh(&self) -> &Mesh {
        &self.mesh
    }

    /// Whether the caller's proxy passes on what the mesh does not know, unchanged.
    #[must_use]
    pub fn lets_unknown_out(&self) -> bool {
        self.lets_unknown_out
    }

    /// What a host means to the caller at a port.
    ///
    /// # Errors
    /// Nothing that the mesh knows, or nothing certain.
    pub fn find(&self, host: &str, port: u16) -> Result<Called, NotCalled> {
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let host = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Err(_) => host,
            Ok(address) => match self.mesh.services.iter().find(|service| service.address == Some(address)) {
                Some(service) => service.hostname.clone(),
                None => return self.workload_at(address, port),
            },
        };
        let names = Names { mesh: &self.mesh, default_namespace: self.caller.namespace.as_deref() };
        let destinations = names.endpoints(&self.caller, &host, port).map_err(|error| match error {
            QuestionError::NoEndpoint { .. } => NotCalled::NoEndpoint,
            QuestionError::Ambiguous { .. } => NotCalled::Ambiguous(error.to_string()),
            QuestionError::Unknown { .. }
            | QuestionError::PortNotExposed { .. }
            | QuestionError::PortNeeded { .. }
            | QuestionError::ProxyRefuses { .. }
            | QuestionError::Malformed { .. } => NotCalled::Unknown,
        })?;
        let service =
            destinations.first().and_then(|first| self.mesh.services.get(first.service?.0)).ok_or(NotCalled::Unknown)?;
        if !self.lets_unknown_out && !connection::is_visible(&self.mesh, &self.caller, service, port) {
            return Err(NotCalled::Unknown);
        }
        let declared = service.ports.iter().find(|own| own.number == port).map_or(Protocol::Unset, |own| own.protocol);
        Ok(Called { host: service.hostname.clone(), port, protocol: declared, destinations })
    }

    /// A workload that is called by its own address, which only a proxy that passes on what it does not know does.
    fn workload_at(&self, address: IpAddr, port: u16) -> Result<Called, NotCalled> {
        let position = self.mesh.workloads.iter().position(|workload| workload.ip == Some(address));
        let workload = position.filter(|_| self.lets_unknown_out).map(WorkloadId).ok_or(NotCalled::Unknown)?;
        let destination = Destination { workload, port, service: None, subset: None, app_tls: false };
        Ok(Called { host: address.to_string(), port, protocol: Protocol::Unset, destinations: vec![destination] })
    }

    /// What goes on the wire to one of the places. `host` is the name that an HTTP request asks for.
    ///
    /// # Errors
    /// Nothing does, in words.
    pub fn emission(&self, to: &Destination, protocol: ApplicationProtocol, host: Option<&str>) -> Result<Emission, String> {
        let question =
            Question { caller: &self.caller, destination: to, protocol, tls: ClientTlsOverride::Auto, sni: None, host };
        connection::emission(&self.mesh, &question).map_err(|connection| match connection.outcome {
            Outcome::Undetermined { reason } => reason,
            Outcome::Failed(failure) => failure.message,
            Outcome::Connected { .. } => String::new(),
        })
    }
}
