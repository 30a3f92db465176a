//! Listeners, what their connections share, and how it is replaced and ended.

use std::cell::Cell;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::sync::watch;

use crate::diag::SourceMap;
use crate::proxy::Application;
use crate::proxy::Call;
use crate::proxy::Counters;
use crate::proxy::Credentials;
use crate::proxy::Limits;
use crate::proxy::ProviderAddress;
use crate::proxy::acceptor::Acceptor;
use crate::proxy::acceptor::Count;
use crate::proxy::acceptor::Takes;
use crate::proxy::application::Behind;
use crate::proxy::connection;
use crate::proxy::counters::Place;
use crate::proxy::ext_authz::Check;
use crate::proxy::ext_authz::Providers;
use crate::proxy::mutual_tls::Terms;
use crate::proxy::record::ConnectionFacts;
use crate::proxy::record::Record;
use crate::proxy::record::RequestFacts;
use crate::proxy::request_id::RequestIds;
use crate::simulate::Asking;
use crate::simulate::Decision;
use crate::simulate::Desk;
use crate::simulate::Detail;
use crate::simulate::Enforcer;
use crate::simulate::LiveRoute;
use crate::simulate::Observed;
use crate::simulate::scenario::ExtAuthzAnswer;

/// What is enforced, with the texts that it was read from.
#[derive(Debug)]
pub struct Rules {
    /// What the workload enforces.
    pub enforcer: Rc<Enforcer>,
    /// Where its rules stand.
    pub sources: SourceMap,
}

/// How a workload is served.
#[derive(Debug)]
pub struct Options {
    /// `namespace/name`, for what is told.
    pub workload: String,
    /// The workload's address in the mesh, where it is known: rules on addresses mean that one.
    pub workload_address: Option<IpAddr>,
    /// Its ports.
    pub ports: Vec<PortOptions>,
    /// What one client may take.
    pub limits: Limits,
    /// Connections begin with a PROXY header that tells the addresses.
    pub expects_proxy_header: bool,
    /// HTTP/1.0 is taken.
    pub takes_http10: bool,
    /// How much of the reasons is told.
    pub detail: Detail,
    /// Where connections and requests are counted, when somebody may ask.
    pub counters: Option<Rc<Counters>>,
    /// What is told of a request beside what always is.
    pub kept: Kept,
    /// Where external authorization providers are.
    pub providers: BTreeMap<String, ProviderAddress>,
}

/// What is kept of requests only where it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Names of headers, in lower case.
    pub headers: Vec<String>,
    /// The claims of verified tokens.
    pub claims: bool,
}

/// One port of the workload.
#[derive(Debug, Clone, Copy)]
pub struct PortOptions {
    /// The workload's port.
    pub number: u16,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Listen on any other port when that one is taken.
    pub or_elsewhere: bool,
    /// What answers.
    pub application: Application,
}

/// What happens while serving.
#[derive(Debug)]
pub enum Event {
    /// A decision was carried out.
    Decided(Box<Record>),
    /// A caller called.
    Called(Box<Call>),
    /// Something that is not a decision, in words.
    Notice(String),
}

/// A port that is listened on.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) number: u16,
    pub(super) address: SocketAddr,
    pub(super) behind: Behind,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Inner {
    rules: RefCell<Rc<Rules>>,
    credentials: RefCell<Rc<Credentials>>,
    /// Made of both when first needed.
    terms: RefCell<Option<Rc<Terms>>>,
    events: Option<mpsc::Sender<Event>>,
    draining: watch::Receiver<bool>,
    connections: Count,
    last_id: Cell<u64>,
    pub(super) request_ids: RequestIds,
    pub(super) desk: RefCell<Desk>,
    pub(super) workload: Rc<str>,
    pub(super) workload_address: Option<IpAddr>,
    pub(super) limits: Limits,
    pub(super) expects_proxy_header: bool,
    pub(super) takes_http10: bool,
    pub(super) detail: Cell<Detail>,
    pub(super) counters: Option<Rc<Counters>>,
    pub(super) kept: Kept,
    pub(super) providers: Providers,
}

/// A connection under the rules it is judged by.
#[derive(Debug)]
pub(super) struct Ruled {
    pub(super) rules: Rc<Rules>,
    pub(super) route: LiveRoute,
}

