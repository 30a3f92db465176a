//! One connection from its first byte to its last: what arrives, which chain takes it, TLS, then HTTP or bytes.

use std::cell::RefCell;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use bytes::BytesMut;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use rustls::server::Accepted;
use rustls::server::Acceptor;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio::time::sleep_until;
use tokio::time::timeout;
use tokio_rustls::StartHandshake;

use crate::manifest::kinds::MutualTlsMode;
use crate::mesh::PortClass;
use crate::mesh::Protocol;
use crate::proxy::application::OnThisThread;
use crate::proxy::counted;
use crate::proxy::frames::Frames;
use crate::proxy::frames::Watch;
use crate::proxy::http::HttpConnection;
use crate::proxy::http1::Guarded;
use crate::proxy::http1::Notes;
use crate::proxy::inspect;
use crate::proxy::inspect::Inspection;
use crate::proxy::inspect::PREFACE;
use crate::proxy::inspect::Seen;
use crate::proxy::lingering::Lingering;
use crate::proxy::mutual_tls;
use crate::proxy::prefixed::Prefixed;
use crate::proxy::proxy_header;
use crate::proxy::record::ConnectionFacts;
use crate::proxy::server::Inner;
use crate::proxy::server::Port;
use crate::proxy::tcp;
use crate::simulate::Asking;
use crate::simulate::Guard;
use crate::simulate::Observed;
use crate::simulate::Refusal;
use crate::simulate::connection::Alpn;
use crate::simulate::connection::Arrival;
use crate::simulate::connection::Chain;
use crate::simulate::connection::ClientTls;
use crate::simulate::connection::ConnectionVerdict;
use crate::simulate::connection::FailureKind;
use crate::simulate::connection::Reception;
use crate::simulate::connection::reception;
use crate::simulate::http::Version;
use crate::simulate::replay::Arrived;

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);
/// What is read of a connection at first: a hello, or a request's head, is rarely longer.
const FIRST_BYTES: usize = 4096;
/// Longest hello of a TLS client.
const LONGEST_HELLO: usize = 64 * 1024;
/// How long the other side of an idle HTTP/2 connection may take to hear that it ends.
const FAREWELL: Duration = Duration::from_secs(10);
/// What an HTTP/2 connection is known by.
const SIGN: &[u8] = b"PRI * HTTP/2";
/// Headers of a request that the library makes room for by itself.
const LIBRARY_HEADERS: usize = 100;
/// Longest head that the library reads by itself.
const LONGEST_LIBRARY_HEAD: usize = 400 * 1024;

/// A connection on its way through the chains of a port.
struct Arriving {
    inner: Rc<Inner>,
    port: Rc<Port>,
    guard: Guard,
    facts: ConnectionFacts,
}

/// Serves one connection to its end. The stages are boxed: what is large and short does not stay with a connection that is idle.
pub(super) async fn serve(inner: Rc<Inner>, port: Rc<Port>, mut stream: TcpStream, peer: SocketAddr) {
    // What is small is not held back; without it everything still arrives.
    let _ = stream.set_nodelay(true);
    let mut bytes = BytesMut::with_capacity(FIRST_BYTES);
    let local = stream.local_addr().unwrap_or(port.address);
    let destination = inner.workload_address.map_or(local, |address| SocketAddr::new(address, port.number));
    let (source, destination) = if inner.expects_proxy_header {
        match timeout(inner.limits.idle, proxy_header::read(&mut stream, &mut bytes)).await {
            Ok(Some(addresses)) => addresses,
            Ok(None) | Err(_) => {
                return inner.notice(format!("{peer}: the connection does not begin with a PROXY header")).await;
            }
        }
    } else {
        (peer, destination)
    };
    let guard = inner.rules().enforcer.guard(port.number);
    let facts = ConnectionFacts {
        id: inner.next_id(),
        workload: Rc::clone(&inner.workload),
        port: port.number,
        source,
        destination,
        arrived: Arrived::Unread,
        tls_version: None,
        sni: String::new(),
        alpn: None,
        peer_fingerprint: None,
        peer: Vec::new(),
    };
    Box::pin(Arriving { inner, port, guard, facts }.receive(stream, bytes)).await;
}

