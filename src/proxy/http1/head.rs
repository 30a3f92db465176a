//! The head of a request as Envoy's codec reads it, written in the one spelling that the library gets.

use bytes::BytesMut;
use memchr::memchr;

use crate::simulate::http::BadRequest;
use crate::simulate::http::is_known_method;

/// What follows a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// A body of this many bytes, or none.
    Length(u64),
    /// A body in chunks.
    Chunked,
    /// Bytes of another protocol, if the other side agrees to it.
    Tunnel,
}

/// What the codec takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Headers of a request.
    pub(super) headers: usize,
    /// HTTP/1.0 is taken.
    pub(super) http10: bool,
}

/// A head that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) framing: Framing,
    /// The target, where the library takes none such and got another.
    pub(super) odd_target: Option<String>,
}

/// The longest body that the library counts.
const LONGEST_BODY: u64 = u64::MAX - 2;

/// Where a head ends: behind its first empty line. Looks from an offset on, before which there is no end.
pub(super) fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += memchr(b'\n', bytes.get(at..)?)? + 1;
        match bytes.get(at..)? {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

/// Where trailers end, which there may be none of.
pub(super) fn end_of_trailers(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\n', ..] => Some(1),
        [b'\r', b'\n', ..] => Some(2),
        _ => end(bytes, 0),
    }
}

/// Reads a whole head, its last empty line included, and writes it anew.
pub(super) fn read(bytes: &[u8], rules: Rules, out: &mut BytesMut) -> Result<Head, BadRequest> {
    let start = out.len();
    let read = write(bytes, rules, out);
    if read.is_err() {
        out.truncate(start);
    }
    read
}

fn write(bytes: &[u8], rules: Rules, out: &mut BytesMut) -> Result<Head, BadRequest> {
    let first_end = memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (first, rest) = bytes.split_at_checked(first_end).unwrap_or((bytes, b""));
    let line = RequestLine::parse(first)?;
    let is_connect = line.method == "CONNECT";
    let odd_target = (is_connect || !is_plain_target(line.target)).then(|| line.target.to_owned());
    out.extend_from_slice(line.method.as_bytes());
    out.extend_from_slice(b" ");
    out.extend_from_slice(match &odd_target {
        None => line.target.as_bytes(),
        Some(_) if is_connect => b"tunnel:1",
        Some(_) => b"/",
    });
    out.extend_from_slice(if line.version == *b"HTTP/1.0" { b" HTTP/1.0\r\n" } else { b" HTTP/1.1\r\n" });
    let facts = headers(rest.get(1..).unwrap_or_default(), rules, out)?;
    let framing = facts.framing(is_connect)?;
    let is_low = line.version != *b"HTTP/1.1" && !(rules.http10 && line.version == *b"HTTP/1.0");
    if is_low {
        line.check_target()?;
        return Err(BadRequest::LowVersion);
    }
    facts.write(framing, out);
    Ok(Head { framing, odd_target })
}

/// The three parts of a request line.
struct RequestLine<'b> {
    method: &'b str,
    target: &'b str,
    version: [u8; 8],
}

impl<'b> RequestLine<'b> {
    /// Parts stand apart by any number of spaces, tabs and CRs. Without a version it is HTTP/0.9.
    fn parse(line: &'b [u8]) -> Result<Self, BadRequest> {
        let mut parts = [&b""[..]; 3];
        let mut rest = trim(line);
        for part in &mut parts[..2] {
            let end = rest.iter().position(|byte| is_separator(*byte)).unwrap_or(rest.len());
            (*part, rest) = rest.split_at_checked(end).unwrap_or((rest, b""));
            rest = trim(rest);
        }
        parts[2] = rest;
        let [method, target, version] = parts;
        let method = std::str::from_utf8(method).map_err(|_| BadRequest::Http1("such a method"))?;
        if !is_known_method(method) {
            return Err(BadRequest::Method(method.to_owned()));
        }
        if !target.iter().all(u8::is_ascii_graphic) {
            return Err(BadRequest::TargetByte);
        }
        let target = std::str::from_utf8(target).map_err(|_| BadRequest::TargetByte)?;
        let is_target = target.starts_with('/') || method == "CONNECT" || target == "*" || target.contains("://");
        if !is_target {
            // What is told of it may hold no token.
            return Err(BadRequest::Target(target.split('?').next().unwrap_or_default().to_owned()));
        }
        let version = match version {
            [] => *b"HTTP/0.9",
            [b'H', b'T', b'T', b'P', b'/', major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9'] => {
                [b'H', b'T', b'T', b'P', b'/', *major, b'.', *minor]
            }
            _ => return Err(BadRequest::Http1("such a version")),
        };
        Ok(Self { method, target, version })
    }

