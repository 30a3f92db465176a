//! What the first bytes of a connection are, as Envoy's listener filters find it.

use crate::simulate::connection::Arrival;

/// How HTTP/2 begins (RFC 9113 section 3.4).
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Longest request line that is waited for; what has none by then is not HTTP.
const LONGEST_LINE: usize = 64 * 1024;
/// Longest method that HTTP/1 has here.
const LONGEST_METHOD: usize = 16;

/// What can be told of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inspection {
    /// Enough is there.
    Known(Seen),
    /// More bytes decide.
    More,
}

/// What arrives, before the protocol names of a TLS client are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Tls,
    Http,
    Bytes,
}

/// Looks at what was read so far. HTTP is looked for only where a port needs to know; `http10` counts HTTP/1.0 as HTTP.
pub(super) fn inspect(bytes: &[u8], looks_for_http: bool, http10: bool) -> Inspection {
    match bytes {
        [] | [0x16] | [0x16, 0x03] => return Inspection::More,
        [0x16, 0x03, 0..=4, ..] => return Inspection::Known(Seen::Tls),
        _ => {}
    }
    if !looks_for_http {
        return Inspection::Known(Seen::Bytes);
    }
    if is_start_of(bytes, PREFACE) {
        return if bytes.len() >= PREFACE.len() { Inspection::Known(Seen::Http) } else { Inspection::More };
    }
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        let method_end = bytes.iter().position(|byte| *byte == b' ').unwrap_or(bytes.len());
        let method = bytes.get(..method_end).unwrap_or_default();
        let may_be = method.len() <= LONGEST_METHOD && method.iter().all(u8::is_ascii_uppercase) && bytes.len() <= LONGEST_LINE;
        return if may_be { Inspection::More } else { Inspection::Known(Seen::Bytes) };
    };
    let line = bytes.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let is_http = match parts.as_slice() {
        [method, target, version] => {
            let is_method = !method.is_empty() && method.len() <= LONGEST_METHOD && method.iter().all(u8::is_ascii_uppercase);
            is_method && !target.is_empty() && (*version == b"HTTP/1.1" || (http10 && *version == b"HTTP/1.0"))
        }
        _ => false,
    };
    Inspection::Known(if is_http { Seen::Http } else { Seen::Bytes })
}

/// Whether one is the beginning of the other.
pub(super) fn is_start_of(bytes: &[u8], whole: &[u8]) -> bool {
    let length = bytes.len().min(whole.len());
    bytes.get(..length) == whole.get(..length)
}

impl Seen {
    /// What arrived in the clear.
    pub(super) fn in_the_clear(self) -> Arrival {
        match self {
            Self::Http => Arrival::Http,
            Self::Bytes | Self::Tls => Arrival::Bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        use Inspection::Known;
        use Inspection::More;
        let mut wrong = Vec::new();
        for (bytes, looks, expected) in [
            (&b""[..], true, More),
            (b"\x16", true, More),
            (b"\x16\x03\x01\x02", false, Known(Seen::Tls)),
            (b"\x16\x07\x01", false, Known(Seen::Bytes)),
            (b"GE", true, More),
            (b"GET / HT", true, More),
            (b"GET / HTTP/1.1\r\n", true, Known(Seen::Http)),
            (b"GET / HTTP/1.1\n", true, Known(Seen::Http)),
            (b"GET / HTTP/1.0\r\n", true, Known(Seen::Bytes)),
            (b"GET  / HTTP/1.1\r\n", true, Known(Seen::Bytes)),
            (b"get / HTTP/1.1\r\n", true, Known(Seen::Bytes)),
            (b"GET / HTTP/1.1\r\n", false, Known(Seen::Bytes)),
            (b"PRI * HTTP/2.0\r\n", true, More),
            (PREFACE, true, Known(Seen::Http)),
            (b"SSH-2.0-x\r\n", true, Known(Seen::Bytes)),
            (b"\x00\x01", true, Known(Seen::Bytes)),
        ] {
            let got = inspect(bytes, looks, false);
            if got != expected {
                wrong.push(format!("{}: {got:?}, want {expected:?}", bytes.escape_ascii()));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(inspect(b"GET / HTTP/1.0\r\n", true, true), Known(Seen::Http));
    }
}
