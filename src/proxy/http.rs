//! One HTTP request: put to the rules, answered or passed on, and told of.

use std::borrow::Cow;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::HeaderMap;
use hyper::Request;
use hyper::Response;
use hyper::Version as HttpVersion;
use hyper::body::Body as _;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_LENGTH;
use hyper::header::COOKIE;
use hyper::header::HOST;
use hyper::header::HeaderValue;
use hyper::header::TRANSFER_ENCODING;
use hyper::header::UPGRADE;
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use jiff::Timestamp;
use thiserror::Error;

use crate::proxy::application::Behind;
use crate::proxy::body::Carried;
use crate::proxy::counted::Flag;
use crate::proxy::echo;
use crate::proxy::ext_authz;
use crate::proxy::ext_authz::Check;
use crate::proxy::ext_authz::CheckedBody;
use crate::proxy::ext_authz::CheckedRequest;
use crate::proxy::forward;
use crate::proxy::forward::PassedOn;
use crate::proxy::http1::Note;
use crate::proxy::http1::Notes;
use crate::proxy::record::ConnectionFacts;
use crate::proxy::record::RequestFacts;
use crate::proxy::reply::ClientHeaders;
use crate::proxy::reply::Reply;
use crate::proxy::server::Inner;
use crate::proxy::server::Ruled;
use crate::proxy::upgrade;
use crate::simulate::Asking;
use crate::simulate::Decision;
use crate::simulate::Desk;
use crate::simulate::Head;
use crate::simulate::Observed;
use crate::simulate::ProviderAnswer;
use crate::simulate::Verdict;
use crate::simulate::http::BadRequest;
use crate::simulate::http::Version;
use crate::simulate::message::Message;
use crate::simulate::scenario::ExtAuthzAnswer;

/// Bytes of a body that may wait while a provider is asked: what Envoy keeps of a request, at most.
const READ_AHEAD: usize = 1 << 20;

/// One connection on which requests arrive.
#[derive(Debug)]
pub(super) struct HttpConnection {
    pub(super) inner: Rc<Inner>,
    pub(super) facts: Rc<ConnectionFacts>,
    pub(super) observed: Observed,
    pub(super) ruled: RefCell<Rc<Ruled>>,
    pub(super) behind: Behind,
    /// The application is spoken to in HTTP/2.
    pub(super) http2_behind: bool,
    /// What the reader of HTTP/1 says of its requests.
    pub(super) notes: Notes,
}

/// What is decided, and what goes on when it is let in.
struct Judged {
    decision: Decision,
    ruled: Rc<Ruled>,
    reply: Option<Reply>,
    passed_on: Option<PassedOn>,
    told: Told,
    /// The provider to be asked before there is a decision, and what it is shown.
    asks: Option<(String, CheckedRequest)>,
}

/// What came out about a request on the way to its decision, for the record.
#[derive(Default)]
struct Told {
    request_id: String,
    remote_ip: Option<IpAddr>,
    headers: Vec<(String, Vec<String>)>,
    claims: Option<Arc<serde_json::Value>>,
    providers: Vec<(String, ExtAuthzAnswer)>,
}

/// A stream ends without an answer, as its connection does at Envoy.
#[derive(Debug, Error)]
#[error("the stream is reset")]
pub(super) struct Reset;

