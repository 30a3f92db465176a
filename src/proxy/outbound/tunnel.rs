//! Connections that are for one host and port: what CONNECT and SOCKS5 open, as if the application had connected there itself.

use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;

use bytes::BytesMut;
use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::io::copy_bidirectional;
use tokio::task::spawn_local;
use tokio::time::timeout;

use crate::mesh::PortClass;
use crate::proxy::body::Carried;
use crate::proxy::inspect;
use crate::proxy::inspect::Inspection;
use crate::proxy::inspect::Seen;
use crate::proxy::outbound::CallOutcome;
use crate::proxy::outbound::http;
use crate::proxy::outbound::http::Entry;
use crate::proxy::outbound::server_check::Purpose;
use crate::proxy::outbound::shared::NotTried;
use crate::proxy::outbound::shared::Shared;
use crate::proxy::outbound::shared::Target;
use crate::proxy::prefixed::Prefixed;
use crate::proxy::reply::Reply;
use crate::simulate::connection::ApplicationProtocol;

/// Answers CONNECT, and carries what follows.
pub(super) async fn open(entry: &Entry, mut request: Request<Incoming>) -> Response<Carried> {
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let (host, Some(port)) = http::split_authority(&authority) else {
        return Reply::unavailable(400, "Bad Request".to_owned(), false).into_response(false);
    };
    let (shared, client, host) = (Rc::clone(&entry.shared), entry.client, host.to_owned());
    let rules = shared.rules();
    match shared.find(&rules, &host, port) {
        Err(NotTried { status, text, why }) => {
            let mut call = shared.call(client, Some("CONNECT".to_owned()), &host, port);
            call.outcome = CallOutcome::Failed { status: Some(status), why };
            shared.tell(call).await;
            Reply::unavailable(status, text, false).into_response(false)
        }
        Ok(target) => {
            let upgraded = hyper::upgrade::on(&mut request);
            let following: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
                // A client that leaves before the answer wants nothing carried.
                if let Ok(stream) = upgraded.await {
                    let stream = Prefixed::new(BytesMut::new(), TokioIo::new(stream));
                    carry(shared, stream, client, (host, port), target).await;
                }
            });
            spawn_local(following);
            Response::new(Carried::empty())
        }
    }
}

/// Carries a connection to its end, as HTTP where the port is read so.
pub(super) async fn carry<S>(
    shared: Rc<Shared>,
    mut stream: Prefixed<S>,
    client: SocketAddr,
    (host, port): (String, u16),
    target: Target,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let is_http = match target.class() {
        PortClass::Http => true,
        PortClass::Tcp => false,
        PortClass::Auto => match timeout(shared.limits.idle, looks_like_http(&mut stream)).await {
            Ok(Some(is_http)) => is_http,
            Ok(None) | Err(_) => return,
        },
    };
    if is_http {
        return http::serve(shared, stream, client, Some(port)).await;
    }
    let mut call = shared.call(client, None, &host, port);
    let rules = shared.rules();
    let upstream = rules.upstreams(&shared, &target, ApplicationProtocol::Tcp, None);
    let upstream = match upstream.map(|upstreams| upstreams.into_iter().next()) {
        Ok(Some(upstream)) => upstream,
        Ok(None) => return,
        Err(NotTried { why, .. }) => {
            call.outcome = CallOutcome::Failed { status: None, why };
            return shared.tell(call).await;
        }
    };
    call.to.clone_from(&upstream.workload);
    call.client_tls = upstream.client_tls();
    match upstream.connect(Purpose::Bytes).await {
        Ok(mut server) => {
            shared.tell(call).await;
            // Either side may end it at any time.
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
        Err(failure) => {
            call.outcome = CallOutcome::Failed { status: None, why: failure.detail };
            shared.tell(call).await;
            // The client may be gone.
            let _ = stream.shutdown().await;
        }
    }
}

/// Whether what begins is HTTP; `None` when nothing came.
async fn looks_like_http<S: AsyncRead + Unpin>(stream: &mut Prefixed<S>) -> Option<bool> {
    loop {
        match inspect::inspect(stream.prefix(), true, false) {
            Inspection::Known(seen) => return Some(seen == Seen::Http),
            Inspection::More => {
                if stream.read_more().await.ok()? == 0 {
                    return (!stream.prefix().is_empty()).then_some(false);
                }
            }
        }
    }
}
