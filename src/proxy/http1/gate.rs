use bytes::BytesMut;

use crate::proxy::http1::chunks::Chunks;
use crate::proxy::http1::chunks::Read;
use crate::proxy::http1::head;
use crate::proxy::http1::head::Framing;
use crate::proxy::http1::head::Head;
use crate::proxy::http1::head::Rules;
use crate::proxy::http1::notes::Note;
use crate::proxy::http1::notes::Notes;
use crate::simulate::http::BadRequest;

/// Stands for a request that was refused.
const STAND_IN: &[u8] = b"GET / HTTP/1.1\r\n\r\n";

/// Where the reader is.
#[derive(Debug)]
enum Place {
    /// In a head, of which these bytes were held back, and this many hold no end.
    Head {
        held: BytesMut,
        looked_at: usize,
        line_is_checked: bool,
    },
    /// In a body of which this many bytes are left.
    Body(u64),
    Chunked(Chunks),
    /// Bytes that wait until a tunnel is open.
    Tunnel(BytesMut),
    /// Behind a refused head.
    Refused,
    /// Behind what made a body unreadable.
    Broken,
}

/// Reads what arrives on a connection, request after request.
#[derive(Debug)]
pub(super) struct Gate {
    place: Place,
    notes: Notes,
    heads: u64,
    longest_head: usize,
    rules: Rules,
}

impl Gate {
    pub(super) fn new(notes: Notes, longest_head: usize, rules: Rules) -> Self {
        Self { place: Place::head(), notes, heads: 0, longest_head, rules }
    }

    /// How many bytes go through as they are, at least.
    pub(super) fn passes(&mut self) -> u64 {
        match &self.place {
            Place::Body(left) => *left,
            Place::Tunnel(held) if held.is_empty() && self.notes.is_tunnel() => u64::MAX,
            Place::Head { .. } | Place::Chunked(_) | Place::Tunnel(_) | Place::Refused | Place::Broken => 0,
        }
    }

    /// This many bytes went through.
    pub(super) fn passed(&mut self, count: u64) {
        if let Place::Body(left) = &mut self.place {
            *left = left.saturating_sub(count);
            if *left == 0 {
                self.place = Place::head();
            }
        }
    }

    /// Whether a body is under way.
    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.place, Place::Body(_) | Place::Chunked(_))
    }

    /// Whether nothing is read for now: a tunnel is not open, or something was refused.
    pub(super) fn is_closed(&self) -> bool {
        match &self.place {
            Place::Refused => true,
            Place::Tunnel(_) => !self.notes.is_tunnel(),
            Place::Head { .. } | Place::Body(_) | Place::Chunked(_) | Place::Broken => false,
        }
    }

    /// Whether a body cannot be read to its end.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.place, Place::Broken)
    }

    /// What waited for a tunnel, once that is open.
    pub(super) fn release(&mut self, out: &mut BytesMut) {
        if let Place::Tunnel(held) = &mut self.place
            && self.notes.is_tunnel()
        {
            out.extend_from_slice(held);
            held.clear();
        }
    }

    /// Reads bytes, and writes what is handed on.
    pub(super) fn read(&mut self, mut bytes: &[u8], out: &mut BytesMut) {
        while !bytes.is_empty() {
            bytes = match &mut self.place {
                Place::Head { .. } => self.read_head(bytes, out),
                Place::Body(left) => {
                    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    let (now, later) = bytes.split_at_checked(length).unwrap_or((bytes, b""));
                    out.extend_from_slice(now);
                    self.passed(now.len() as u64);
                    later
                }
                Place::Chunked(chunks) => match chunks.read(bytes, out) {
                    Ok(Read::More) => b"",
                    Ok(Read::End(used)) => {
                        self.place = Place::head();
                        bytes.get(used..).unwrap_or_default()
                    }
                    Err(error) => {
                        self.notes.refuse_body(error);
                        self.place = Place::Broken;
                        b""
                    }
                },
                Place::Tunnel(held) => {
                    held.extend_from_slice(bytes);
                    b""
                }
                Place::Refused | Place::Broken => b"",
            };
        }
    }

    /// Reads a head to its end, and returns what is behind it.
    fn read_head<'b>(&mut self, mut bytes: &'b [u8], out: &mut BytesMut) -> &'b [u8] {
        let Place::Head { held, looked_at, line_is_checked } = &mut self.place else { return bytes };
        let before = held.len();
        if before == 0 {
            // Empty lines before a request line are passed over.
            let begin = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
            bytes = bytes.get(begin..).unwrap_or_default();
            let Some(first) = bytes.first() else { return b"" };
            if !begins_method(*first) {
                return self.refuse(BadRequest::NotHttp, out);
            }
        } else {
            held.extend_from_slice(bytes);
        }
        // Most heads arrive whole.
        let whole = if before == 0 { bytes } else { &**held };
        let end = head::end(whole, *looked_at);
        if end.unwrap_or(whole.len()) > self.longest_head {
            return self.refuse(BadRequest::TooLarge, out);
        }
        let Some(end) = end else {
            *looked_at = whole.len().saturating_sub(2);
            let line_end = memchr::memchr(b'\n', whole).filter(|_| !*line_is_checked);
            if let Some(line) = line_end.and_then(|end| whole.get(..end)) {
                *line_is_checked = true;
                if let Err(error) = head::check_first_line(line) {
                    return self.refuse(error, out);
                }
            }
            if before == 0 {
                held.extend_from_slice(bytes);
            }
            return b"";
        };
        match head::read(whole.get(..end).unwrap_or_default(), self.rules, out) {
            Err(error) => self.refuse(error, out),
            Ok(Head { framing, odd_target }) => {
                if let Some(target) = odd_target {
                    self.notes.add(self.heads, Note::Target(target));
                }
                self.heads += 1;
                self.place = match framing {
                    Framing::Length(0) => Place::head(),
                    Framing::Length(length) => Place::Body(length),
                    Framing::Chunked => Place::Chunked(Chunks::new(self.longest_head)),
                    Framing::Tunnel => Place::Tunnel(BytesMut::new()),
                };
                bytes.get(end - before..).unwrap_or_default()
            }
        }
    }

    fn refuse(&mut self, error: BadRequest, out: &mut BytesMut) -> &'static [u8] {
        self.notes.add(self.heads, Note::Refused(error));
        out.extend_from_slice(STAND_IN);
        self.place = Place::Refused;
        b""
    }
}