/// Answers one request.
///
/// # Errors
/// HTTP/2 that the codec does not take is not answered.
pub(super) async fn answer(connection: Rc<HttpConnection>, mut request: Request<Incoming>) -> Result<Response<Carried>, Reset> {
    let note = if request.version() == HttpVersion::HTTP_2 { None } else { connection.notes.next() };
    let odd_target = match note {
        None => None,
        Some(Note::Target(target)) => Some(target),
        Some(Note::Refused(error)) => {
            let reply = connection.tell_refused(&error).await;
            return Ok(reply.into_response(false));
        }
    };
    let protocol = asked_protocol(request.headers());
    let upgraded = protocol.is_some().then(|| hyper::upgrade::on(&mut request));
    let (parts, body) = request.into_parts();
    let target = odd_target.map_or_else(|| target_of(&parts), Cow::Owned).into_owned();
    let mut body = Carried::Incoming(body);
    let brought = parts.headers.get("x-request-id").map(|id| String::from_utf8_lossy(id.as_bytes()).into_owned());
    let request_id = brought.unwrap_or_else(|| connection.inner.request_ids.next());
    let mut asking = Asking::default();
    let mut by_provider = ClientHeaders::default();
    let judged = loop {
        let mut judged = connection.judge(&parts, &target, protocol.as_ref(), &request_id, &asking);
        let Some((provider, request)) = judged.asks.take() else { break judged };
        let told = connection.ask(&judged.ruled, &provider, request, &mut body).await;
        by_provider.extend(told.to_client);
        asking.answers.push((provider, told.answer));
    };
    let Judged { decision, ruled, reply, passed_on, told, asks: _ } = judged;
    let is_grpc = is_grpc(&parts.headers);
    let verdict = decision.verdict;
    let is_reset = verdict == Verdict::BadRequest && decision.http_status.is_none();
    connection.tell(&parts, &target, decision, &ruled, told).await;
    if is_reset {
        return Err(Reset);
    }
    let is_head = parts.method == hyper::Method::HEAD;
    let (Verdict::Allowed, Some(mut passed_on)) = (verdict, passed_on) else {
        // Only what is let in has no reply.
        let reply = reply.unwrap_or_else(|| Reply::unavailable(503, String::new(), is_grpc));
        let reply = reply.with_body(body.has_arrived(), &parts).closing(protocol.is_some());
        return Ok(Reply { by_provider, ..reply }.into_response(is_head));
    };
    let started = Instant::now();
    let connections = match &connection.behind {
        Behind::Echo => {
            let mut response = echo::respond(&passed_on, &connection.facts);
            forward::edit(response.headers_mut(), started.elapsed().as_millis());
            by_provider.apply(response.headers_mut());
            return Ok(if protocol.is_some() { upgrade::declined(response.into_parts().0) } else { response });
        }
        Behind::Connections(connections) => Rc::clone(connections),
    };
    if let Some(protocol) = protocol {
        forward::ask_upgrade(&mut passed_on.headers, protocol);
    }
    let http2 = connection.http2_behind && upgraded.is_none();
    let Some(request) = passed_on.into_request(http2, body) else {
        return Ok(Reply::unavailable(400, "Bad Request".to_owned(), is_grpc).into_response(is_head));
    };
    let sent = if http2 { connections.send_http2(request).await } else { connections.send_http1(request).await };
    match sent {
        Err(failure) => {
            if let Some(reply) = connection.tell_broken_body().await {
                return Ok(reply.into_response(is_head));
            }
            let reply = Reply::unavailable(failure.status(), failure.text(), is_grpc).closing(upgraded.is_some());
            let mut response = Reply { by_provider, ..reply }.into_response(is_head);
            response.extensions_mut().insert(Flag(failure.flag()));
            Ok(response)
        }
        Ok(mut answer) => {
            by_provider.apply(answer.headers_mut());
            let milliseconds = started.elapsed().as_millis();
            let Some(upgraded) = upgraded else {
                return Ok(forward::response(answer, milliseconds, parts.version == HttpVersion::HTTP_2));
            };
            if answer.status() != hyper::StatusCode::SWITCHING_PROTOCOLS {
                return Ok(upgrade::declined(answer.into_parts().0));
            }
            connection.notes.open_tunnel();
            Ok(upgrade::switch(answer, upgraded, milliseconds))
        }
    }
}

impl HttpConnection {
    /// The rules as they are now, for this connection.
    fn ruled(&self) -> Rc<Ruled> {
        let mut ruled = self.ruled.borrow_mut();
        if !Rc::ptr_eq(&ruled.rules, &self.inner.rules()) {
            *ruled = self.inner.ruled(&self.observed);
        }
        Rc::clone(&ruled)
    }

