//! The request that is passed on, and the answer that comes back.

use hyper::HeaderMap;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::Uri;
use hyper::Version;
use hyper::body::Body;
use hyper::body::Incoming;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_LENGTH;
use hyper::header::HOST;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::TRANSFER_ENCODING;
use hyper::header::UPGRADE;
use hyper::http::request::Parts;

use crate::proxy::body::Carried;
use crate::proxy::reply;
use crate::simulate::message::Message;

/// Meant for one hop only.
const HOP_BY_HOP: [&str; 5] = ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"];

/// The headers that the application gets: those the filters left, in the bytes that the caller wrote.
fn headers(message: &Message, original: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(original.len() + 4);
    // What was not edited comes in the order in which it was written.
    let mut written = original.iter().peekable();
    for (name, value) in message.headers.iter() {
        if written.peek().is_some_and(|(key, _)| key.as_str() != name) && original.contains_key(name) {
            while written.next_if(|(key, _)| key.as_str() != name).is_some() {}
        }
        if let Some((name, value)) = written.next_if(|(key, text)| key.as_str() == name && is_text(text, value)) {
            headers.append(name, value.clone());
            continue;
        }
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        let value = match original.get_all(&name).iter().find(|text| is_text(text, value)) {
            Some(written) => written.clone(),
            None => match HeaderValue::from_bytes(value.as_bytes()) {
                Ok(value) => value,
                Err(_) => continue,
            },
        };
        headers.append(name, value);
    }
    headers
}

/// Whether these bytes are read as a text.
fn is_text(written: &HeaderValue, text: &str) -> bool {
    written.as_bytes() == text.as_bytes() || String::from_utf8_lossy(written.as_bytes()) == text
}

/// What is passed on of a request that was let in.
#[derive(Debug)]
pub(super) struct PassedOn {
    pub(super) method: Method,
    pub(super) authority: String,
    /// As policies saw it.
    pub(super) path: String,
    pub(super) headers: HeaderMap,
}

impl PassedOn {
    pub(super) fn new(message: &Message, parts: &Parts) -> Self {
        Self {
            method: parts.method.clone(),
            authority: message.authority.clone(),
            path: message.path.clone().unwrap_or_default(),
            headers: headers(message, &parts.headers),
        }
    }

    /// The request to the application. `None` when its target cannot be written.
    pub(super) fn into_request(self, http2: bool, body: Carried) -> Option<Request<Carried>> {
        let Self { method, authority, path, mut headers } = self;
        if !http2 && body.is_end_stream() && !is_usually_bodiless(&method) {
            headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        // Of some methods the library would send a body of no length not at all.
        let has_chunks = !http2 && !body.is_end_stream() && !headers.contains_key(CONTENT_LENGTH);
        if has_chunks {
            headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
        }
        let mut request = Request::new(body);
        *request.uri_mut() = if http2 {
            let named = if authority.is_empty() { "localhost" } else { authority.as_str() };
            Uri::builder().scheme("http").authority(named).path_and_query(path).build().ok()?
        } else {
            Uri::builder().path_and_query(path).build().ok()?
        };
        *request.method_mut() = method;
        *request.version_mut() = if http2 { Version::HTTP_2 } else { Version::HTTP_11 };
        *request.headers_mut() = headers;
        if !http2 {
            request.headers_mut().insert(HOST, HeaderValue::from_str(&authority).ok()?);
        }
        Some(request)
    }
}

/// Methods of which Envoy does not say that there is no body.
fn is_usually_bodiless(method: &Method) -> bool {
    [Method::GET, Method::HEAD, Method::DELETE, Method::TRACE, Method::CONNECT].contains(method)
}

/// Asks the application for the protocol that the caller asks for.
pub(super) fn ask_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// The application's answer as the caller gets it.
pub(super) fn response(answer: Response<Incoming>, milliseconds: u128, to_http2: bool) -> Response<Carried> {
    let (mut parts, body) = answer.into_parts();
    for name in HOP_BY_HOP {
        parts.headers.remove(name);
    }
    edit(&mut parts.headers, milliseconds);
    parts.version = if to_http2 { Version::HTTP_2 } else { Version::HTTP_11 };
    Response::from_parts(parts, Carried::Incoming(body))
}

/// Headers of every answer that comes from the application.
pub(super) fn edit(headers: &mut HeaderMap, milliseconds: u128) {
    reply::sign(headers);
    if let Ok(time) = HeaderValue::from_str(&milliseconds.to_string()) {
        headers.insert("x-envoy-upstream-service-time", time);
    }
}
