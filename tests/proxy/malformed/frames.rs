//! HTTP/2 frame by frame.

use super::fields::FIELDS;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const GET: [(&[u8], &[u8]); 4] = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/a"), (b":authority", b"web")];
const POST: [(&[u8], &[u8]); 4] = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/a"), (b":authority", b"web")];
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const WITH_PRIORITY: u8 = 32;

/// One frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Headers in literal form, none of them remembered (RFC 7541 section 6.2.2).
pub(crate) fn encoded<N: AsRef<[u8]>, V: AsRef<[u8]>>(fields: &[(N, V)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in fields {
        out.push(0);
        for text in [name.as_ref(), value.as_ref()] {
            let mut left = text.len();
            if left < 127 {
                out.push(left as u8);
            } else {
                out.push(127);
                left -= 127;
                while left >= 128 {
                    out.push((left % 128) as u8 | 128);
                    left /= 128;
                }
                out.push(left as u8);
            }
            out.extend_from_slice(text);
        }
    }
    out
}

/// A request without a body on a stream.
pub(crate) fn request(stream: u32) -> Vec<u8> {
    frame(1, END_HEADERS | END_STREAM, stream, &encoded(&GET))
}

/// The beginning of one with a body.
pub(crate) fn posted(stream: u32) -> Vec<u8> {
    frame(1, END_HEADERS, stream, &encoded(&POST))
}

/// A POST with a length and one byte of body, or other bytes.
fn with_length(lengths: &[&str], body: &[u8]) -> Vec<u8> {
    let lengths = lengths.iter().map(|length| (&b"content-length"[..], length.as_bytes()));
    let fields: Vec<(&[u8], &[u8])> = POST.into_iter().chain(lengths).collect();
    [frame(1, END_HEADERS, 1, &encoded(&fields)), frame(0, END_STREAM, 1, body)].concat()
}

/// Name and bytes behind the preface and the settings of both sides.
pub(crate) fn cases() -> Vec<(String, Vec<u8>)> {
    let whole = END_HEADERS | END_STREAM;
    let head = encoded(&GET);
    let (begin, rest) = head.split_at(9);
    let mut cases: Vec<(String, Vec<u8>)> =
        FIELDS.iter().map(|(name, fields)| ((*name).to_owned(), frame(1, whole, 1, &encoded(fields)))).collect();
    for count in [96, 97, 101] {
        let more = (0..count).map(|index| (format!("x-{index}").into_bytes(), b"b".to_vec()));
        let fields: Vec<_> = GET.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).chain(more).collect();
        cases.push((format!("{count} headers and four"), frame(1, whole, 1, &encoded(&fields))));
    }
    for (name, lengths, body) in [
        ("length", &["1"][..], &b"a"[..]),
        ("length of more", &["2"], b"a"),
        ("length of less", &["1"], b"ab"),
        ("length of none", &["0"], b"a"),
        ("length that is none", &["x"], b"a"),
        ("length with a minus", &["-1"], b"a"),
        ("length with a plus", &["+1"], b"a"),
        ("list of lengths", &["1, 1"], b"a"),
        ("empty length", &[""], b"a"),
        ("huge length", &["99999999999999999999"], b"a"),
        ("length behind a space", &[" 1"], b"a"),
        ("the same length twice", &["1", "1"], b"a"),
        ("two lengths", &["1", "2"], b"a"),
    ] {
        cases.push((name.to_owned(), with_length(lengths, body)));
    }
    let body = |flags: u8, trailers: &[(&[u8], &[u8])]| {
        [posted(1), frame(0, 0, 1, b"a"), frame(1, END_HEADERS | flags, 1, &encoded(trailers))].concat()
    };
    for (name, bytes) in [
        ("trailers", body(END_STREAM, &[(b"x-t", b"1")])),
        ("trailers with a pseudo header", body(END_STREAM, &[(b":path", b"/b")])),
        ("trailers in capitals", body(END_STREAM, &[(b"X-T", b"1")])),
        ("trailers with connection", body(END_STREAM, &[(b"connection", b"close")])),
        ("trailers that do not end", body(0, &[(b"x-t", b"1")])),
        ("data of the connection", frame(0, END_STREAM, 0, b"a")),
        ("data of an idle stream", frame(0, END_STREAM, 1, b"a")),
        ("data behind the end", [request(1), frame(0, END_STREAM, 1, b"a")].concat()),
        ("data with too much padding", [posted(1), frame(0, END_STREAM | PADDED, 1, b"\xffa")].concat()),
        ("headers of the connection", frame(1, whole, 0, &head)),
        ("a stream of the server's", frame(1, whole, 2, &head)),
        ("an older stream", [request(5), request(3)].concat()),
        ("the same stream twice", [request(1), request(1)].concat()),
        ("headers with padding", frame(1, whole | PADDED, 1, &[&[3][..], &head, &[0; 3]].concat())),
        ("headers with too much padding", frame(1, whole | PADDED, 1, &[&[255][..], &head].concat())),
        ("a stream that depends on itself", frame(1, whole | WITH_PRIORITY, 1, &[&[0, 0, 0, 1, 0][..], &head].concat())),
        ("a continuation", [frame(1, END_STREAM, 1, begin), frame(9, END_HEADERS, 1, rest)].concat()),
        ("a continuation of nothing", frame(9, END_HEADERS, 1, &head)),
        ("a continuation of another stream", [frame(1, END_STREAM, 1, begin), frame(9, END_HEADERS, 3, rest)].concat()),
        (
            "a frame before the continuation",
            [frame(1, END_STREAM, 1, begin), frame(6, 0, 0, &[0; 8]), frame(9, END_HEADERS, 1, rest)].concat(),
        ),
        ("an unknown field", frame(1, whole, 1, b"\xff\xff\xff\x0f")),
        ("field 0", frame(1, whole, 1, b"\x80")),
        ("half a field", frame(1, whole, 1, &head[..head.len() - 2])),
        ("a table size behind fields", frame(1, whole, 1, &[&head[..], b"\x3f\xe1\x1f"].concat())),
        ("a table that is too large", frame(1, whole, 1, &[b"\x3f\xe1\xff\x03", &head[..]].concat())),
        ("a bad Huffman code", frame(1, whole, 1, &[&head[..], b"\x00\x01a\x81\x00"].concat())),
        ("a frame that is too large", frame(0, 0, 1, &[b'a'; 16_385])),
        ("an unknown frame", [frame(0x42, 0, 0, b"abc"), request(1)].concat()),
        ("an unknown frame of a stream", [frame(0x42, 0, 1, b"abc"), request(1)].concat()),
        ("settings acknowledged with a payload", frame(4, 1, 0, &[0; 6])),
        ("settings of a stream", frame(4, 0, 1, b"")),
        ("settings of five bytes", frame(4, 0, 0, &[0; 5])),
        ("a setting that is unknown", [frame(4, 0, 0, &[0, 0x99, 0, 0, 0, 1]), request(1)].concat()),
        ("push neither on nor off", [frame(4, 0, 0, &[0, 2, 0, 0, 0, 2]), request(1)].concat()),
        ("a window that is too large", [frame(4, 0, 0, &[0, 4, 255, 255, 255, 255]), request(1)].concat()),
        ("frames that are too small", [frame(4, 0, 0, &[0, 5, 0, 0, 0, 1]), request(1)].concat()),
        ("a ping of seven bytes", frame(6, 0, 0, &[0; 7])),
        ("a ping of a stream", frame(6, 0, 1, &[0; 8])),
        ("goaway of a stream", frame(7, 0, 1, &[0; 8])),
        ("a window of nothing more", frame(8, 0, 0, &[0; 4])),
        ("a stream's window of nothing more", [posted(1), frame(8, 0, 1, &[0; 4])].concat()),
        ("a window beyond its bounds", frame(8, 0, 0, &[127, 255, 255, 255])),
        ("a window of three bytes", frame(8, 0, 0, &[0; 3])),
        ("the window of an idle stream", frame(8, 0, 7, &[0, 0, 0, 1])),
        ("reset of the connection", frame(3, 0, 0, &[0; 4])),
        ("reset of an idle stream", frame(3, 0, 1, &[0; 4])),
        ("reset of three bytes", [posted(1), frame(3, 0, 1, &[0; 3])].concat()),
        ("a priority", [frame(2, 0, 1, &[0; 5]), request(1)].concat()),
        ("a priority of four bytes", frame(2, 0, 1, &[0; 4])),
        ("a priority of the connection", frame(2, 0, 0, &[0; 5])),
        ("a priority below itself", [frame(2, 0, 1, &[0, 0, 0, 1, 0]), request(1)].concat()),
        ("a push", frame(5, END_HEADERS, 1, &[&[0, 0, 0, 2][..], &head].concat())),
    ] {
        cases.push((name.to_owned(), bytes));
    }
    cases
}