    /// Asks a provider about a request, with as much of its body as it wants.
    async fn ask(&self, ruled: &Ruled, provider: &str, mut request: CheckedRequest, body: &mut Carried) -> ext_authz::Told {
        // Whoever waits to be asked for a body is not asked before there is an answer.
        let reads_ahead = !request.headers.iter().any(|(name, _)| name == "expect");
        let mesh = ruled.rules.enforcer.mesh();
        if let Some((most, is_cut)) = ext_authz::shown_body(mesh, provider).filter(|_| !body.is_end_stream()) {
            match body.peek(most).await {
                Ok((bytes, is_whole)) if is_cut || (is_whole && bytes.len() <= most) => {
                    let shown = bytes.slice(..bytes.len().min(most));
                    request.body = Some(CheckedBody { shown, is_cut: !is_whole || bytes.len() > most, read: bytes.len() });
                }
                Ok(_) => return ext_authz::Told::without_headers(ProviderAnswer::TooLarge),
                Err(error) => {
                    let why = format!("the body ended early: {error}");
                    return ext_authz::Told::without_headers(ProviderAnswer::Fails(why));
                }
            }
        }
        let check = Check { request: Some(request), ..self.inner.check(&self.facts) };
        let asked = self.inner.providers.ask(mesh, provider, check);
        if body.is_end_stream() || !reads_ahead {
            return asked.await;
        }
        let mut asked = std::pin::pin!(asked);
        // Meanwhile the body is read as far as it may wait, so that a refusal need not end the connection.
        tokio::select! {
            told = asked.as_mut() => told,
            _ = body.peek(READ_AHEAD) => asked.await,
        }
    }

    /// Tells that something was no request, and returns what is answered.
    pub(super) async fn tell_refused(&self, error: &BadRequest) -> Reply {
        let ruled = self.ruled();
        let decision = ruled.route.refuse(error, false);
        let reply = Reply::to(&decision, self.inner.desk.borrow_mut().message());
        self.inner.tell(&self.facts, None, decision, &ruled, Vec::new()).await;
        reply
    }

    /// The same of a body under way, if it is one.
    pub(super) async fn tell_broken_body(&self) -> Option<Reply> {
        match self.notes.body() {
            None => None,
            Some(error) => Some(self.tell_refused(&error).await),
        }
    }