    /// What of a target is looked at before its version.
    fn check_target(&self) -> Result<(), BadRequest> {
        if self.target == "*" && self.method != "OPTIONS" { Err(BadRequest::Star) } else { Ok(()) }
    }
}

/// Whether a request line that has arrived can be one at all: it is refused before the rest of the head is there.
pub(super) fn check_first_line(line: &[u8]) -> Result<(), BadRequest> {
    RequestLine::parse(line).map(|_| ())
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_separator(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_separator(*last)
    {
        bytes = rest;
    }
    bytes
}

/// Whether the library takes a target, and gives it back as it is.
fn is_plain_target(target: &str) -> bool {
    target.starts_with('/') && !target.bytes().any(|byte| matches!(byte, b'"' | b'<' | b'>' | b'`' | b'#'))
}

/// What is gathered of the headers while they are written.
#[derive(Debug, Default)]
struct Facts {
    hosts: Option<Vec<u8>>,
    lengths: usize,
    length: Option<(u64, Vec<u8>)>,
    codings: usize,
    is_chunked: bool,
    other_coding: Option<String>,
    says_upgrade: bool,
    protocol: Option<Vec<u8>>,
}

impl Facts {
    fn framing(&self, is_connect: bool) -> Result<Framing, BadRequest> {
        if self.lengths > 1 {
            return Err(BadRequest::Http1("more than one `Content-Length`"));
        }
        if self.lengths > 0 && self.codings > 0 {
            return Err(BadRequest::Http1("`Content-Length` with `Transfer-Encoding`"));
        }
        if self.codings > 0 && (self.codings > 1 || !self.is_chunked || is_connect) {
            let named = self.other_coding.clone().unwrap_or_else(|| "chunked".to_owned());
            return Err(BadRequest::TransferEncoding(named));
        }
        if is_connect {
            let has_body = self.length.as_ref().is_some_and(|(length, _)| *length > 0);
            return if has_body { Err(BadRequest::Http1("CONNECT with a body")) } else { Ok(Framing::Tunnel) };
        }
        let asks_http2 = self.protocol.as_ref().is_some_and(|protocol| protocol.eq_ignore_ascii_case(b"h2c"));
        if self.says_upgrade && self.protocol.is_some() && !asks_http2 {
            return Ok(Framing::Tunnel);
        }
        Ok(if self.is_chunked {
            Framing::Chunked
        } else {
            Framing::Length(self.length.as_ref().map_or(0, |(length, _)| *length))
        })
    }

    /// What was held back of the headers, and the end of the head.
    fn write(&self, framing: Framing, out: &mut BytesMut) {
        if let Some(hosts) = &self.hosts {
            line(b"host", hosts, out);
        }
        match (framing, &self.length) {
            (Framing::Chunked, _) => line(b"transfer-encoding", b"chunked", out),
            (Framing::Length(_), Some((_, text))) => line(b"content-length", text, out),
            (Framing::Length(_), None) | (Framing::Tunnel, _) => {}
        }
        out.extend_from_slice(b"\r\n");
    }
}

/// Repeated headers of one slot are one value.
fn join(slot: &mut Option<Vec<u8>>, value: &[u8]) {
    let whole = slot.get_or_insert_default();
    if !whole.is_empty() && !value.is_empty() {
        whole.push(b',');
    }
    whole.extend_from_slice(value);
}

fn line(name: &[u8], value: &[u8], out: &mut BytesMut) {
    out.extend_from_slice(name);
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// Trailers, their last empty line included.
pub(super) fn check_trailers(bytes: &[u8]) -> Result<(), BadRequest> {
    each_header(bytes, |_, _| Ok(()))
}

fn headers(bytes: &[u8], rules: Rules, out: &mut BytesMut) -> Result<Facts, BadRequest> {
    let mut facts = Facts::default();
    let mut count = 0;
    each_header(bytes, |name, value| {
        count += 1;
        if name.eq_ignore_ascii_case(b"host") {
            join(&mut facts.hosts, value);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            facts.codings += 1;
            if value.eq_ignore_ascii_case(b"chunked") {
                facts.is_chunked = true;
            } else {
                facts.other_coding = Some(String::from_utf8_lossy(value).into_owned());
            }
        } else if name.eq_ignore_ascii_case(b"content-length") {
            facts.lengths += 1;
            facts.length = Some((length(value)?, value.to_vec()));
        } else if name.eq_ignore_ascii_case(b"proxy-connection") && value.eq_ignore_ascii_case(b"close") {
            line(b"connection", value, out);
        } else {
            if name.eq_ignore_ascii_case(b"connection") {
                facts.says_upgrade |= value.split(|byte| *byte == b',').any(|word| trim(word).eq_ignore_ascii_case(b"upgrade"));
            } else if name.eq_ignore_ascii_case(b"upgrade") && !value.is_empty() {
                join(&mut facts.protocol, value);
            }
            line(name, value, out);
        }
        Ok(())
    })?;
    if count > rules.headers { Err(BadRequest::TooLarge) } else { Ok(facts) }
}

fn length(value: &[u8]) -> Result<u64, BadRequest> {
    let digits =
        std::str::from_utf8(value).ok().filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    let length = digits.and_then(|digits| digits.parse::<u64>().ok()).filter(|length| *length <= LONGEST_BODY);
    length.ok_or(BadRequest::Http1("such a `Content-Length`"))
}

/// Goes through headers, folded ones as one. Their values are without CR, LF and the spaces around.
fn each_header(bytes: &[u8], mut act: impl FnMut(&[u8], &[u8]) -> Result<(), BadRequest>) -> Result<(), BadRequest> {
    let mut rest = bytes;
    let mut folded = Vec::new();
    loop {
        let (first, mut after) = split_line(rest);
        if matches!(first, b"" | b"\r") {
            return Ok(());
        }
        if matches!(first, [b' ' | b'\t', ..]) {
            return Err(BadRequest::Http1("a first header that is folded"));
        }
        let colon = memchr(b':', first).ok_or(BadRequest::Http1("a header without a colon"))?;
        let (name, value) = first.split_at_checked(colon).unwrap_or_default();
        if name.is_empty() || !name.iter().all(|byte| is_token(*byte)) {
            return Err(BadRequest::Http1("such a header name"));
        }
        let mut value = value.get(1..).unwrap_or_default();
        value = value.strip_suffix(b"\r").unwrap_or(value);
        if matches!(after, [b' ' | b'\t', ..]) || value.contains(&b'\r') {
            folded.clear();
            folded.extend_from_slice(value);
            while matches!(after, [b' ' | b'\t', ..]) {
                let (more, behind) = split_line(after);
                folded.extend_from_slice(more);
                after = behind;
            }
            folded.retain(|byte| *byte != b'\r');
            value = &folded;
        }
        let value = trim(value);
        if value.iter().any(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) {
            return Err(BadRequest::Http1("a control character in a header"));
        }
        act(name, value)?;
        rest = after;
    }
}

/// The first line without its LF, and what follows.
fn split_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = memchr(b'\n', bytes).unwrap_or(bytes.len());
    let (line, rest) = bytes.split_at_checked(end).unwrap_or((bytes, b""));
    (line, rest.get(1..).unwrap_or_default())
}

/// RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { headers: 4, http10: false };

    fn read_text(text: &str) -> Result<(String, Framing, Option<String>), BadRequest> {
        let mut out = BytesMut::new();
        let head = read(text.as_bytes(), RULES, &mut out);
        assert!(head.is_ok() || out.is_empty(), "{text:?}");
        head.map(|head| (String::from_utf8_lossy(&out).into_owned(), head.framing, head.odd_target))
    }

    #[test]
    fn a_head_is_written_in_one_spelling() {
        let plain = "GET /a HTTP/1.1\r\nhost: web\r\n\r\n";
        let with = |line: &str| format!("GET /a HTTP/1.1\r\n{line}\r\nhost: web\r\n\r\n");
        for (text, expected) in [
            (plain, plain.to_owned()),
            ("GET\t /a \rHTTP/1.1\t\r\r\nHOST:\r\n web\n\n", plain.to_owned()),
            ("GET /a HTTP/1.1\r\nhost: a\r\nhost:\r\nhost: b\r\n\r\n", plain.replace("web", "a,b")),
            ("GET /a HTTP/1.1\r\nhost: web\r\nx-a: b\r\n c: d\r\n \r\n\r\n", with("x-a: b c: d")),
            ("GET /a HTTP/1.1\r\nhost: web\r\nx-a: \r b\rc\r\r\n\r\n", with("x-a: bc")),
            ("GET /a HTTP/1.1\r\nhost: web\r\nproxy-connection: Close\r\n\r\n", with("connection: Close")),
        ] {
            assert_eq!(read_text(text), Ok((expected, Framing::Length(0), None)), "{text:?}");
        }
    }

    #[test]
    fn where_a_request_ends() {
        let framing = |headers: &str| {
            read_text(&format!("POST /a HTTP/1.1\r\n{headers}\r\n"))
                .map(|(text, framing, _)| (framing, text.contains("content-length")))
        };
        for (headers, expected) in [
            ("content-length: 007\r\n", Ok((Framing::Length(7), true))),
            ("Transfer-Encoding: CHUNKED\r\n", Ok((Framing::Chunked, false))),
            ("content-length: 1\r\nupgrade: x\r\nconnection: a, Upgrade\r\n", Ok((Framing::Tunnel, false))),
            ("upgrade: h2c\r\nconnection: upgrade\r\n", Ok((Framing::Length(0), false))),
            ("upgrade: x\r\n", Ok((Framing::Length(0), false))),
            ("content-length: 1\r\ncontent-length: 1\r\n", Err(BadRequest::Http1("more than one `Content-Length`"))),
            ("content-length: 1, 1\r\n", Err(BadRequest::Http1("such a `Content-Length`"))),
            ("content-length: +1\r\n", Err(BadRequest::Http1("such a `Content-Length`"))),
            ("content-length:\r\n", Err(BadRequest::Http1("such a `Content-Length`"))),
            (
                "transfer-encoding: chunked\r\ncontent-length: 0\r\n",
                Err(BadRequest::Http1("`Content-Length` with `Transfer-Encoding`")),
            ),
            ("transfer-encoding: gzip, chunked\r\n", Err(BadRequest::TransferEncoding("gzip, chunked".to_owned()))),
            (
                "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
                Err(BadRequest::TransferEncoding("chunked".to_owned())),
            ),
            ("a: b\r\nc: d\r\ne: f\r\ng: h\r\ni: j\r\n", Err(BadRequest::TooLarge)),
        ] {
            assert_eq!(framing(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn request_lines() {
        let odd = |line: &str| read_text(&format!("{line}\r\n\r\n")).map(|(_, _, odd)| odd);
        for (line, expected) in [
            ("GET /a?b HTTP/1.1", Ok(None)),
            ("GET /a<b HTTP/1.1", Ok(Some("/a<b".to_owned()))),
            ("OPTIONS * HTTP/1.1", Ok(Some("*".to_owned()))),
            ("CONNECT web:80 HTTP/1.1", Ok(Some("web:80".to_owned()))),
            ("GET /a", Err(BadRequest::LowVersion)),
            ("GET /a HTTP/2.0", Err(BadRequest::LowVersion)),
            ("GET * HTTP/1.0", Err(BadRequest::Star)),
            ("GET /a HTTP/1.1 x", Err(BadRequest::Http1("such a version"))),
            ("GET /a HTTP/1.10", Err(BadRequest::Http1("such a version"))),
            ("GET /a b HTTP/1.1", Err(BadRequest::Http1("such a version"))),
            ("G\0T /a HTTP/1.1", Err(BadRequest::Method("G\0T".to_owned()))),
            ("GET /\u{e9} HTTP/1.1", Err(BadRequest::TargetByte)),
            ("GET a HTTP/1.1", Err(BadRequest::Target("a".to_owned()))),
            ("GET", Err(BadRequest::Target(String::new()))),
        ] {
            assert_eq!(odd(line), expected, "{line:?}");
        }
    }

    #[test]
    fn heads_end_with_their_first_empty_line() {
        for (text, from, expected) in [
            ("a\r\n\r\nb", 0, Some(5)),
            ("a\n\nb", 0, Some(3)),
            ("a\r\n\r", 0, None),
            ("a\r\n\r\r\n\n", 0, Some(7)),
            ("a\r\n\r\n", 2, Some(5)),
            ("a\r\n", 0, None),
        ] {
            assert_eq!(end(text.as_bytes(), from), expected, "{text:?}");
        }
    }
}
