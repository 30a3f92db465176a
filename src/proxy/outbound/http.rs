//! HTTP calls: by URL to a proxy, by `Host` to a server, or inside a tunnel.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::Version as HttpVersion;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::header::HeaderValue;
use hyper::header::SERVER;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::time::timeout;

use crate::mesh::PortClass;
use crate::policy::Known;
use crate::proxy::application::OnThisThread;
use crate::proxy::body::Carried;
use crate::proxy::connection::begins_http2;
use crate::proxy::forward;
use crate::proxy::forward::PassedOn;
use crate::proxy::http::asked_protocol;
use crate::proxy::http::host_of;
use crate::proxy::http::is_grpc;
use crate::proxy::http::refused_at_once;
use crate::proxy::http::target_of;
use crate::proxy::lingering::Lingering;
use crate::proxy::outbound::Call;
use crate::proxy::outbound::CallOutcome;
use crate::proxy::outbound::failure::Failure;
use crate::proxy::outbound::shared::NotTried;
use crate::proxy::outbound::shared::Shared;
use crate::proxy::outbound::tunnel;
use crate::proxy::outbound::upstream::Sender;
use crate::proxy::outbound::upstream::Upstream;
use crate::proxy::prefixed::Prefixed;
use crate::proxy::reply::Reply;
use crate::proxy::upgrade;
use crate::simulate::connection::ApplicationProtocol;
use crate::simulate::http;
use crate::simulate::http::BadRequest;
use crate::simulate::http::ManagerOptions;
use crate::simulate::http::Version;

/// Name of a sidecar in the answers to its own application, which istiod leaves at Envoy's default.
const NAME: HeaderValue = HeaderValue::from_static("envoy");
/// How often a connection is tried, as the routes of istiod have it.
const ATTEMPTS: usize = 3;
/// The attempt that the server sees.
const ATTEMPT_COUNT: &str = "x-envoy-attempt-count";

/// One connection on which requests of the caller arrive.
pub(super) struct Entry {
    pub(super) shared: Rc<Shared>,
    pub(super) client: SocketAddr,
    version: Version,
    /// The port that was called, where the connection itself says so.
    port: Option<u16>,
}

/// What came of a call.
struct Answered {
    response: Response<Carried>,
    call: Call,
}

/// Serves the requests of a connection.
pub(super) async fn serve<S>(shared: Rc<Shared>, mut stream: Prefixed<S>, client: SocketAddr, port: Option<u16>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let limits = shared.limits;
    let Ok(Some(is_http2)) = timeout(limits.idle, begins_http2(&mut stream)).await else { return };
    let version = if is_http2 { Version::Http2 } else { Version::Http1 };
    let mut draining = shared.draining();
    let entry = Rc::new(Entry { shared, client, version, port });
    let service = service_fn(move |request| answer(Rc::clone(&entry), request));
    let stream = TokioIo::new(Lingering::new(stream));
    // How a connection ends is seen by the request that is on it.
    if is_http2 {
        let mut serve = std::pin::pin!(
            http2::Builder::new(OnThisThread)
                .timer(TokioTimer::new())
                .max_concurrent_streams(limits.streams)
                .max_header_list_size(u32::try_from(limits.head_bytes).unwrap_or(u32::MAX))
                .serve_connection(stream, service)
        );
        loop {
            tokio::select! {
                _ = serve.as_mut() => return,
                () = draining.begun() => serve.as_mut().graceful_shutdown(),
            }
        }
    }
    let mut serve = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.idle)
            .max_headers(limits.headers)
            .max_header_size(limits.head_bytes)
            .serve_connection(stream, service)
            .with_upgrades()
    );
    loop {
        tokio::select! {
            _ = serve.as_mut() => return,
            () = draining.begun() => serve.as_mut().graceful_shutdown(),
        }
    }
}