    fn judge(&self, parts: &Parts, target: &str, protocol: Option<&HeaderValue>, request_id: &str, asking: &Asking) -> Judged {
        let ruled = self.ruled();
        let is_grpc = is_grpc(&parts.headers);
        if let Some(error) = self.refused(parts, target, protocol) {
            let decision = ruled.route.refuse(&error, is_grpc);
            let mut desk = self.inner.desk.borrow_mut();
            let reply = Some(Reply::to(&decision, desk.message()));
            let told = Told { request_id: request_id.to_owned(), ..Told::default() };
            return Judged { decision, ruled, reply, passed_on: None, told, asks: None };
        }
        let mut desk = self.inner.desk.borrow_mut();
        let message = desk.message();
        message.headers.clear();
        for (name, value) in &parts.headers {
            if name != HOST || self.observed.version == Version::Http2 {
                message.headers.append(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
            }
        }
        let host = host_of(parts);
        let scheme = parts.uri.scheme_str().filter(|_| parts.version == HttpVersion::HTTP_2);
        let head = Head { method: parts.method.as_str(), target, host: &host, scheme, request_id };
        let decision = ruled.route.decide_asking(Some(&head), Timestamp::now(), self.inner.detail.get(), Some(asking), &mut desk);
        let (asks, providers) = desk.take_providers();
        if let Some(provider) = asks {
            let request = checked(desk.message(), parts, request_id);
            let asks = Some((provider, request));
            return Judged { decision, ruled, reply: None, passed_on: None, told: Told::default(), asks };
        }
        let message = desk.message();
        let is_sayable = message.path.as_deref().is_none_or(|path| PathAndQuery::try_from(path).is_ok());
        let decision = if decision.verdict == Verdict::Allowed && !is_sayable {
            // Envoy passes it on; the library has no way to.
            ruled.route.refuse(&BadRequest::TargetByte, is_grpc)
        } else {
            decision
        };
        let (reply, passed_on) = if decision.verdict == Verdict::Allowed {
            (None, Some(PassedOn::new(message, parts)))
        } else {
            (Some(Reply::to(&decision, message)), None)
        };
        let mut told = if self.inner.is_heard() { self.told(&mut desk, request_id) } else { Told::default() };
        told.providers = providers;
        Judged { decision, ruled, reply, passed_on, told, asks: None }
    }

    /// What is on the desk after a decision, as far as it is kept.
    fn told(&self, desk: &mut Desk, request_id: &str) -> Told {
        let kept = &self.inner.kept;
        let headers = &desk.message().headers;
        let values = |name: &String| headers.values(name).map(str::to_owned).collect();
        Told {
            request_id: headers.first("x-request-id").unwrap_or(request_id).to_owned(),
            headers: kept.headers.iter().map(|name| (name.clone(), values(name))).collect(),
            remote_ip: desk.seen().remote_ip,
            claims: desk.seen().claims.clone().filter(|_| kept.claims),
            providers: Vec::new(),
        }
    }

    /// What the connection manager refuses by what it is, before paths and hosts are looked at.
    fn refused(&self, parts: &Parts, target: &str, protocol: Option<&HeaderValue>) -> Option<BadRequest> {
        if parts.version == HttpVersion::HTTP_2 {
            return self.refused_of_http2(parts).map(|what| BadRequest::Http2(what.to_owned()));
        }
        let names_host = parts.headers.contains_key(HOST) || !(target.starts_with('/') || target == "*");
        if parts.version == HttpVersion::HTTP_11 && !names_host {
            return Some(BadRequest::MissingHost);
        }
        refused_upgrade(protocol)
    }

    /// What the library takes of HTTP/2 and Envoy does not.
    fn refused_of_http2(&self, parts: &Parts) -> Option<&'static str> {
        let repeats = |name| parts.headers.get_all(name).iter().nth(1).is_some();
        let has_authority = parts.uri.authority().is_some();
        let pseudo = if parts.method == hyper::Method::CONNECT { 2 } else { 3 + usize::from(has_authority) };
        if !has_authority && !parts.headers.contains_key(HOST) {
            Some("no authority")
        } else if repeats(HOST) || repeats(CONTENT_LENGTH) {
            Some("a header that stands once, twice")
        } else if parts.headers.len() + pseudo > self.inner.limits.headers {
            Some("so many headers")
        } else {
            None
        }
    }

    async fn tell(&self, parts: &Parts, target: &str, decision: Decision, ruled: &Ruled, told: Told) {
        if !self.inner.is_heard() {
            return;
        }
        let Told { request_id, remote_ip, headers, claims, providers } = told;
        let request = RequestFacts {
            protocol: if parts.version == HttpVersion::HTTP_2 { "HTTP/2" } else { "HTTP/1.1" },
            method: parts.method.as_str().to_owned(),
            authority: host_of(parts).into_owned(),
            path: target.split('?').next().unwrap_or_default().to_owned(),
            request_id,
            scheme: parts.uri.scheme_str().filter(|_| parts.version == HttpVersion::HTTP_2).map(str::to_owned),
            query_cut: target.contains('?'),
            may_hold_token: target.contains('?')
                || parts.headers.contains_key(AUTHORIZATION)
                || parts.headers.contains_key(COOKIE),
            remote_ip,
            headers,
            claims,
        };
        self.inner.tell(&self.facts, Some(request), decision, ruled, providers).await;
    }
}

