//! One place that is called, and the connections to it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::proxy::Credentials;
use crate::proxy::application::OnThisThread;
use crate::proxy::body::Carried;
use crate::proxy::outbound::failure::Failure;
use crate::proxy::outbound::server_check;
use crate::proxy::outbound::server_check::Purpose;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::Emission;

/// How long a connection may take, as the clusters of istiod have it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A stream with or without TLS.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Wire for S {}

/// Where a place is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// At this address.
    At(SocketAddr),
    /// Wherever the machine's own resolver finds this name, at this port.
    Named(String, u16),
}

/// One place that is called.
#[derive(Debug)]
pub(super) struct Upstream {
    /// `namespace/name` of the workload, and its port; `None` outside the mesh.
    pub(super) workload: Option<(Rc<str>, u16)>,
    pub(super) address: Address,
    /// What goes on the wire; `None` for plain bytes that no rule is about.
    pub(super) emission: Option<Emission>,
    pub(super) credentials: Rc<Credentials>,
    http1: RefCell<Vec<http1::SendRequest<Carried>>>,
    http2: RefCell<Option<http2::SendRequest<Carried>>>,
}

/// A connection that takes one request.
pub(super) struct Sender {
    version: Version,
    /// It carried requests before, and may have ended since.
    is_used: bool,
}

enum Version {
    Http1(http1::SendRequest<Carried>),
    Http2(http2::SendRequest<Carried>),
}

impl Upstream {
    pub(super) fn new(
        workload: Option<(Rc<str>, u16)>,
        address: Address,
        emission: Option<Emission>,
        credentials: Rc<Credentials>,
    ) -> Self {
        Self { workload, address, emission, credentials, http1: RefCell::default(), http2: RefCell::default() }
    }

    /// What goes on the wire, in a word.
    pub(super) fn client_tls(&self) -> &'static str {
        self.emission.as_ref().map_or(ClientTls::Plaintext, |emission| emission.tls).as_str()
    }

    /// A new connection, with a server that was checked.
    pub(super) async fn connect(&self, purpose: Purpose) -> Result<Box<dyn Wire>, Failure> {
        let connecting = async {
            match &self.address {
                Address::At(address) => TcpStream::connect(address).await,
                Address::Named(host, port) => TcpStream::connect((host.as_str(), *port)).await,
            }
        };
        let within = timeout(CONNECT_TIMEOUT, async {
            let stream = connecting.await.map_err(|error| Failure::unreachable(&error))?;
            // What is small is not held back; without it everything still arrives.
            let _ = stream.set_nodelay(true);
            let wire: Box<dyn Wire> = match self.emission.as_ref().filter(|emission| emission.tls != ClientTls::Plaintext) {
                None => Box::new(stream),
                Some(emission) => {
                    let (config, name, refused) = server_check::configuration(emission, purpose, &self.credentials)
                        .map_err(|error| Failure::handshake(&std::io::Error::other(error)))?;
                    match TlsConnector::from(config).connect(name, stream).await {
                        Ok(stream) => Box::new(stream),
                        Err(error) => {
                            return Err(refused.take().map_or_else(|| Failure::handshake(&error), Failure::refused));
                        }
                    }
                }
            };
            Ok(wire)
        });
        within.await.map_err(|_| Failure::timeout())?
    }

    /// A connection for one request: one that is there, or a new one.
    pub(super) async fn sender(&self, http2: bool) -> Result<Sender, Failure> {
        if http2 {
            let known = self.http2.borrow().clone().filter(|sender| !sender.is_closed());
            if let Some(sender) = known {
                return Ok(Sender { version: Version::Http2(sender), is_used: true });
            }
            let stream = self.connect(Purpose::Http2).await?;
            let handshake = http2::Builder::new(OnThisThread).handshake(TokioIo::new(stream));
            let (sender, connection) = handshake.await.map_err(|error| Failure::ended(&error))?;
            spawn_local(connection);
            *self.http2.borrow_mut() = Some(sender.clone());
            return Ok(Sender { version: Version::Http2(sender), is_used: false });
        }
        let ready = {
            let mut senders = self.http1.borrow_mut();
            senders.retain(|sender| !sender.is_closed());
            senders.iter().position(http1::SendRequest::is_ready).map(|position| senders.swap_remove(position))
        };
        if let Some(sender) = ready {
            return Ok(Sender { version: Version::Http1(sender), is_used: true });
        }
        let stream = self.connect(Purpose::Http1).await?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| Failure::ended(&error))?;
        // How it ends is seen by the request that is on it.
        spawn_local(connection.with_upgrades());
        Ok(Sender { version: Version::Http1(sender), is_used: false })
    }

    /// Sends a request. One that could not be written comes back when the server may only have closed a connection that was there.
    pub(super) async fn send(
        &self,
        Sender { version, is_used }: Sender,
        request: Request<Carried>,
    ) -> Result<Response<Incoming>, (Failure, Option<Request<Carried>>)> {
        let sent = match version {
            Version::Http1(mut sender) => {
                let sent = sender.try_send_request(request).await;
                if sent.is_ok() {
                    self.http1.borrow_mut().push(sender);
                }
                sent
            }
            Version::Http2(mut sender) => sender.try_send_request(request).await,
        };
        sent.map_err(|mut error| {
            let unsent = error.take_message().filter(|_| is_used);
            (Failure::ended(error.error()), unsent)
        })
    }
}