/// Answers one request. Every request that arrives is answered, so there is no error.
async fn answer(entry: Rc<Entry>, mut request: Request<Incoming>) -> Result<Response<Carried>, Infallible> {
    if request.method() == hyper::Method::CONNECT && entry.port.is_none() {
        return Ok(tunnel::open(&entry, request).await);
    }
    let protocol = asked_protocol(request.headers());
    let upgraded = protocol.is_some().then(|| hyper::upgrade::on(&mut request));
    let (parts, body) = request.into_parts();
    let Answered { mut response, call } = entry.pass_on(&parts, body, protocol, upgraded).await;
    response.headers_mut().insert(SERVER, NAME);
    entry.shared.tell(call).await;
    Ok(response)
}

impl Entry {
    async fn pass_on(
        &self,
        parts: &Parts,
        body: Incoming,
        protocol: Option<HeaderValue>,
        upgraded: Option<OnUpgrade>,
    ) -> Answered {
        let is_grpc = is_grpc(&parts.headers);
        let is_head = parts.method == hyper::Method::HEAD;
        let mut passed_on = match self.accept(parts, protocol.as_ref()) {
            Ok(passed_on) => passed_on,
            Err(error) => {
                let mut call = self.call(parts, &host_of(parts), 0);
                let reply = Reply::refusing(&error, is_grpc);
                call.outcome = CallOutcome::Failed { status: Some(reply.status), why: error.to_string() };
                return Answered { response: reply.before(&body, parts).into_response(is_head), call };
            }
        };
        let (host, port) = split_authority(&passed_on.authority);
        let scheme_port = if parts.uri.scheme_str() == Some("https") { 443 } else { 80 };
        let (host, port) = (host.to_owned(), self.port.or(port).unwrap_or(scheme_port));
        let mut call = self.call(parts, &host, port);
        let started = Instant::now();
        let shared = &self.shared;
        let rules = shared.rules();
        let targeted = shared.find(&rules, &host, port).and_then(|target| {
            let protocol = if target.class() == PortClass::Tcp { ApplicationProtocol::Tcp } else { ApplicationProtocol::Http };
            let upstreams = rules.upstreams(shared, &target, protocol, Some(&host))?;
            Ok((target.takes_http2(self.version == Version::Http2), upstreams))
        });
        let (http2, upstreams) = match targeted {
            Ok((takes_http2, upstreams)) => (takes_http2 && upgraded.is_none(), upstreams),
            Err(NotTried { status, text, why }) => {
                call.outcome = CallOutcome::Failed { status: Some(status), why };
                let reply = Reply::unavailable(status, text, is_grpc);
                return Answered { response: reply.before(&body, parts).into_response(is_head), call };
            }
        };
        let (upstream, sender, attempt) = match self.connect(&upstreams, http2, &mut call).await {
            Ok(connected) => connected,
            Err(failure) => {
                call.outcome = CallOutcome::from(&failure);
                let reply = Reply::unavailable(failure.status, failure.text(), is_grpc);
                return Answered { response: reply.before(&body, parts).into_response(is_head), call };
            }
        };
        if let Some(protocol) = protocol {
            forward::ask_upgrade(&mut passed_on.headers, protocol);
        }
        passed_on.headers.insert(ATTEMPT_COUNT, HeaderValue::from(attempt));
        let Some(request) = passed_on.into_request(http2, Carried::Incoming(body)) else {
            call.outcome = CallOutcome::Failed { status: Some(400), why: "the target cannot be written".to_owned() };
            let reply = Reply::unavailable(400, "Bad Request".to_owned(), is_grpc);
            return Answered { response: reply.into_response(is_head), call };
        };
        let response = match send(&upstream, sender, request, http2).await {
            Err(failure) => {
                call.outcome = CallOutcome::from(&failure);
                Reply::unavailable(failure.status, failure.text(), is_grpc).into_response(is_head)
            }
            Ok(answer) => {
                call.outcome = CallOutcome::Answered(answer.status().as_u16());
                let milliseconds = started.elapsed().as_millis();
                match upgraded.filter(|_| answer.status() == StatusCode::SWITCHING_PROTOCOLS) {
                    Some(upgraded) => upgrade::switch(answer, upgraded, milliseconds),
                    None => forward::response(answer, milliseconds, parts.version == HttpVersion::HTTP_2),
                }
            }
        };
        Answered { response, call }
    }

