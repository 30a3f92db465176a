//! A chunked body (RFC 9112 section 7.1) as Envoy's codec reads it.

use bytes::BytesMut;
use memchr::memchr;

use crate::proxy::http1::head;
use crate::simulate::http::BadRequest;

/// Where in a chunked body the reader is.
#[derive(Debug)]
enum Place {
    /// In the digits of a size. `None` before the first one.
    Size(Option<u64>),
    /// Between the digits of a size and the end of its line: spaces or an extension.
    AfterSize { size: u64, is_extension: bool, is_after_cr: bool },
    /// In the bytes of a chunk, of which this many are left.
    Data(u64),
    /// Behind the bytes of a chunk: up to the end of the line everything is thrown away.
    AfterData,
    /// Behind the last chunk.
    Trailers(Vec<u8>),
}

/// The reader of one chunked body.
#[derive(Debug)]
pub(super) struct Chunks {
    place: Place,
    longest_trailers: usize,
}

/// What became of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// All of them belong to the body, which goes on.
    More,
    /// The body ended after this many of them.
    End(usize),
}

impl Chunks {
    pub(super) fn new(longest_trailers: usize) -> Self {
        Self { place: Place::Size(None), longest_trailers }
    }

    /// Reads on, and writes what the chunks hold as chunks of our own. Trailers are read and left out, as a proxy may do.
    pub(super) fn read(&mut self, bytes: &[u8], out: &mut BytesMut) -> Result<Read, BadRequest> {
        let mut at = 0;
        while let Some((&byte, _)) = bytes.get(at..).and_then(<[u8]>::split_first) {
            match &mut self.place {
                Place::Size(size) => match (char::from(byte).to_digit(16), *size) {
                    (Some(digit), before) => {
                        let grown = before.unwrap_or(0).checked_mul(16).and_then(|size| size.checked_add(u64::from(digit)));
                        *size = Some(grown.ok_or(BadRequest::Http1("a chunk of such a size"))?);
                        at += 1;
                    }
                    (None, Some(size)) => self.place = Place::AfterSize { size, is_extension: false, is_after_cr: false },
                    (None, None) => return Err(BadRequest::Http1("a chunk without a size")),
                },
                Place::AfterSize { size, is_extension, is_after_cr } => {
                    match byte {
                        b'\n' if *is_after_cr => {
                            self.place = if *size == 0 { Place::Trailers(Vec::new()) } else { Place::Data(*size) };
                        }
                        b'\n' => return Err(BadRequest::Http1("a line of a chunk that ends without a CR")),
                        _ if *is_after_cr => return Err(BadRequest::Http1("a CR within the line of a chunk")),
                        b'\r' => *is_after_cr = true,
                        b' ' | b'\t' => {}
                        b';' => *is_extension = true,
                        _ if *is_extension => {}
                        _ => return Err(BadRequest::Http1("a chunk whose size is no number")),
                    }
                    at += 1;
                }
                Place::Data(left) => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let length = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                    out.extend_from_slice(format!("{length:x}\r\n").as_bytes());
                    out.extend_from_slice(rest.get(..length).unwrap_or_default());
                    out.extend_from_slice(b"\r\n");
                    at += length;
                    *left -= length as u64;
                    if *left == 0 {
                        self.place = Place::AfterData;
                    }
                }
                Place::AfterData => match memchr(b'\n', bytes.get(at..).unwrap_or_default()) {
                    None => return Ok(Read::More),
                    Some(end) => {
                        at += end + 1;
                        self.place = Place::Size(None);
                    }
                },
                Place::Trailers(held) => {
                    let from = held.len();
                    held.extend_from_slice(bytes.get(at..).unwrap_or_default());
                    let end = head::end_of_trailers(held);
                    if end.unwrap_or(held.len()) > self.longest_trailers {
                        return Err(BadRequest::TooLarge);
                    }
                    let Some(end) = end else { return Ok(Read::More) };
                    head::check_trailers(held.get(..end).unwrap_or_default())?;
                    out.extend_from_slice(b"0\r\n\r\n");
                    return Ok(Read::End(at + end - from));
                }
            }
        }
        Ok(Read::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is handed on and what was behind the body, read at once and byte by byte.
    fn read(text: &str) -> Result<(String, String), BadRequest> {
        let mut results = Vec::new();
        for step in [text.len(), 1] {
            let mut chunks = Chunks::new(64);
            let mut out = BytesMut::new();
            let mut bytes = text.as_bytes();
            let result = loop {
                let (now, later) = bytes.split_at(step.min(bytes.len()));
                match chunks.read(now, &mut out) {
                    Err(error) => break Err(error),
                    Ok(Read::End(used)) => break Ok(now[used..].iter().chain(later).map(|byte| char::from(*byte)).collect()),
                    Ok(Read::More) if later.is_empty() => break Ok("unfinished".to_owned()),
                    Ok(Read::More) => bytes = later,
                }
            };
            results.push(result.map(|rest: String| (String::from_utf8_lossy(&out).into_owned(), rest)));
        }
        let data = |result: &Result<(String, String), BadRequest>| result.clone().map(|(out, rest)| (decoded(&out), rest));
        assert_eq!(data(&results[0]), data(&results[1]), "{text:?}");
        results.swap_remove(0)
    }

    fn decoded(mut chunks: &str) -> String {
        let mut data = String::new();
        while let Some((size, rest)) = chunks.split_once("\r\n") {
            let length = usize::from_str_radix(size, 16).unwrap();
            data.push_str(&rest[..length]);
            chunks = &rest[length + 2..];
        }
        data
    }

    #[test]
    fn chunks_are_handed_on_in_one_spelling() {
        for (text, expected) in [
            ("1\r\na\r\n0\r\n\r\nGET", Ok(("1\r\na\r\n0\r\n\r\n", "GET"))),
            ("0\r\n\r\n", Ok(("0\r\n\r\n", ""))),
            ("00001;x=\"y\"\r\na\r\n0;z\r\nx-t: 1\r\n\r\nG", Ok(("1\r\na\r\n0\r\n\r\n", "G"))),
            ("1 \t\r\nab\n0\r\n\n", Ok(("1\r\na\r\n0\r\n\r\n", ""))),
            ("A\r\n0123456789\r\n", Ok(("a\r\n0123456789\r\n", "unfinished"))),
            ("1\na", Err(BadRequest::Http1("a line of a chunk that ends without a CR"))),
            ("1;x\ry\r\na", Err(BadRequest::Http1("a CR within the line of a chunk"))),
            ("0x1\r\na", Err(BadRequest::Http1("a chunk whose size is no number"))),
            (" 1\r\na", Err(BadRequest::Http1("a chunk without a size"))),
            ("\r\na", Err(BadRequest::Http1("a chunk without a size"))),
            ("-1\r\na", Err(BadRequest::Http1("a chunk without a size"))),
            ("10000000000000000\r\n", Err(BadRequest::Http1("a chunk of such a size"))),
            ("0\r\n x-t: 1\r\n\r\n", Err(BadRequest::Http1("a first header that is folded"))),
            ("0\r\nx t: 1\r\n\r\n", Err(BadRequest::Http1("such a header name"))),
            (&format!("0\r\nx: {}\r\n\r\n", "a".repeat(64)), Err(BadRequest::TooLarge)),
        ] {
            let expected = expected.map(|(out, rest)| (out.to_owned(), rest.to_owned()));
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