impl Place {
    fn head() -> Self {
        Self::Head { held: BytesMut::new(), looked_at: 0, line_is_checked: false }
    }
}

/// Whether a method begins with this byte. What does not is refused before its line ends.
fn begins_method(byte: u8) -> bool {
    matches!(byte, b'A'..=b'D' | b'G' | b'H' | b'L'..=b'U')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed on of some bytes, given at once or one by one, and the notes.
    fn hand_on(text: &str, step: usize) -> (String, Vec<Option<Note>>, Option<BadRequest>) {
        let notes = Notes::default();
        let mut gate = Gate::new(notes.clone(), 256, Rules { headers: 10, http10: false });
        let mut out = BytesMut::new();
        for part in text.as_bytes().chunks(step) {
            gate.read(part, &mut out);
        }
        (String::from_utf8_lossy(&out).into_owned(), (0..3).map(|_| notes.next()).collect(), notes.body())
    }

    #[test]
    fn requests_are_handed_on_up_to_the_first_that_is_none() {
        let stand_in = "GET / HTTP/1.1\r\n\r\n";
        let first = "GET /a HTTP/1.1\r\nhost: web\r\n\r\n";
        let refused = |error| Some(Note::Refused(error));
        let length = "POST /a HTTP/1.1\r\nhost: web\r\ncontent-length: 2\r\n\r\nab";
        let both = "POST /a HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
        let smuggled = BadRequest::Http1("`Content-Length` with `Transfer-Encoding`");
        for (text, expected, notes) in [
            (format!("\r\n\n{first}\r\n{length}{first}"), format!("{first}{length}{first}"), [None, None, None]),
            (format!("{first}{both}{first}"), format!("{first}{stand_in}"), [None, refused(smuggled), None]),
            (format!("{length}\u{1}{first}"), format!("{length}{stand_in}"), [None, refused(BadRequest::NotHttp), None]),
            (
                "PUTT /a HTTP/1.1\r\n".to_owned(),
                stand_in.to_owned(),
                [refused(BadRequest::Method("PUTT".to_owned())), None, None],
            ),
            (format!("GET /{}", "a".repeat(300)), stand_in.to_owned(), [refused(BadRequest::TooLarge), None, None]),
            ("GET /a HTTP/1.1\r\nx@y: z\r\n".to_owned(), String::new(), [None, None, None]),
            (
                format!("OPTIONS * HTTP/1.1\r\n\r\n{first}"),
                format!("OPTIONS / HTTP/1.1\r\n\r\n{first}"),
                [Some(Note::Target("*".to_owned())), None, None],
            ),
            (
                format!("GET /a HTTP/1.1\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n{first}"),
                "GET /a HTTP/1.1\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n".to_owned(),
                [None, None, None],
            ),
        ] {
            for step in [text.len(), 1, 7] {
                assert_eq!(hand_on(&text, step), (expected.clone(), notes.to_vec(), None), "{text:?} by {step}");
            }
        }
    }

    #[test]
    fn a_body_that_cannot_be_read_is_not_handed_on_to_its_end() {
        let head = "POST /a HTTP/1.1\r\nhost: web\r\ntransfer-encoding: chunked\r\n\r\n";
        let (out, _, broken) = hand_on(&format!("{head}1\r\na\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"), 1);
        let head = "POST /a HTTP/1.1\r\nhost: web\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!((out.as_str(), broken), (&*format!("{head}1\r\na\r\n"), Some(BadRequest::Http1("a chunk without a size"))));
    }

    #[test]
    fn a_tunnel_holds_what_arrives_until_it_is_open() {
        let notes = Notes::default();
        let mut gate = Gate::new(notes.clone(), 256, Rules { headers: 10, http10: false });
        let mut out = BytesMut::new();
        gate.read(b"GET /a HTTP/1.1\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nframe", &mut out);
        out.clear();
        gate.release(&mut out);
        assert!(out.is_empty() && gate.is_closed() && gate.passes() == 0);
        notes.open_tunnel();
        gate.release(&mut out);
        assert_eq!((&out[..], gate.is_closed(), gate.passes()), (&b"frame"[..], false, u64::MAX));
    }
}
