//! Answers the proxy gives itself, as Envoy words them.

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Response;
use hyper::StatusCode;
use hyper::Version;
use hyper::body::Body;
use hyper::body::Incoming;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_LENGTH;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::SERVER;
use hyper::header::WWW_AUTHENTICATE;
use hyper::http::request::Parts;

use crate::proxy::body::Carried;
use crate::simulate::Decision;
use crate::simulate::Edit;
use crate::simulate::Verdict;
use crate::simulate::http::BadRequest;
use crate::simulate::message::Message;

/// Name of the proxy in its answers.
const NAME: HeaderValue = HeaderValue::from_static("istio-envoy");
/// What 404 is to a caller that speaks gRPC.
const GRPC_UNIMPLEMENTED: u8 = 12;
/// Longest path in the realm of a challenge.
const LONGEST_REALM_PATH: usize = 256;

/// Writes the proxy's name over the application's.
pub(super) fn sign(headers: &mut HeaderMap) {
    headers.insert(SERVER, NAME);
}

/// An answer of the proxy.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) text: String,
    /// To a caller that speaks gRPC: the status is told in headers of an answer that is 200.
    pub(super) grpc: Option<u8>,
    pub(super) challenge: Option<String>,
    /// HTTP/1 ends the connection after the answer.
    pub(super) closes: bool,
    /// What a provider wants the caller to see.
    pub(super) by_provider: ClientHeaders,
}

/// Headers that providers put on an answer.
#[derive(Debug, Default)]
pub(super) struct ClientHeaders(Vec<(Edit, HeaderName, HeaderValue)>);

impl ClientHeaders {
    /// Adds what a provider wants. What cannot be written is left out.
    pub(super) fn extend(&mut self, edits: Vec<(Edit, String, String)>) {
        self.0.extend(
            edits.into_iter().filter_map(|(edit, name, value)| {
                Some((edit, name.parse().ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?))
            }),
        );
    }

    pub(super) fn apply(&self, headers: &mut HeaderMap) {
        for (edit, name, value) in &self.0 {
            let there = headers.get(name).cloned();
            match (edit, there) {
                (Edit::Set, _) | (Edit::SetIfThere, Some(_)) => drop(headers.insert(name, value.clone())),
                (Edit::Add, _) | (Edit::AddIfAbsent, None) => drop(headers.append(name, value.clone())),
                (Edit::Join, Some(before)) => {
                    let joined = [before.as_bytes(), value.as_bytes()].join(&b',');
                    // Two values and a comma are a value.
                    if let Ok(joined) = HeaderValue::from_bytes(&joined) {
                        headers.insert(name, joined);
                    }
                }
                (Edit::SetIfThere | Edit::Join, None) | (Edit::AddIfAbsent, Some(_)) => {}
            }
        }
    }
}

impl Reply {
    /// What a decision other than `allowed` is answered with.
    pub(super) fn to(decision: &Decision, message: &Message) -> Self {
        if decision.verdict == Verdict::Undetermined {
            let text = format!("the proxy cannot tell: {}", decision.message);
            return Self { status: 503, text, grpc: None, challenge: None, closes: false, by_provider: ClientHeaders::default() };
        }
        let refused_token = decision.verdict == Verdict::Unauthenticated;
        Self {
            status: decision.http_status.unwrap_or(403),
            text: decision.body.as_deref().unwrap_or_default().to_owned(),
            grpc: decision.grpc_status,
            challenge: refused_token.then(|| challenge(message)),
            // A path that no route takes was read like any other.
            closes: decision.verdict == Verdict::BadRequest
                && decision.http_status != Some(404)
                && decision.grpc_status != Some(GRPC_UNIMPLEMENTED),
            by_provider: ClientHeaders::default(),
        }
    }

    /// What the HTTP layer refuses where nothing is decided.
    pub(super) fn refusing(error: &BadRequest, is_grpc: bool) -> Self {
        let is_grpc = is_grpc && error.is_told_to_grpc();
        let status = error.status().unwrap_or(400);
        Self {
            status: if is_grpc { 200 } else { status },
            text: error.body().unwrap_or_default().to_owned(),
            grpc: is_grpc.then(|| error.grpc_status()),
            challenge: None,
            closes: status != 404,
            by_provider: ClientHeaders::default(),
        }
    }

    /// A failure of the application.
    pub(super) fn unavailable(status: u16, text: String, is_grpc: bool) -> Self {
        Self { status, text, grpc: is_grpc.then_some(14), challenge: None, closes: false, by_provider: ClientHeaders::default() }
    }

    /// The connection ends after it, if this holds.
    pub(super) fn closing(mut self, closes: bool) -> Self {
        self.closes |= closes;
        self
    }

    /// Before a request's body was read, HTTP/1 cannot go on: nothing tells where the next request begins.
    pub(super) fn before(self, body: &Incoming, parts: &Parts) -> Self {
        self.with_body(body.is_end_stream(), parts)
    }

    /// The same, where it is known whether the body has arrived.
    pub(super) fn with_body(mut self, has_arrived: bool, parts: &Parts) -> Self {
        let is_read = has_arrived && parts.method != Method::CONNECT;
        self.closes = parts.version != Version::HTTP_2 && (self.closes || !is_read);
        self
    }

    pub(super) fn into_response(self, is_head: bool) -> Response<Carried> {
        let text = if is_head || self.grpc.is_some() { None } else { Some(self.text.as_str()) };
        let bytes = text.filter(|text| !text.is_empty()).map(|text| Bytes::copy_from_slice(text.as_bytes()));
        let mut response = Response::new(Carried::Made(bytes));
        let headers = response.headers_mut();
        self.by_provider.apply(headers);
        if let Some(status) = self.grpc {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
            headers.insert("grpc-status", HeaderValue::from(u16::from(status)));
            if let Ok(message) = HeaderValue::from_str(&percent_encoded(&self.text))
                && !self.text.is_empty()
                && !is_head
            {
                headers.insert("grpc-message", message);
            }
        } else if !self.text.is_empty() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(self.text.len()));
            headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("text/plain"));
        } else {
            headers.remove(CONTENT_TYPE);
        }
        if let Some(challenge) = self.challenge.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if self.closes {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        sign(headers);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::FORBIDDEN);
        response
    }
}

/// RFC 6750 section 3 as the token filter writes it: the realm is the URL that was asked for.
fn challenge(message: &Message) -> String {
    let path = message.path.as_deref().unwrap_or_default();
    let path = path.get(..LONGEST_REALM_PATH).unwrap_or(path);
    format!("Bearer realm=\"{}://{}{path}\", error=\"invalid_token\"", message.scheme, message.authority)
}

/// As gRPC writes messages (its protocol over HTTP/2, "Responses").
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_grpc() {
        for (text, expected) in [("RBAC: access denied", "RBAC: access denied"), ("a%b\n\u{e9}", "a%25b%0A%C3%A9")] {
            assert_eq!(percent_encoded(text), expected);
        }
    }
}