/// A request as a provider is shown it: what is on the desk when the decision waits for it.
fn checked(message: &Message, parts: &Parts, request_id: &str) -> CheckedRequest {
    CheckedRequest {
        id: message.headers.first("x-request-id").unwrap_or(request_id).to_owned(),
        method: message.method.clone(),
        scheme: message.scheme.clone(),
        authority: message.authority.clone(),
        path: message.path.clone().unwrap_or_default(),
        headers: message.headers.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        protocol: if parts.version == HttpVersion::HTTP_2 { "HTTP/2" } else { "HTTP/1.1" },
        body: None,
    }
}

/// What the connection manager refuses by what it is, before paths and hosts are looked at.
pub(super) fn refused_at_once(parts: &Parts, protocol: Option<&HeaderValue>, takes_http10: bool) -> Option<BadRequest> {
    if parts.version == HttpVersion::HTTP_10 && !takes_http10 {
        return Some(BadRequest::LowVersion);
    }
    if parts.version == HttpVersion::HTTP_11 && !parts.headers.contains_key(HOST) {
        return Some(BadRequest::MissingHost);
    }
    let codings = parts.headers.get_all(TRANSFER_ENCODING).iter();
    if let Some(other) = codings.into_iter().find(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"chunked")) {
        return Some(BadRequest::TransferEncoding(String::from_utf8_lossy(other.as_bytes()).into_owned()));
    }
    refused_upgrade(protocol)
}

fn refused_upgrade(protocol: Option<&HeaderValue>) -> Option<BadRequest> {
    let protocol = protocol?;
    let is_websocket = protocol.as_bytes().eq_ignore_ascii_case(b"websocket");
    (!is_websocket).then(|| BadRequest::Upgrade(String::from_utf8_lossy(protocol.as_bytes()).into_owned()))
}

/// The protocol that a caller asks to go over to, where HTTP/1.1 has that. Envoy looks at no other way to HTTP/2 than its own beginning.
pub(super) fn asked_protocol(headers: &HeaderMap) -> Option<HeaderValue> {
    let names_upgrade = |value: &HeaderValue| {
        let text = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        text.split(',').any(|word| word.trim() == "upgrade")
    };
    let named: Vec<&[u8]> = headers.get_all(UPGRADE).iter().map(HeaderValue::as_bytes).filter(|name| !name.is_empty()).collect();
    let whole = named.join(&b","[..]);
    let is_asked = !whole.is_empty() && headers.get_all(CONNECTION).iter().any(names_upgrade);
    (is_asked && !whole.eq_ignore_ascii_case(b"h2c")).then(|| HeaderValue::from_bytes(&whole).ok()).flatten()
}

/// The request target as the caller wrote it.
pub(super) fn target_of(parts: &Parts) -> Cow<'_, str> {
    let uri = &parts.uri;
    if parts.method == hyper::Method::CONNECT {
        return uri.authority().map_or_else(|| uri.to_string().into(), |authority| authority.as_str().into());
    }
    if parts.version != HttpVersion::HTTP_2 && uri.scheme().is_some() {
        return uri.to_string().into();
    }
    uri.path_and_query().map_or_else(|| uri.path(), PathAndQuery::as_str).into()
}

/// `Host`, or `:authority`.
pub(super) fn host_of(parts: &Parts) -> Cow<'_, str> {
    let authority = parts.uri.authority().filter(|_| parts.version == HttpVersion::HTTP_2);
    match authority {
        Some(authority) => authority.as_str().into(),
        None => parts.headers.get(HOST).map(|host| String::from_utf8_lossy(host.as_bytes())).unwrap_or_default(),
    }
}

pub(super) fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(hyper::header::CONTENT_TYPE).is_some_and(|value| {
        let rest = value.as_bytes().strip_prefix(b"application/grpc");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"+") || rest.starts_with(b";"))
    })
}