    /// What the connection manager of the caller's proxy makes of a request.
    fn accept(&self, parts: &Parts, protocol: Option<&HeaderValue>) -> Result<PassedOn, BadRequest> {
        if let Some(error) = refused_at_once(parts, protocol, false) {
            return Err(error);
        }
        let mut message = self.shared.message.borrow_mut();
        message.headers.clear();
        for (name, value) in &parts.headers {
            if name != HOST || self.version == Version::Http2 {
                message.headers.append(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
            }
        }
        let (target, host, request_id) = (target_of(parts), host_of(parts), self.shared.request_ids.next());
        let incoming = http::Incoming {
            version: self.version,
            method: parts.method.as_str(),
            target: &target,
            host: &host,
            scheme: parts.uri.scheme_str().filter(|_| parts.version == HttpVersion::HTTP_2),
            peer: Known::Yes(self.client.ip()),
            is_tls: false,
            is_mutual: false,
            forwarded_certificate: None,
            request_id: &request_id,
        };
        let normalization = self.shared.rules().outgoing.mesh().settings.path_normalization;
        http::accept(&incoming, ManagerOptions { normalization, gateway_trusted_proxies: None }, &mut message)?;
        if message.path.is_none() {
            // A proxy's routes are by path, and CONNECT inside a tunnel has none.
            return Err(BadRequest::NoPath(target.into_owned()));
        }
        Ok(PassedOn::new(&message, parts))
    }

    /// A connection to the first place that takes one.
    async fn connect(
        &self,
        upstreams: &[Rc<Upstream>],
        http2: bool,
        call: &mut Call,
    ) -> Result<(Rc<Upstream>, Sender, usize), Failure> {
        let mut last = None;
        for (attempt, upstream) in (1..=ATTEMPTS).zip(upstreams.iter().cycle()) {
            call.to.clone_from(&upstream.workload);
            call.client_tls = upstream.client_tls();
            match upstream.sender(http2).await {
                Ok(sender) => return Ok((Rc::clone(upstream), sender, attempt)),
                Err(failure) if failure.is_connect => last = Some(failure),
                Err(failure) => return Err(failure),
            }
        }
        // There is always a place.
        Err(last.unwrap_or_else(Failure::timeout))
    }

    fn call(&self, parts: &Parts, host: &str, port: u16) -> Call {
        self.shared.call(self.client, Some(format!("{} {}", parts.method, parts.uri.path())), host, port)
    }
}

/// Sends a request, anew where the server had closed the connection before anything was written.
async fn send(
    upstream: &Upstream,
    mut sender: Sender,
    mut request: Request<Carried>,
    http2: bool,
) -> Result<Response<Incoming>, Failure> {
    loop {
        match upstream.send(sender, request).await {
            Ok(response) => return Ok(response),
            Err((_, Some(unsent))) => request = unsent,
            Err((failure, None)) => return Err(failure),
        }
        sender = upstream.sender(http2).await?;
    }
}

/// The host of an authority, and its port when it names one.
pub(super) fn split_authority(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
        Some(_) | None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities() {
        for (text, expected) in [
            ("web.shop", ("web.shop", None)),
            ("web.shop:80", ("web.shop", Some(80))),
            ("web.shop:", ("web.shop", None)),
            ("web.shop:99999", ("web.shop", None)),
            ("[::1]:80", ("[::1]", Some(80))),
            ("[::1]", ("[::1]", None)),
            ("::1", ("::1", None)),
            ("", ("", None)),
        ] {
            assert_eq!(split_authority(text), expected, "{text}");
        }
    }
}
