//! The little of HTTP/1.1 (RFC 9110, RFC 9112) that a file server of three paths needs. One request per connection.

use std::io;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

/// Request line and headers.
const MOST_BYTES: usize = 16 << 10;
const MOST_HEADERS: usize = 64;
/// From the first byte to the last of a request.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Something that is served.
#[derive(Clone)]
pub(super) struct Resource {
    pub(super) content_type: &'static str,
    /// `ETag`, quoted.
    pub(super) entity_tag: String,
    pub(super) body: Arc<str>,
}

/// A request, as far as it is looked at.
pub(super) struct Request {
    pub(super) method: String,
    /// The path without its query.
    pub(super) path: String,
    /// The values of `If-None-Match`.
    if_none_match: Vec<String>,
}

/// A request that is not understood.
pub(super) enum Refusal {
    /// The connection ended, before or while something was said.
    Gone,
    /// With this status.
    Status(u16),
}

/// Reads the head of a request within the time there is.
pub(super) fn read(stream: &mut TcpStream) -> Result<Request, Refusal> {
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    let mut chunk = [0; 2048];
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Refusal::Status(408));
        }
        stream.set_read_timeout(Some(left)).map_err(|_| Refusal::Gone)?;
        let count = match stream.read(&mut chunk) {
            Ok(0) => return Err(if bytes.is_empty() { Refusal::Gone } else { Refusal::Status(400) }),
            Ok(count) => count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(Refusal::Status(408));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return Err(Refusal::Gone),
        };
        bytes.extend_from_slice(chunk.get(..count).unwrap_or_default());
        if let Some(request) = parse(&bytes)? {
            return Ok(request);
        }
        if bytes.len() >= MOST_BYTES {
            return Err(Refusal::Status(431));
        }
    }
}

/// The request, when its head is complete.
fn parse(bytes: &[u8]) -> Result<Option<Request>, Refusal> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) => return Ok(None),
        Ok(httparse::Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::Status(431)),
        Err(httparse::Error::Version) => return Err(Refusal::Status(505)),
        Err(_) => return Err(Refusal::Status(400)),
    }
    let (Some(method), Some(target)) = (request.method, request.path) else { return Err(Refusal::Status(400)) };
    let values = |name: &str| {
        let found = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| String::from_utf8_lossy(header.value).into_owned()).collect::<Vec<_>>()
    };
    // RFC 9112 section 3.2: HTTP/1.1 needs exactly one Host.
    let hosts = values("host").len();
    if hosts > 1 || (hosts == 0 && request.version == Some(1)) {
        return Err(Refusal::Status(400));
    }
    let path = path_of(target).ok_or(Refusal::Status(400))?;
    Ok(Some(Request { method: method.to_owned(), path: path.to_owned(), if_none_match: values("if-none-match") }))
}

/// The path of a request target in origin or absolute form (RFC 9112 section 3.2).
fn path_of(target: &str) -> Option<&str> {
    let target = target.split(['?', '#']).next()?;
    if target.starts_with('/') || target == "*" {
        return Some(target);
    }
    let (scheme, rest) = target.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    Some(rest.find('/').and_then(|start| rest.get(start..)).unwrap_or("/"))
}

impl Request {
    /// Whether the client has this version already (RFC 9110 section 13.1.2, weak comparison).
    pub(super) fn has(&self, entity_tag: &str) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        let tags = self.if_none_match.iter().flat_map(|value| value.split(',')).map(str::trim);
        tags.into_iter().any(|tag| tag == "*" || opaque(tag) == entity_tag)
    }
}

/// An answer.
pub(super) struct Response<'r> {
    pub(super) status: u16,
    pub(super) content_type: &'r str,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: &'r str,
}

impl Response<'static> {
    /// An answer that is only a status in words.
    pub(super) fn of_status(status: u16) -> Self {
        let headers = if status == 405 { vec![("Allow", "GET, HEAD".to_owned())] } else { Vec::new() };
        Self { status, content_type: "text/plain; charset=utf-8", headers, body: reason(status) }
    }
}

impl Response<'_> {
    /// Writes the answer; the body only when it is wanted. What the client still sends is read for a moment, so that closing the
    /// connection does not take the answer away from it.
    pub(super) fn write(&self, stream: &mut TcpStream, with_body: bool) -> io::Result<()> {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status).trim_end());
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        // RFC 9110 section 15.4.5: an answer 304 has no content.
        if self.status != 304 {
            text.push_str(&format!("Content-Type: {}\r\nContent-Length: {}\r\n", self.content_type, self.body.len()));
        }
        text.push_str("Connection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n");
        if with_body && self.status != 304 {
            text.push_str(self.body);
        }
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(text.as_bytes())?;
        stream.shutdown(std::net::Shutdown::Write)?;
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        let mut rest = [0; 4096];
        for _ in 0..16 {
            if !matches!(stream.read(&mut rest), Ok(count) if count > 0) {
                break;
            }
        }
        Ok(())
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK\n",
        304 => "Not Modified\n",
        400 => "Bad Request\n",
        404 => "Not Found\n",
        405 => "Method Not Allowed\n",
        408 => "Request Timeout\n",
        431 => "Request Header Fields Too Large\n",
        505 => "HTTP Version Not Supported\n",
        _ => "Service Unavailable\n",
    }
}
