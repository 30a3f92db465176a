//! The application behind the proxy, and the connections to it.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::client::conn::http2;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;

use crate::proxy::body::Carried;

/// How long a connection to the application may take, as the clusters of istiod have it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What answers for the workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// The proxy itself: it tells what it received.
    Echo,
    /// Whatever listens here.
    At(SocketAddr),
}

/// Why the application gave no answer, in Envoy's words.
#[derive(Debug)]
pub(super) enum Failure {
    /// It cannot be reached.
    Connect(io::Error),
    /// It takes too long to be reached.
    ConnectTimeout,
    /// It ended the connection before it answered.
    Reset,
    /// Its answer is no HTTP.
    Protocol,
}

impl Failure {
    /// Envoy's status.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Connect(_) | Self::ConnectTimeout | Self::Reset => 503,
            Self::Protocol => 502,
        }
    }

    /// Envoy's flag in access logs and metrics.
    pub(super) fn flag(&self) -> &'static str {
        match self {
            Self::Connect(_) | Self::ConnectTimeout => "UF",
            Self::Reset => "UC",
            Self::Protocol => "UPE",
        }
    }

    /// Envoy's body, which hides why a connection did not come about.
    pub(super) fn text(&self) -> String {
        let reason = match self {
            Self::Connect(_) => "remote connection failure",
            Self::ConnectTimeout => "connection timeout",
            Self::Reset => "connection termination",
            Self::Protocol => "protocol error",
        };
        format!("upstream connect error or disconnect/reset before headers. reset reason: {reason}")
    }

    /// Why, for whoever looks on.
    pub(super) fn cause(&self) -> String {
        match self {
            Self::Connect(error) => format!("the application cannot be reached: {error}"),
            Self::ConnectTimeout | Self::Reset | Self::Protocol => self.text(),
        }
    }
}

/// Connections to the application of one port that are used again.
#[derive(Debug)]
pub(super) struct Connections {
    address: SocketAddr,
    http1: RefCell<Vec<http1::SendRequest<Carried>>>,
    http2: RefCell<Option<http2::SendRequest<Carried>>>,
}

/// hyper's tasks run on this thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct OnThisThread;

impl<F: Future + 'static> hyper::rt::Executor<F> for OnThisThread {
    fn execute(&self, future: F) {
        spawn_local(async move {
            future.await;
        });
    }
}

impl Connections {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, http1: RefCell::default(), http2: RefCell::default() }
    }

    /// A connection for bytes.
    pub(super) async fn connect(&self) -> Result<TcpStream, Failure> {
        let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(self.address))
            .await
            .map_err(|_| Failure::ConnectTimeout)?
            .map_err(Failure::Connect)?;
        // What is small is not held back; without it everything still arrives.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// Sends a request over HTTP/1.1.
    pub(super) async fn send_http1(&self, mut request: Request<Carried>) -> Result<Response<Incoming>, Failure> {
        while let Some(mut sender) = self.ready() {
            match sender.try_send_request(request).await {
                Ok(response) => {
                    self.http1.borrow_mut().push(sender);
                    return Ok(response);
                }
                Err(mut error) => match error.take_message() {
                    // The application had closed the connection before anything was written.
                    Some(unsent) => request = unsent,
                    None => return Err(failure(error.error())),
                },
            }
        }
        let stream = self.connect().await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| failure(&error))?;
        // How it ends is seen by the request that is on it.
        spawn_local(connection.with_upgrades());
        let response = sender.send_request(request).await.map_err(|error| failure(&error))?;
        self.http1.borrow_mut().push(sender);
        Ok(response)
    }

    /// The connection that was used last of those that are free: it is the least likely to have been closed meanwhile.
    fn ready(&self) -> Option<http1::SendRequest<Carried>> {
        let mut senders = self.http1.borrow_mut();
        for position in (0..senders.len()).rev() {
            let sender = senders.get(position)?;
            if sender.is_ready() {
                return Some(senders.remove(position));
            }
            if sender.is_closed() {
                senders.remove(position);
            }
        }
        None
    }

    /// Sends a request over HTTP/2 with prior knowledge.
    pub(super) async fn send_http2(&self, request: Request<Carried>) -> Result<Response<Incoming>, Failure> {
        let known = self.http2.borrow().clone().filter(|sender| !sender.is_closed());
        let mut sender = if let Some(sender) = known {
            sender
        } else {
            let stream = self.connect().await?;
            let handshake = http2::Builder::new(OnThisThread).handshake(TokioIo::new(stream));
            let (sender, connection) = handshake.await.map_err(|error| failure(&error))?;
            spawn_local(connection);
            *self.http2.borrow_mut() = Some(sender.clone());
            sender
        };
        sender.send_request(request).await.map_err(|error| failure(&error))
    }
}

fn failure(error: &hyper::Error) -> Failure {
    if error.is_parse() { Failure::Protocol } else { Failure::Reset }
}

/// What stands behind a port.
#[derive(Debug, Clone)]
pub(super) enum Behind {
    Echo,
    Connections(Rc<Connections>),
}

impl Behind {
    pub(super) fn new(application: Application) -> Self {
        match application {
            Application::Echo => Self::Echo,
            Application::At(address) => Self::Connections(Rc::new(Connections::new(address))),
        }
    }
}