impl Ruled {
    /// The answer to the connection itself.
    pub(super) fn decide(&self, inner: &Inner, asking: &Asking) -> Decision {
        self.route.decide_asking(None, Timestamp::now(), inner.detail.get(), Some(asking), &mut inner.desk.borrow_mut())
    }
}

/// Notices when the end begins, once.
pub(super) struct Draining(watch::Receiver<bool>, bool);

impl Draining {
    pub(super) fn of(begun: watch::Receiver<bool>) -> Self {
        Self(begun, false)
    }

    /// Returns when the end begins, and never a second time.
    pub(super) async fn begun(&mut self) {
        if !self.1 && self.0.wait_for(|begun| *begun).await.is_ok() {
            self.1 = true;
            return;
        }
        std::future::pending::<()>().await;
    }
}

impl Inner {
    pub(super) fn rules(&self) -> Rc<Rules> {
        Rc::clone(&self.rules.borrow())
    }

    pub(super) fn credentials(&self) -> Rc<Credentials> {
        Rc::clone(&self.credentials.borrow())
    }

    /// How mutual TLS ends here as rules and credentials are now.
    pub(super) fn terms(&self) -> Rc<Terms> {
        let mut terms = self.terms.borrow_mut();
        Rc::clone(terms.get_or_insert_with(|| Rc::new(Terms::new(self.credentials(), &self.rules().enforcer))))
    }

    pub(super) fn draining(&self) -> Draining {
        Draining::of(self.draining.clone())
    }

    pub(super) fn next_id(&self) -> u64 {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        id
    }

    /// Whether anybody listens to what is told.
    pub(super) fn is_heard(&self) -> bool {
        self.events.is_some()
    }

    /// A connection under the rules as they are now.
    pub(super) fn ruled(&self, observed: &Observed) -> Rc<Ruled> {
        let rules = self.rules();
        Rc::new(Ruled { route: rules.enforcer.route(observed), rules })
    }

    /// What is shown to a provider of the connection.
    pub(super) fn check(&self, facts: &ConnectionFacts) -> Check {
        let own = self.credentials.borrow().identity().to_string();
        let is_mutual = facts.tls_version.is_some();
        Check {
            request: None,
            source: Some(facts.source),
            destination: Some(facts.destination),
            source_principal: facts.peer.first().cloned(),
            destination_principal: is_mutual.then_some(own),
        }
    }

    /// Tells a decision, and waits until there is room for it.
    pub(super) async fn tell(
        &self,
        connection: &Rc<ConnectionFacts>,
        request: Option<RequestFacts>,
        decision: Decision,
        under: &Ruled,
        providers: Vec<(String, ExtAuthzAnswer)>,
    ) {
        let Some(events) = &self.events else { return };
        let rules = Rc::clone(&under.rules);
        let (at, connection) = (Timestamp::now(), Rc::clone(connection));
        let record = Record { at, connection, request, decision, providers, rules };
        // Nobody listens any more only when the program ends.
        let _ = events.send(Event::Decided(Box::new(record))).await;
    }

    /// Tells something that is not a decision.
    pub(super) async fn notice(&self, text: String) {
        if let Some(events) = &self.events {
            // As above.
            let _ = events.send(Event::Notice(text)).await;
        }
    }
}

/// What is served, as it is now.
#[derive(Debug, Clone)]
pub struct Glance {
    inner: Rc<Inner>,
    addresses: Vec<(u16, SocketAddr)>,
}

impl Glance {
    /// `namespace/name` of the workload.
    #[must_use]
    pub fn workload(&self) -> &str {
        &self.inner.workload
    }

    /// The rules that hold.
    #[must_use]
    pub fn rules(&self) -> Rc<Rules> {
        self.inner.rules()
    }

    /// The credentials that are used.
    #[must_use]
    pub fn credentials(&self) -> Rc<Credentials> {
        self.inner.credentials()
    }

    /// Each port of the workload with the address where it is served.
    #[must_use]
    pub fn addresses(&self) -> &[(u16, SocketAddr)] {
        &self.addresses
    }

    /// Where a connection to a port is said to go, when connections begin with a PROXY header.
    #[must_use]
    pub fn announced(&self, port: u16) -> Option<SocketAddr> {
        let (_, address) = self.addresses.iter().find(|(own, _)| *own == port)?;
        let address = self.inner.workload_address.unwrap_or(address.ip());
        self.inner.expects_proxy_header.then(|| SocketAddr::new(address, port))
    }

