//! What all calls of one caller share, and how it is replaced.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::rc::Rc;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::sync::watch;

use crate::mesh::PortClass;
use crate::mesh::Workload;
use crate::proxy::Credentials;
use crate::proxy::Event;
use crate::proxy::Limits;
use crate::proxy::acceptor::Count;
use crate::proxy::outbound::Call;
use crate::proxy::outbound::CallOutcome;
use crate::proxy::outbound::failure::Failure;
use crate::proxy::outbound::upstream::Address;
use crate::proxy::outbound::upstream::Upstream;
use crate::proxy::request_id::RequestIds;
use crate::proxy::server::Draining;
use crate::simulate::Called;
use crate::simulate::NotCalled;
use crate::simulate::Outgoing;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::connection::Certificate;
use crate::simulate::connection::Destination;
use crate::simulate::connection::Trust;
use crate::simulate::message::Message;

/// Where the ports of workloads really are: `namespace/name` and port.
pub type Endpoints = BTreeMap<(String, u16), SocketAddr>;

/// Places that are remembered; more make room by forgetting all.
const REMEMBERED: usize = 10_000;
/// Envoy's answer for a service that has nobody.
const NO_ENDPOINT: &str = "no healthy upstream";

/// What all calls share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) caller: Rc<str>,
    pub(super) limits: Limits,
    pub(super) request_ids: RequestIds,
    /// The request that is edited at the moment.
    pub(super) message: RefCell<Message>,
    pub(super) connections: Count,
    pub(super) endpoints: Endpoints,
    /// Names that the mesh does not know may be called where the mesh lets them.
    pub(super) passes_unknown: bool,
    pub(super) events: Option<mpsc::Sender<Event>>,
    pub(super) draining: watch::Receiver<bool>,
    rules: RefCell<Rc<Rules>>,
}

/// What a call is made by.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) outgoing: Rc<Outgoing>,
    pub(super) credentials: Rc<Credentials>,
    known: RefCell<HashMap<Key, Rc<Upstream>>>,
    /// Whose turn it is, for each service and port.
    turns: RefCell<HashMap<(String, u16), usize>>,
}

type Key = (String, u16, String, u16, bool, Option<String>);

/// What a host and a port turned out to be.
pub(super) enum Target {
    Service(Called),
    /// Nothing that the mesh knows, and it may be called all the same.
    Unknown(String, u16),
}

/// Why a call is not even tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotTried {
    pub(super) status: u16,
    /// The body of the answer.
    pub(super) text: String,
    /// Why, for whoever looks on.
    pub(super) why: String,
}

impl Rules {
    fn new(outgoing: Rc<Outgoing>, credentials: Rc<Credentials>) -> Rc<Self> {
        Rc::new(Self { outgoing, credentials, known: RefCell::default(), turns: RefCell::default() })
    }
}

impl Shared {
    pub(super) fn new(
        options: crate::proxy::outbound::OutboundOptions,
        outgoing: Outgoing,
        credentials: Credentials,
        events: Option<mpsc::Sender<Event>>,
        draining: watch::Receiver<bool>,
    ) -> Self {
        Self {
            caller: options.caller.into(),
            limits: options.limits,
            request_ids: RequestIds::default(),
            message: RefCell::default(),
            connections: Count::default(),
            endpoints: options.endpoints,
            passes_unknown: options.passes_unknown,
            events,
            draining,
            rules: RefCell::new(Rules::new(Rc::new(outgoing), Rc::new(credentials))),
        }
    }

    pub(super) fn rules(&self) -> Rc<Rules> {
        Rc::clone(&self.rules.borrow())
    }

    pub(super) fn replace_outgoing(&self, outgoing: Outgoing) {
        let credentials = Rc::clone(&self.rules().credentials);
        *self.rules.borrow_mut() = Rules::new(Rc::new(outgoing), credentials);
    }

    pub(super) fn replace_credentials(&self, credentials: Credentials) {
        let outgoing = Rc::clone(&self.rules().outgoing);
        *self.rules.borrow_mut() = Rules::new(outgoing, Rc::new(credentials));
    }

    pub(super) fn draining(&self) -> Draining {
        Draining::of(self.draining.clone())
    }

    /// Tells of a call, and waits until there is room for it.
    pub(super) async fn tell(&self, call: Call) {
        if let Some(events) = &self.events {
            // Nobody listens any more only when the program ends.
            let _ = events.send(Event::Called(Box::new(call))).await;
        }
    }

    /// Tells something that is not a call.
    pub(super) async fn notice(&self, text: String) {
        if let Some(events) = &self.events {
            // As above.
            let _ = events.send(Event::Notice(text)).await;
        }
    }

    /// A call as it begins.
    pub(super) fn call(&self, client: SocketAddr, request: Option<String>, host: &str, port: u16) -> Call {
        Call {
            at: Timestamp::now(),
            caller: Rc::clone(&self.caller),
            client,
            request,
            host: host.to_owned(),
            port,
            to: None,
            client_tls: "",
            outcome: CallOutcome::Carried,
        }
    }

