//! The PROXY header, version 1: what a load balancer in front tells about a connection.

use std::net::IpAddr;
use std::net::SocketAddr;

use bytes::Buf;
use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;

/// Longest header with its line end.
const LONGEST: usize = 107;

/// Reads the header and takes it off the bytes. `None` when there is none.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin), bytes: &mut BytesMut) -> Option<(SocketAddr, SocketAddr)> {
    loop {
        if let Some(end) = memchr::memmem::find(bytes, b"\r\n") {
            let parsed = std::str::from_utf8(bytes.get(..end)?).ok().and_then(parse);
            bytes.advance(end + 2);
            return parsed;
        }
        if bytes.len() > LONGEST || stream.read_buf(bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn parse(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let mut words = line.split(' ');
    let (Some("PROXY"), Some("TCP4" | "TCP6")) = (words.next(), words.next()) else { return None };
    let source: IpAddr = words.next()?.parse().ok()?;
    let destination: IpAddr = words.next()?.parse().ok()?;
    let (source_port, destination_port) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    words.next().is_none().then_some(((source, source_port).into(), (destination, destination_port).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let expected = Some(("10.1.2.3:40000".parse().unwrap(), "10.0.0.1:80".parse().unwrap()));
        for (line, expected) in [
            ("PROXY TCP4 10.1.2.3 10.0.0.1 40000 80", expected),
            ("PROXY TCP4 10.1.2.3 10.0.0.1 40000", None),
            ("PROXY TCP4 10.1.2.3 10.0.0.1 40000 80 x", None),
            ("PROXY UDP4 10.1.2.3 10.0.0.1 40000 80", None),
            ("PROXY TCP4 10.1.2 10.0.0.1 40000 80", None),
            ("GET / HTTP/1.1", None),
        ] {
            assert_eq!(parse(line), expected, "{line}");
        }
    }
}