impl Arriving {
    async fn receive(mut self, mut stream: TcpStream, mut bytes: BytesMut) {
        let Guard { mode, class, .. } = self.guard;
        let looks_for_tls = mode != MutualTlsMode::Disable;
        let looks_for_http = class == PortClass::Auto && mode != MutualTlsMode::Strict;
        if !looks_for_tls && !looks_for_http {
            let chain = if class == PortClass::Tcp { Chain::Tcp } else { Chain::Http };
            return Box::pin(self.read_on(Prefixed::new(bytes, stream), chain, ClientTls::Plaintext, None)).await;
        }
        let idle = self.inner.limits.idle;
        let seen = loop {
            match inspect::inspect(&bytes, looks_for_http, self.inner.takes_http10) {
                Inspection::Known(seen) => break seen,
                Inspection::More => match timeout(idle, stream.read_buf(&mut bytes)).await {
                    Ok(Ok(1..)) => {}
                    // Nothing more comes: what is there is all there is.
                    Ok(Ok(0)) if !bytes.is_empty() => break Seen::Bytes,
                    Ok(Ok(_) | Err(_)) | Err(_) => return,
                },
            }
        };
        self.facts.arrived = match seen {
            Seen::Http => Arrived::Http,
            Seen::Bytes if looks_for_http => Arrived::Bytes,
            Seen::Bytes => Arrived::Plaintext,
            Seen::Tls => Arrived::Tls,
        };
        if seen != Seen::Tls || !looks_for_tls {
            return match reception(mode, class, seen.in_the_clear()) {
                Reception::Plaintext(chain) => {
                    Box::pin(self.read_on(Prefixed::new(bytes, stream), chain, ClientTls::Plaintext, None)).await;
                }
                Reception::Closed(kind, verdict) => {
                    self.refuse(Refusal { kind, verdict, defect: None }, ClientTls::Plaintext).await;
                }
                Reception::Terminates(_) | Reception::PassesTls => {}
            };
        }
        let accepted = match timeout(HANDSHAKE_TIMEOUT, hello(&mut stream, &mut bytes)).await {
            Ok(Ok(accepted)) => accepted,
            Ok(Err(error)) => return self.handshake_failed(&error).await,
            Err(_) => return,
        };
        let hello = accepted.client_hello();
        self.facts.sni = hello.server_name().unwrap_or_default().to_owned();
        let alpn = hello.alpn().map_or(Alpn::Foreign, Alpn::of_names);
        self.facts.arrived = alpn.into();
        match reception(mode, class, Arrival::Tls(alpn)) {
            Reception::Terminates(chain) => {
                drop(bytes);
                Box::pin(self.terminate(stream, accepted, chain, alpn)).await;
            }
            Reception::PassesTls => {
                Box::pin(self.read_on(Prefixed::new(bytes, stream), Chain::Tcp, ClientTls::Simple, None)).await;
            }
            Reception::Closed(kind, verdict) => self.refuse(Refusal { kind, verdict, defect: None }, ClientTls::Simple).await,
            Reception::Plaintext(_) => {}
        }
    }

    /// Ends TLS here, then reads on.
    async fn terminate(mut self, stream: TcpStream, accepted: Accepted, chain: Chain, alpn: Alpn) {
        let client_tls = if alpn == Alpn::Foreign { ClientTls::Mutual } else { ClientTls::IstioMutual };
        let terms = self.inner.terms();
        let configured = {
            let hello = accepted.client_hello();
            terms.configuration(chain == Chain::Http, |own| hello.alpn().into_iter().flatten().any(|offered| offered == own))
        };
        let configuration = match configured {
            Ok(configured) => configured,
            Err(error) => return self.inner.notice(format!("mutual TLS cannot be set up: {error}")).await,
        };
        let handshake = StartHandshake::from_parts(accepted, stream).into_stream(configuration);
        let stream = match timeout(HANDSHAKE_TIMEOUT, handshake).await {
            Ok(Ok(stream)) => Box::new(stream),
            Ok(Err(error)) if lacks_certificate(&error) => {
                let kind = FailureKind::ClientCertificateMissing;
                let refusal = Refusal { kind, verdict: ConnectionVerdict::MtlsRequired, defect: None };
                return self.refuse(refusal, ClientTls::Simple).await;
            }
            Ok(Err(error)) => match mutual_tls::refusal(&error) {
                Some(refusal) => return self.refuse(refusal, client_tls).await,
                None => return self.handshake_failed(&error).await,
            },
            Err(_) => return,
        };
        let session = stream.get_ref().1;
        // A handshake without a certificate is not let through by its verifier.
        let Some(caller) = session.peer_certificates().and_then(|chain| terms.caller(chain)) else { return };
        self.facts.tls_version = session.protocol_version().and_then(|version| version.as_str());
        self.facts.alpn = session.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        self.facts.peer.clone_from(&caller.names);
        self.facts.peer_fingerprint = Some(caller.fingerprint.clone());
        let forwarded = caller.forwarded.clone();
        Box::pin(self.read_on(Prefixed::new(BytesMut::new(), stream), chain, client_tls, Some(forwarded))).await;
    }