/// Kind, flags, stream and payload of each whole frame.
pub(crate) fn split(mut bytes: &[u8]) -> Vec<(u8, u8, u32, &[u8])> {
    let mut frames = Vec::new();
    while let Some((header, rest)) = bytes.split_at_checked(9) {
        let length = u32::from_be_bytes([0, header[0], header[1], header[2]]) as usize;
        let stream = u32::from_be_bytes([header[5], header[6], header[7], header[8]]) & 0x7fff_ffff;
        let Some((payload, rest)) = rest.split_at_checked(length) else { break };
        frames.push((header[3], header[4], stream, payload));
        bytes = rest;
    }
    frames
}

/// The status that an answer's headers begin with: from the static table, or as digits, which may be in Huffman's code.
pub(crate) fn status(mut block: &[u8]) -> String {
    while block[0] & 0xe0 == 0x20 {
        block = &block[1..];
    }
    if block[0] & 0x80 != 0 {
        return ["200", "204", "206", "304", "400", "404", "500"][usize::from(block[0] & 0x7f) - 8].to_owned();
    }
    let text = &block[2..][..usize::from(block[1] & 0x7f)];
    if block[1] & 0x80 == 0 {
        return String::from_utf8_lossy(text).into_owned();
    }
    let bits: String = text.iter().map(|byte| format!("{byte:08b}")).collect();
    let codes = ["00000", "00001", "00010", "011001", "011010", "011011", "011100", "011101", "011110", "011111"];
    let mut rest = bits.as_str();
    let mut digits = String::new();
    while let Some((digit, code)) = codes.iter().enumerate().find(|(_, code)| rest.starts_with(**code)) {
        digits.push_str(&digit.to_string());
        rest = &rest[code.len()..];
    }
    digits
}
