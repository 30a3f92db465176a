//! A client that sends what it is told, byte for byte, in the clear or over mutual TLS, and says what came back.

use std::collections::BTreeMap;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::DigitallySignedStruct;
use rustls::SignatureScheme;
use rustls::StreamOwned;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;
use rustls::pki_types::pem::PemObject;

use crate::material::Identity;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the client saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// An HTTP answer.
    Answer(Answer),
    /// Bytes that are none, before the connection ended.
    Bytes(String),
    /// The connection ended without a byte.
    Closed,
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// TLS of a client.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) sni: &'static str,
}

/// Takes any server's certificate: the tests are about the server's side.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// A client with an identity, or without one, that offers these protocols.
pub(crate) fn tls(identity: Option<&Identity>, protocols: &[&str]) -> Tls {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)));
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = CertificateDer::pem_slice_iter(identity.chain.as_bytes()).map(Result::unwrap).collect();
            builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap()).unwrap()
        }
    };
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Tls { config: Arc::new(config), sni: "web.shop.svc.cluster.local" }
}

fn connect(address: SocketAddr, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(first).unwrap();
    stream
}

/// Sends bytes after a first part that is in the clear, and reads one answer; `for_head` says that it has no body.
pub(crate) fn exchange(address: SocketAddr, first: &[u8], tls: Option<&Tls>, request: &[u8], for_head: bool) -> Seen {
    let stream = connect(address, first);
    match tls {
        None => talk(stream, request, for_head),
        Some(tls) => {
            let name = ServerName::try_from(tls.sni).unwrap();
            talk(StreamOwned::new(ClientConnection::new(Arc::clone(&tls.config), name).unwrap(), stream), request, for_head)
        }
    }
}

fn talk(mut stream: impl Read + Write, request: &[u8], for_head: bool) -> Seen {
    if stream.write_all(request).and_then(|()| stream.flush()).is_err() {
        return Seen::Closed;
    }
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some(answer) = answer(&bytes, for_head, false) {
            return Seen::Answer(answer);
        }
        // An echo is as long as what was sent.
        let is_http = bytes.starts_with(b"HTTP/1.");
        if !bytes.is_empty() && !is_http && bytes.len() >= request.len() {
            break;
        }
        match stream.read(&mut chunk) {
            Ok(length @ 1..) => bytes.extend_from_slice(&chunk[..length]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                return Seen::Bytes(format!("{} and then nothing", String::from_utf8_lossy(&bytes)));
            }
            Ok(_) | Err(_) => break,
        }
    }
    if let Some(answer) = answer(&bytes, for_head, true) {
        return Seen::Answer(answer);
    }
    if bytes.is_empty() { Seen::Closed } else { Seen::Bytes(String::from_utf8_lossy(&bytes).into_owned()) }
}

/// The answer that the bytes hold, when it is whole.
pub(crate) fn answer(bytes: &[u8], for_head: bool, at_end: bool) -> Option<Answer> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next()?.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &bytes[end..];
    if status == 100 {
        return answer(rest, for_head, at_end);
    }
    let body = match headers.get("content-length") {
        _ if for_head || status == 204 || status == 304 => Some(Vec::new()),
        Some(length) => rest.get(..length.parse().ok()?).map(<[u8]>::to_vec),
        None if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") => unchunk(rest),
        None => at_end.then(|| rest.to_vec()),
    }?;
    Some(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|part| part == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        body.extend_from_slice(bytes.get(end + 2..end + 2 + length)?);
        bytes = bytes.get(end + 4 + length..)?;
        if length == 0 {
            return Some(body);
        }
    }
}