    async fn refuse(self, refusal: Refusal, client_tls: ClientTls) {
        let observed = self.observed(Err(refusal), client_tls, Version::Http1, None);
        let ruled = self.inner.ruled(&observed);
        let decision = ruled.decide(&self.inner, &Asking::default());
        self.inner.tell(&Rc::new(self.facts), None, decision, &ruled, Vec::new()).await;
    }

    async fn handshake_failed(&self, error: &io::Error) {
        let source = self.facts.source;
        self.inner.notice(format!("{source} -> {}:{}: TLS handshake: {error}", self.facts.workload, self.facts.port)).await;
    }

    fn observed(
        &self,
        chain: Result<Chain, Refusal>,
        client_tls: ClientTls,
        version: Version,
        forwarded_certificate: Option<String>,
    ) -> Observed {
        Observed {
            port: self.facts.port,
            source: self.facts.source.ip(),
            destination: self.facts.destination.ip(),
            client_tls,
            peer: self.facts.peer.clone(),
            sni: self.facts.sni.clone(),
            chain,
            version,
            forwarded_certificate,
        }
    }

    /// Reads a connection that is in the clear by now.
    async fn read_on<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        self,
        mut stream: Prefixed<S>,
        chain: Chain,
        client_tls: ClientTls,
        forwarded: Option<String>,
    ) {
        if chain != Chain::Http {
            let observed = self.observed(Ok(Chain::Tcp), client_tls, Version::Http1, None);
            let facts = Rc::new(self.facts);
            let _open = self.inner.counters.as_ref().map(|counters| counters.bytes(&facts));
            return Box::pin(tcp::carry(&self.inner, &facts, &observed, stream, &self.port.behind)).await;
        }
        let is_http2 = match self.facts.alpn.as_deref() {
            Some("h2") => true,
            Some(_) => false,
            None => match timeout(self.inner.limits.idle, begins_http2(&mut stream)).await {
                Ok(Some(is_http2)) => is_http2,
                Ok(None) | Err(_) => return,
            },
        };
        let version = if is_http2 { Version::Http2 } else { Version::Http1 };
        let observed = self.observed(Ok(Chain::Http), client_tls, version, forwarded);
        let ruled = self.inner.ruled(&observed);
        let protocol = self.guard.protocol;
        let http2_behind =
            protocol.is_http2() || (protocol == Protocol::Unset && self.guard.class == PortClass::Auto && is_http2);
        let facts = Rc::new(self.facts);
        let _open = self.inner.counters.as_ref().map(|counters| counters.http(&facts));
        let connection = Rc::new(HttpConnection {
            facts: Rc::clone(&facts),
            observed,
            ruled: RefCell::new(ruled),
            behind: self.port.behind.clone(),
            http2_behind,
            notes: Notes::default(),
            inner: Rc::clone(&self.inner),
        });
        if is_http2 {
            Box::pin(serve_http2(connection, stream)).await;
        } else {
            Box::pin(serve_http1(connection, stream)).await;
        }
    }
}

/// Whether HTTP/2 begins; `None` when nothing came, or what begins as HTTP/2 goes on otherwise.
pub(super) async fn begins_http2<S: AsyncRead + Unpin>(stream: &mut Prefixed<S>) -> Option<bool> {
    loop {
        let bytes = stream.prefix();
        let is_start = inspect::is_start_of(bytes, PREFACE);
        if bytes.len() >= SIGN.len() && bytes.starts_with(SIGN) {
            if !is_start || bytes.len() >= PREFACE.len() {
                return is_start.then_some(true);
            }
        } else if !is_start {
            return Some(false);
        }
        if stream.read_more().await.ok()? == 0 {
            return (!stream.prefix().is_empty()).then_some(false);
        }
    }
}