    /// Connections at the moment.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.inner.connections.get()
    }

    /// From the next request on so much of the reasons is told.
    pub fn tell_in(&self, detail: Detail) {
        self.inner.detail.set(detail);
    }
}

/// A workload that is served.
#[derive(Debug)]
pub struct Server {
    inner: Rc<Inner>,
    addresses: Vec<(u16, SocketAddr)>,
    acceptor: Acceptor,
}

impl Server {
    /// Listens on every port. To be called on a runtime whose tasks stay on this thread.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn start(
        options: Options,
        rules: Rules,
        credentials: Credentials,
        events: Option<mpsc::Sender<Event>>,
    ) -> Result<Self, (SocketAddr, io::Error)> {
        let (drain, draining) = watch::channel(false);
        let inner = Rc::new(Inner {
            rules: RefCell::new(Rc::new(rules)),
            credentials: RefCell::new(Rc::new(credentials)),
            terms: RefCell::default(),
            events,
            draining,
            connections: Count::default(),
            last_id: Cell::new(0),
            request_ids: RequestIds::default(),
            desk: RefCell::default(),
            workload: options.workload.into(),
            workload_address: options.workload_address,
            limits: options.limits,
            expects_proxy_header: options.expects_proxy_header,
            takes_http10: options.takes_http10,
            detail: Cell::new(options.detail),
            counters: options.counters,
            kept: options.kept,
            providers: Providers::new(&options.providers),
        });
        let mut bound = Vec::new();
        for port in options.ports {
            let listener = bind(&port).await.map_err(|error| (port.listen, error))?;
            let address = listener.local_addr().map_err(|error| (port.listen, error))?;
            let behind = Behind::new(port.application);
            bound.push((listener, Rc::new(Port { number: port.number, address, behind })));
        }
        let addresses = bound.iter().map(|(_, port)| (port.number, port.address)).collect();
        let mut acceptor = Acceptor::new(drain);
        for (listener, port) in bound {
            acceptor.listen(listener, Taker { inner: Rc::clone(&inner), port });
        }
        Ok(Self { inner, addresses, acceptor })
    }

    /// Each port of the workload with the address where it is served.
    #[must_use]
    pub fn addresses(&self) -> &[(u16, SocketAddr)] {
        &self.addresses
    }

    /// From the next request on these rules hold.
    pub fn replace_rules(&self, rules: Rules) {
        *self.inner.rules.borrow_mut() = Rc::new(rules);
        *self.inner.terms.borrow_mut() = None;
    }

    /// From the next handshake on these credentials are used.
    pub fn replace_credentials(&self, credentials: Credentials) {
        *self.inner.credentials.borrow_mut() = Rc::new(credentials);
        *self.inner.terms.borrow_mut() = None;
    }

    /// The credentials that are used now.
    #[must_use]
    pub fn credentials(&self) -> Rc<Credentials> {
        self.inner.credentials()
    }

    /// Connections at the moment.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.inner.connections.get()
    }

    /// A look at it that outlives what it is looked at from.
    #[must_use]
    pub fn glance(&self) -> Glance {
        Glance { inner: Rc::clone(&self.inner), addresses: self.addresses.clone() }
    }

    /// Takes no more connections, lets the requests under way end, and after this time ends what is left. Returns how many that were.
    pub async fn drain(self, patience: Duration) -> usize {
        self.acceptor.drain(patience).await
    }
}

async fn bind(port: &PortOptions) -> io::Result<TcpListener> {
    match TcpListener::bind(port.listen).await {
        Err(error) if port.or_elsewhere && error.kind() == io::ErrorKind::AddrInUse => {
            TcpListener::bind(SocketAddr::new(port.listen.ip(), 0)).await
        }
        other => other,
    }
}

/// Whoever takes connections to one port.
struct Taker {
    inner: Rc<Inner>,
    port: Rc<Port>,
}

impl Takes for Taker {
    fn most(&self) -> usize {
        self.inner.limits.connections
    }

    fn count(&self) -> &Count {
        &self.inner.connections
    }

    fn notice(&self, text: String) -> impl Future<Output = ()> {
        self.inner.notice(text)
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + 'static {
        let (inner, port) = (Rc::clone(&self.inner), Rc::clone(&self.port));
        async move {
            let counters = inner.counters.clone();
            let place = Place { workload: Rc::clone(&inner.workload), port: port.number };
            let _open = counters.as_ref().map(|counters| counters.connection(place));
            connection::serve(inner, port, stream, peer).await;
        }
    }
}
