//! A request that a person writes, sent to the proxy as a caller would send it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Method;
use hyper::Request;
use hyper::Uri;
use hyper::client::conn::http1;
use hyper::header::CONNECTION;
use hyper::header::HOST;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::sign::SingleCertAndKey;
use thiserror::Error;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::proxy::Credentials;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How much of the answer is kept.
const LONGEST_ANSWER: usize = 64 * 1024;
/// What the sidecar of a caller offers for HTTP/1.1.
const PROTOCOLS: [&[u8]; 3] = [b"istio-http/1.1", b"istio", b"http/1.1"];

/// A request.
#[derive(Debug)]
pub struct Outgoing {
    /// Where the proxy listens.
    pub address: SocketAddr,
    /// Told in a PROXY header: where the connection goes in the mesh.
    pub announced: Option<SocketAddr>,
    /// The caller's; without them it speaks in the clear.
    pub credentials: Option<Credentials>,
    /// Method.
    pub method: String,
    /// Request target.
    pub path: String,
    /// `Host`.
    pub host: String,
    /// Other headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: String,
}

/// What came back.
#[derive(Debug)]
pub struct Received {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, as text.
    pub body: String,
    /// There was more of it.
    pub is_cut: bool,
}

/// Why nothing came back.
#[derive(Debug, Error)]
pub enum SendError {
    /// A part of it cannot be written.
    #[error("`{0}` cannot be sent as {1}")]
    Unwritable(String, &'static str),
    /// The proxy takes no connection.
    #[error("the proxy takes no connection: {0}")]
    Connect(io::Error),
    /// The proxy closed the connection instead of an answer.
    #[error("the connection was closed without an answer: {0}")]
    Closed(String),
    /// It takes too long.
    #[error("no answer came in {} seconds", PATIENCE.as_secs())]
    Late,
}

/// Sends it. `opened` is told from where, as soon as that is known: by that the decision is found.
///
/// # Errors
/// When there is no answer.
pub async fn send(outgoing: Outgoing, opened: impl FnOnce(SocketAddr)) -> Result<Received, SendError> {
    let request = written(&outgoing)?;
    timeout(PATIENCE, exchange(outgoing, request, opened)).await.map_err(|_| SendError::Late)?
}

fn written(outgoing: &Outgoing) -> Result<Request<Full<Bytes>>, SendError> {
    let refused = |text: &str, what| SendError::Unwritable(text.to_owned(), what);
    let mut request = Request::new(Full::new(Bytes::from(outgoing.body.clone())));
    *request.method_mut() = Method::from_bytes(outgoing.method.as_bytes()).map_err(|_| refused(&outgoing.method, "a method"))?;
    *request.uri_mut() = outgoing.path.parse::<Uri>().map_err(|_| refused(&outgoing.path, "a path"))?;
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&outgoing.host).map_err(|_| refused(&outgoing.host, "a host"))?);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    for (name, value) in &outgoing.headers {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused(name, "the name of a header"))?;
        headers.append(key, HeaderValue::from_str(value).map_err(|_| refused(value, "the value of a header"))?);
    }
    Ok(request)
}

async fn exchange(
    outgoing: Outgoing,
    request: Request<Full<Bytes>>,
    opened: impl FnOnce(SocketAddr),
) -> Result<Received, SendError> {
    let mut stream = TcpStream::connect(outgoing.address).await.map_err(SendError::Connect)?;
    let own = stream.local_addr().map_err(SendError::Connect)?;
    opened(own);
    if let Some(target) = outgoing.announced {
        let family = if own.is_ipv4() && target.is_ipv4() { "TCP4" } else { "TCP6" };
        let line = format!("PROXY {family} {} {} {} {}\r\n", own.ip(), target.ip(), own.port(), target.port());
        stream.write_all(line.as_bytes()).await.map_err(SendError::Connect)?;
    }
    let Some(credentials) = outgoing.credentials else { return over(stream, request).await };
    let closed = |error: String| SendError::Closed(error);
    let config = configuration(&credentials).map_err(|error| closed(error.to_string()))?;
    let name = ServerName::try_from("localhost").map_err(|error| closed(error.to_string()))?;
    let secured = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    over(secured.map_err(|error| closed(error.to_string()))?, request).await
}

fn configuration(credentials: &Credentials) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for root in &credentials.roots {
        roots.add(CertificateDer::from(root.der().to_vec()))?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(credentials.certified.as_ref().clone())));
    config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
    Ok(config)
}

async fn over<S: AsyncRead + AsyncWrite + Unpin + 'static>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Received, SendError> {
    let closed = |error: hyper::Error| SendError::Closed(with_cause(&error));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(closed)?;
    // How it ends is seen by the request that is on it.
    spawn_local(connection);
    let answer = sender.send_request(request).await.map_err(closed)?;
    let (parts, mut body) = answer.into_parts();
    let mut bytes = Vec::new();
    while bytes.len() <= LONGEST_ANSWER {
        match body.frame().await {
            Some(Ok(frame)) => bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data)),
            Some(Err(_)) | None => break,
        }
    }
    let is_cut = bytes.len() > LONGEST_ANSWER;
    bytes.truncate(LONGEST_ANSWER);
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Received {
        status: parts.status.as_u16(),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body: String::from_utf8_lossy(&bytes).into_owned(),
        is_cut,
    })
}

fn with_cause(error: &hyper::Error) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
