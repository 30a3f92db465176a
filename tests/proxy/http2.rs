//! The same client over HTTP/2.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Full;
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::client::Answer;
use crate::client::Seen;
use crate::client::Tls;
use crate::traffic;

const PATIENCE: Duration = Duration::from_secs(10);

/// Sends a request after a first part that is in the clear, and reads its answer.
pub(crate) fn exchange(address: SocketAddr, first: &[u8], tls: Option<&Tls>, request: &traffic::Request) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let all = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(first).await.ok()?;
        match tls {
            None => talk(stream, request).await,
            Some(tls) => {
                let name = ServerName::try_from(tls.sni).unwrap();
                talk(TlsConnector::from(Arc::clone(&tls.config)).connect(name, stream).await.ok()?, request).await
            }
        }
    };
    runtime.block_on(async { tokio::time::timeout(PATIENCE, all).await.ok().flatten().map_or(Seen::Closed, Seen::Answer) })
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, request: &traffic::Request) -> Option<Answer> {
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.ok()?;
    tokio::spawn(connection);
    let mut builder = Request::builder().method(request.method).uri(format!("http://{}{}", request.host, request.path));
    for (name, value) in &request.headers {
        builder = builder.header(*name, value.as_str());
    }
    let sent = builder.body(Full::new(Bytes::from_static(request.body.as_bytes()))).ok()?;
    let answer = sender.send_request(sent).await.ok()?;
    let status = answer.status().as_u16();
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in answer.headers() {
        headers.insert(name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    let body = answer.into_body().collect().await.ok()?.to_bytes();
    Some(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() })
}