async fn serve_http1<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(connection: Rc<HttpConnection>, stream: Prefixed<S>) {
    let inner = Rc::clone(&connection.inner);
    let serving = Rc::clone(&connection);
    let service = service_fn(move |request| Box::pin(counted::answer(Rc::clone(&serving), request)));
    let limits = inner.limits;
    let guarded = Guarded::new(Lingering::new(stream), connection.notes.clone(), &limits, inner.takes_http10);
    let mut builder = http1::Builder::new();
    // The reader before it is the one that knows limits; another number than this one costs memory for each head.
    if limits.headers > LIBRARY_HEADERS {
        builder.max_headers(limits.headers);
    }
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle)
        .max_buf_size(LONGEST_LIBRARY_HEAD.max(2 * limits.head_bytes));
    let mut serve = std::pin::pin!(builder.serve_connection(TokioIo::new(guarded), service).with_upgrades());
    let mut draining = inner.draining();
    loop {
        tokio::select! {
            // How it ended was told where it was answered.
            _ = serve.as_mut() => break,
            () = draining.begun() => serve.as_mut().graceful_shutdown(),
        }
    }
    connection.tell_broken_body().await;
}

async fn serve_http2<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(connection: Rc<HttpConnection>, stream: Prefixed<S>) {
    let inner = Rc::clone(&connection.inner);
    let serving = Rc::clone(&connection);
    let service = service_fn(move |request| counted::answer(Rc::clone(&serving), request));
    let limits = inner.limits;
    let watch = Watch::new(Instant::now());
    let frames = Frames::new(Lingering::new(stream), watch.clone());
    let mut serve = std::pin::pin!(
        http2::Builder::new(OnThisThread)
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
            .serve_connection(TokioIo::new(frames), service)
    );
    let mut draining = inner.draining();
    let mut wake = watch.last_read() + limits.idle;
    let mut asked_to_end = None;
    let ended = loop {
        tokio::select! {
            ended = serve.as_mut() => break ended,
            () = draining.begun() => serve.as_mut().graceful_shutdown(),
            () = sleep_until(wake) => {
                let (now, last_read) = (Instant::now(), watch.last_read());
                match asked_to_end {
                    None if last_read + limits.idle > now => wake = last_read + limits.idle,
                    // Streams that are open go on to their end.
                    None => {
                        serve.as_mut().graceful_shutdown();
                        asked_to_end = Some(now);
                        wake = now + limits.idle.min(FAREWELL);
                    }
                    // Whoever is there answers the ping that comes with it.
                    Some(at) if last_read < at => break Ok(()),
                    Some(_) => wake = now + limits.idle,
                }
            }
        }
    };
    let why = match (watch.flood(), ended) {
        (Some(flood), _) => format!("too many {flood}"),
        (None, Err(error)) => match error.source() {
            // Who goes away without a word is told of nowhere.
            Some(cause) if !cause.is::<io::Error>() => cause.to_string(),
            Some(_) | None => return,
        },
        (None, Ok(())) => return,
    };
    inner.notice(format!("{}: the HTTP/2 connection was ended: {why}", connection.facts.source)).await;
}

/// Reads a TLS client's hello, and leaves its bytes where they are.
async fn hello(stream: &mut TcpStream, bytes: &mut BytesMut) -> io::Result<Accepted> {
    let mut acceptor = Acceptor::default();
    let mut fed = 0;
    loop {
        while let Some(mut rest) = bytes.get(fed..).filter(|rest| !rest.is_empty()) {
            fed += acceptor.read_tls(&mut rest)?;
        }
        match acceptor.accept() {
            Ok(Some(accepted)) => return Ok(accepted),
            Ok(None) => {}
            Err((error, _)) => return Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
        if bytes.len() > LONGEST_HELLO {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the client's hello does not end"));
        }
        if stream.read_buf(bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Whether a handshake ended because the client showed no certificate. The library tells it in no other way.
fn lacks_certificate(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    matches!(cause, Some(rustls::Error::NoCertificatesPresented))
}