    /// What a host means at a port.
    pub(super) fn find(&self, rules: &Rules, host: &str, port: u16) -> Result<Target, NotTried> {
        let why = match rules.outgoing.find(host, port) {
            Ok(called) => return Ok(Target::Service(called)),
            Err(NotCalled::NoEndpoint) => {
                let why = "no workload of the manifests answers for it".to_owned();
                return Err(NotTried { status: 503, text: NO_ENDPOINT.to_owned(), why });
            }
            Err(NotCalled::Ambiguous(why)) => {
                return Err(NotTried { status: 503, text: format!("the proxy cannot tell: {why}"), why });
            }
            Err(NotCalled::Unknown) if !rules.outgoing.lets_unknown_out() => {
                "the mesh knows no such service, and is REGISTRY_ONLY"
            }
            Err(NotCalled::Unknown) if self.passes_unknown => return Ok(Target::Unknown(host.to_owned(), port)),
            Err(NotCalled::Unknown) => "the mesh knows no such service; `--passthrough` would call it on the network",
        };
        Err(NotTried { status: 502, text: String::new(), why: why.to_owned() })
    }
}

impl Rules {
    /// Every place that can be called, beginning with the one whose turn it is.
    pub(super) fn upstreams(
        &self,
        shared: &Shared,
        target: &Target,
        protocol: ApplicationProtocol,
        host: Option<&str>,
    ) -> Result<Vec<Rc<Upstream>>, NotTried> {
        let called = match target {
            Target::Service(called) => called,
            Target::Unknown(host, port) => {
                let address = Address::Named(host.trim_matches(['[', ']']).to_owned(), *port);
                return Ok(vec![Rc::new(Upstream::new(None, address, None, Rc::clone(&self.credentials)))]);
            }
        };
        let mesh = self.outgoing.mesh();
        let mut here = Vec::new();
        let mut elsewhere = Vec::new();
        for destination in &called.destinations {
            let name = mesh.workload(destination.workload).map(Workload::display_name).unwrap_or_default();
            match shared.endpoints.get(&(name.clone(), destination.port)) {
                Some(address) => here.push((name, *address, destination)),
                None => elsewhere.push(format!("{name}:{}", destination.port)),
            }
        }
        if here.is_empty() {
            let why = format!("{} is not served here, nor named with `--endpoint`", elsewhere.join(", "));
            return Err(NotTried { status: 503, text: NO_ENDPOINT.to_owned(), why });
        }
        let turn = {
            let mut turns = self.turns.borrow_mut();
            let turn = turns.entry((called.host.clone(), called.port)).or_default();
            *turn += 1;
            *turn - 1
        };
        let first = turn % here.len();
        here.rotate_left(first);
        here.into_iter().map(|(name, address, to)| self.upstream(called, (name, address), to, protocol, host)).collect()
    }

    fn upstream(
        &self,
        called: &Called,
        (name, address): (String, SocketAddr),
        to: &Destination,
        protocol: ApplicationProtocol,
        host: Option<&str>,
    ) -> Result<Rc<Upstream>, NotTried> {
        let is_http = protocol == ApplicationProtocol::Http;
        let key = (called.host.clone(), called.port, name.clone(), to.port, is_http, host.map(str::to_owned));
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let unknown = |why: String| NotTried { status: 503, text: format!("the proxy cannot tell: {why}"), why };
        let emission = self.outgoing.emission(to, protocol, host).map_err(unknown)?;
        if emission.certificate == Certificate::Unknown {
            return Err(unknown("what the client certificate of the DestinationRule holds is not known".to_owned()));
        }
        if emission.trust == Trust::Unknown {
            return Err(unknown("what the authority of the DestinationRule holds is not known".to_owned()));
        }
        let workload = Some((Rc::from(name), to.port));
        let upstream = Rc::new(Upstream::new(workload, Address::At(address), Some(emission), Rc::clone(&self.credentials)));
        let mut known = self.known.borrow_mut();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key, Rc::clone(&upstream));
        Ok(upstream)
    }
}

impl Target {
    /// How the port is read.
    pub(super) fn class(&self) -> PortClass {
        match self {
            Self::Service(called) => called.protocol.class(),
            Self::Unknown(..) => PortClass::Auto,
        }
    }

    /// Whether the server is spoken to in HTTP/2, when the client speaks it or not.
    pub(super) fn takes_http2(&self, client_does: bool) -> bool {
        match self {
            Self::Service(called) => called.protocol.is_http2() || (client_does && called.protocol.class() == PortClass::Auto),
            Self::Unknown(..) => client_does,
        }
    }
}

impl From<&Failure> for CallOutcome {
    fn from(failure: &Failure) -> Self {
        Self::Failed { status: Some(failure.status), why: failure.detail.clone() }
    }
}
