//! SOCKS5 without authentication (RFC 1928): CONNECT to a name or an address.

use std::io;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;

/// The first byte of every message.
pub(super) const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const NO_METHOD: u8 = 0xff;
const CONNECT: u8 = 1;

/// What a request is answered with (section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Granted = 0,
    NotAllowed = 2,
    HostUnreachable = 4,
    CommandUnknown = 7,
    AddressUnknown = 8,
}

/// Reads the greeting and the request; returns the host and port that are asked for, or nothing when the client was turned away.
pub(super) async fn read<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> io::Result<Option<(String, u16)>> {
    let [version, count] = array(stream).await?;
    let mut methods = vec![0; usize::from(count)];
    stream.read_exact(&mut methods).await?;
    if version != VERSION || !methods.contains(&NO_AUTHENTICATION) {
        stream.write_all(&[VERSION, NO_METHOD]).await?;
        return Ok(None);
    }
    stream.write_all(&[VERSION, NO_AUTHENTICATION]).await?;
    stream.flush().await?;
    let [version, command, _, kind] = array(stream).await?;
    if version != VERSION || command != CONNECT {
        answer(stream, Answer::CommandUnknown).await?;
        return Ok(None);
    }
    let host = match kind {
        1 => Ipv4Addr::from(array(stream).await?).to_string(),
        3 => {
            let [length] = array(stream).await?;
            let mut name = vec![0; usize::from(length)];
            stream.read_exact(&mut name).await?;
            String::from_utf8_lossy(&name).into_owned()
        }
        4 => Ipv6Addr::from(array::<16, _>(stream).await?).to_string(),
        _ => {
            answer(stream, Answer::AddressUnknown).await?;
            return Ok(None);
        }
    };
    Ok(Some((host, u16::from_be_bytes(array(stream).await?))))
}

/// Answers the request. The address of the other side is told to nobody.
pub(super) async fn answer<S: AsyncWrite + Unpin>(stream: &mut S, answer: Answer) -> io::Result<()> {
    stream.write_all(&[VERSION, answer as u8, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    stream.flush().await
}

async fn array<const N: usize, S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (sent, expected, answered) in [
            (&b"\x05\x01\x00\x05\x01\x00\x03\x03web\x00\x50"[..], Some(("web".to_owned(), 80)), &b"\x05\x00"[..]),
            (b"\x05\x02\x02\x00\x05\x01\x00\x01\x0a\x00\x00\x01\x1f\x90", Some(("10.0.0.1".to_owned(), 8080)), b"\x05\x00"),
            (
                b"\x05\x01\x00\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50",
                Some(("::1".to_owned(), 80)),
                b"\x05\x00",
            ),
            (b"\x05\x01\x02", None, b"\x05\xff"),
            (b"\x05\x01\x00\x05\x02\x00\x01", None, b"\x05\x00\x05\x07\x00\x01\x00\x00\x00\x00\x00\x00"),
            (b"\x05\x01\x00\x05\x01\x00\x09", None, b"\x05\x00\x05\x08\x00\x01\x00\x00\x00\x00\x00\x00"),
        ] {
            let (mut client, mut server) = tokio::io::duplex(256);
            let (read, written) = runtime.block_on(async {
                client.write_all(sent).await.unwrap();
                let read = read(&mut server).await.unwrap();
                drop(server);
                let mut written = Vec::new();
                client.read_to_end(&mut written).await.unwrap();
                (read, written)
            });
            assert_eq!((read, written.as_slice()), (expected, answered), "{}", sent.escape_ascii());
        }
    }

    #[test]
    fn a_request_that_ends_early_is_none() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let whole = b"\x05\x01\x00\x05\x01\x00\x03\x03web\x00\x50";
        for length in 0..whole.len() {
            let (mut client, mut server) = tokio::io::duplex(256);
            let read = runtime.block_on(async {
                client.write_all(&whole[..length]).await.unwrap();
                client.shutdown().await.unwrap();
                read(&mut server).await
            });
            assert!(read.is_err(), "{length} bytes");
        }
    }
}
