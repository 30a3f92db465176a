//! The server for a browser and other tools: HTTP/1.1 in the clear, few connections, small requests.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::Limited;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::header::CACHE_CONTROL;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::sync::mpsc;
use tokio::task::spawn_local;
use tokio::time::sleep;

use crate::proxy::admin::guard;

/// Connections at once. A browser keeps six to one host.
const CONNECTIONS: usize = 64;
/// Longest body of a request.
const LONGEST_BODY: usize = 1 << 20;
/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Nothing but what comes from here is run, drawn or framed; what a caller wrote is text.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A request that may be answered.
#[derive(Debug)]
pub struct Asked {
    /// It acts: POST.
    pub acts: bool,
    /// Path without its query.
    pub path: String,
    /// Query, or nothing.
    pub query: String,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Asked {
    /// A parameter of the query, as it stands there.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
    }
}

/// What it is answered with.
#[derive(Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Media type.
    pub content_type: &'static str,
    /// Body.
    pub body: AnswerBody,
}

/// A body at once, or bit by bit.
#[derive(Debug)]
pub enum AnswerBody {
    /// At once; `None` when it was sent.
    Whole(Option<Bytes>),
    /// As it comes.
    Stream(mpsc::Receiver<Bytes>),
}

impl Answer {
    /// An answer at once.
    #[must_use]
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, body: AnswerBody::Whole(Some(body.into())) }
    }

    /// Words.
    #[must_use]
    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain; charset=UTF-8", format!("{text}\n"))
    }

    fn into_response(self) -> Response<AnswerBody> {
        let mut response = Response::new(self.body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in [
            ("content-security-policy", CONTENT_SECURITY_POLICY),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream(parts) => parts.poll_recv(context).map(|part| part.map(|bytes| Ok(Frame::data(bytes)))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }
}

/// Listens, and answers as long as the runtime lives. Returns where.
///
/// # Errors
/// An address that cannot be listened on.
pub async fn listen<F, A>(address: SocketAddr, answer: F) -> io::Result<SocketAddr>
where
    F: Fn(Asked) -> A + 'static,
    A: Future<Output = Answer> + 'static,
{
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    spawn_local(accept(listener, Rc::new(answer)));
    Ok(address)
}

async fn accept<F, A>(listener: TcpListener, answer: Rc<F>)
where
    F: Fn(Asked) -> A + 'static,
    A: Future<Output = Answer> + 'static,
{
    let room = Rc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (room, answer) = (Rc::clone(&room), Rc::clone(&answer));
        spawn_local(async move {
            // More than there is room for are closed as they arrive.
            let Ok(_place) = room.try_acquire() else { return };
            let service = service_fn(move |request| handle(Rc::clone(&answer), request));
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
            // A browser may leave at any time.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn handle<F, A>(answer: Rc<F>, request: Request<Incoming>) -> Result<Response<AnswerBody>, Infallible>
where
    F: Fn(Asked) -> A,
    A: Future<Output = Answer>,
{
    let (parts, body) = request.into_parts();
    if let Err((status, why)) = guard::check(&parts.method, &parts.headers) {
        return Ok(Answer::text(status, why).into_response());
    }
    let Ok(body) = Limited::new(body, LONGEST_BODY).collect().await else {
        return Ok(Answer::text(413, "the request is too large, or did not arrive whole").into_response());
    };
    let asked = Asked {
        acts: parts.method == Method::POST,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: body.to_bytes(),
    };
    let mut answer = answer(asked).await;
    if parts.method == Method::HEAD {
        answer.body = AnswerBody::Whole(None);
    }
    Ok(answer.into_response())
}
