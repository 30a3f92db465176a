//! The caller's listener, and how it is replaced and ended.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::proxy::Credentials;
use crate::proxy::Event;
use crate::proxy::Limits;
use crate::proxy::acceptor::Acceptor;
use crate::proxy::acceptor::Count;
use crate::proxy::acceptor::Takes;
use crate::proxy::outbound::CallOutcome;
use crate::proxy::outbound::Endpoints;
use crate::proxy::outbound::http;
use crate::proxy::outbound::shared::NotTried;
use crate::proxy::outbound::shared::Shared;
use crate::proxy::outbound::socks;
use crate::proxy::outbound::socks::Answer;
use crate::proxy::outbound::tunnel;
use crate::proxy::prefixed::Prefixed;
use crate::simulate::Outgoing;

/// How a caller's calls are taken.
#[derive(Debug)]
pub struct OutboundOptions {
    /// `namespace/name` of the caller, for what is told.
    pub caller: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the ports of workloads really are.
    pub endpoints: Endpoints,
    /// Names that the mesh does not know may be called where the mesh lets them.
    pub passes_unknown: bool,
    /// What one client may take.
    pub limits: Limits,
}

/// A caller whose calls are taken.
#[derive(Debug)]
pub struct Outbound {
    shared: Rc<Shared>,
    address: SocketAddr,
    acceptor: Acceptor,
}

impl Outbound {
    /// Listens. To be called on a runtime whose tasks stay on this thread.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(
        options: OutboundOptions,
        outgoing: Outgoing,
        credentials: Credentials,
        events: Option<mpsc::Sender<Event>>,
    ) -> Result<Self, (SocketAddr, io::Error)> {
        let listen = options.listen;
        let listener = TcpListener::bind(listen).await.map_err(|error| (listen, error))?;
        let address = listener.local_addr().map_err(|error| (listen, error))?;
        let (drain, draining) = watch::channel(false);
        let shared = Rc::new(Shared::new(options, outgoing, credentials, events, draining));
        let mut acceptor = Acceptor::new(drain);
        acceptor.listen(listener, Taker(Rc::clone(&shared)));
        Ok(Self { shared, address, acceptor })
    }

    /// Whose calls are taken.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.shared.caller
    }

    /// Whether there is anything that can be called.
    #[must_use]
    pub fn reaches_anything(&self) -> bool {
        self.shared.passes_unknown || !self.shared.endpoints.is_empty()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From the next call on this mesh and caller count.
    pub fn replace_outgoing(&self, outgoing: Outgoing) {
        self.shared.replace_outgoing(outgoing);
    }

    /// From the next call on these credentials are used.
    pub fn replace_credentials(&self, credentials: Credentials) {
        self.shared.replace_credentials(credentials);
    }

    /// The credentials that are used now.
    #[must_use]
    pub fn credentials(&self) -> Rc<Credentials> {
        Rc::clone(&self.shared.rules().credentials)
    }

    /// Connections at the moment.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.get()
    }

    /// Takes no more connections, lets the calls under way end, and after this time ends what is left. Returns how many that were.
    pub async fn drain(self, patience: Duration) -> usize {
        self.acceptor.drain(patience).await
    }
}

/// Whoever takes a caller's connections.
struct Taker(Rc<Shared>);

impl Takes for Taker {
    fn most(&self) -> usize {
        self.0.limits.connections
    }

    fn count(&self) -> &Count {
        &self.0.connections
    }

    fn notice(&self, text: String) -> impl Future<Output = ()> {
        self.0.notice(text)
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + 'static {
        serve(Rc::clone(&self.0), stream, peer)
    }
}

async fn serve(shared: Rc<Shared>, stream: TcpStream, client: SocketAddr) {
    // What is small is not held back; without it everything still arrives.
    let _ = stream.set_nodelay(true);
    let idle = shared.limits.idle;
    let mut stream = Prefixed::new(BytesMut::new(), stream);
    let Ok(Ok(1..)) = timeout(idle, stream.read_more()).await else { return };
    if stream.prefix().first() != Some(&socks::VERSION) {
        return http::serve(shared, stream, client, None).await;
    }
    let Ok(Ok(Some((host, port)))) = timeout(idle, socks::read(&mut stream)).await else { return };
    let rules = shared.rules();
    match shared.find(&rules, &host, port) {
        Ok(target) => {
            if socks::answer(&mut stream, Answer::Granted).await.is_ok() {
                tunnel::carry(shared, stream, client, (host, port), target).await;
            }
        }
        Err(NotTried { status, why, .. }) => {
            let mut call = shared.call(client, None, &host, port);
            call.outcome = CallOutcome::Failed { status: None, why };
            shared.tell(call).await;
            let refusal = if status == 502 { Answer::NotAllowed } else { Answer::HostUnreachable };
            // The client may be gone.
            let _ = socks::answer(&mut stream, refusal).await;
        }
    }
}
