use hyper::Response;
use hyper::body::Incoming;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_LENGTH;
use hyper::header::HeaderValue;
use hyper::header::TRANSFER_ENCODING;
use hyper::header::UPGRADE;
use hyper::http::response::Parts;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::task::spawn_local;

use crate::proxy::body::Carried;
use crate::proxy::forward;
use crate::proxy::reply;

/// The application went over to another protocol: the answer for the caller, after which bytes go both ways.
pub(super) fn switch(mut answer: Response<Incoming>, caller: OnUpgrade, milliseconds: u128) -> Response<Carried> {
    let protocol = answer.headers().get(UPGRADE).cloned();
    let application = hyper::upgrade::on(&mut answer);
    spawn_local(async move {
        let (Ok(caller), Ok(application)) = (caller.await, application.await) else { return };
        // Either side may end it at any time.
        let _ = copy_bidirectional(&mut TokioIo::new(caller), &mut TokioIo::new(application)).await;
    });
    let (mut parts, _) = answer.into_parts();
    forward::edit(&mut parts.headers, milliseconds);
    parts.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    if let Some(protocol) = protocol {
        parts.headers.insert(UPGRADE, protocol);
    }
    Response::from_parts(parts, Carried::empty())
}

/// The application stays with HTTP: the caller gets its status and headers, and the connection ends, as Envoy has it.
pub(super) fn declined(mut parts: Parts) -> Response<Carried> {
    for name in [TRANSFER_ENCODING, UPGRADE] {
        parts.headers.remove(name);
    }
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    parts.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    reply::sign(&mut parts.headers);
    Response::from_parts(parts, Carried::empty())
}
