//! The application behind a proxy: it tells what it got, over HTTP/1.1 or as bytes.

use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;

/// How a port of the application speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speech {
    /// HTTP/1.1, one request after the other.
    Http,
    /// Gives back every byte; HTTP where it looks like it.
    Echo,
    /// Says something before it is asked, then gives back every byte.
    First,
}

/// Listens on a free port for as long as the test lives; returns the port.
pub(crate) fn listen(speech: Speech) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, speech));
        }
    });
    port
}

fn serve(mut stream: TcpStream, speech: Speech) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let _ = stream.set_nodelay(true);
    if speech == Speech::First {
        let _ = stream.write_all(b"hello first\n");
    }
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = stream.read(&mut chunk) else { return };
        bytes.extend_from_slice(&chunk[..length]);
        // A head may come in parts; what begins with a method is waited for.
        let begins_like_http =
            bytes.windows(2).take(9).any(|part| matches!(part, b" /" | b" *" | b" h")) && bytes[0].is_ascii_uppercase();
        if speech != Speech::Http && !begins_like_http {
            if stream.write_all(&bytes).is_err() {
                return;
            }
            bytes.clear();
            continue;
        }
        while let Some((answer, used)) = answer(&bytes) {
            bytes.drain(..used);
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    }
}

/// The answer to the first request of the bytes, and how many of them it took.
fn answer(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.trim_end().split("\r\n");
    let request_line = lines.next().unwrap().to_owned();
    let mut headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let header = |name: &str| headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
    let (body, used) = if header("transfer-encoding").is_some() {
        let (body, length) = chunked(&bytes[end..])?;
        (body, end + length)
    } else {
        let length: usize = header("content-length").map_or(0, |length| length.parse().unwrap());
        (bytes.get(end..end.checked_add(length)?)?.to_vec(), end + length)
    };
    headers.sort();
    let told = json!({"request": request_line, "headers": headers, "body": String::from_utf8_lossy(&body)}).to_string();
    let told = if request_line.starts_with("HEAD ") { String::new() } else { told };
    Some((format!("HTTP/1.1 200 OK\r\nserver: mine\r\ncontent-length: {}\r\n\r\n{told}", told.len()).into_bytes(), used))
}

fn chunked(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let end = at + bytes.get(at..)?.windows(2).position(|part| part == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[at..end]).ok()?.trim(), 16).ok()?;
        let start = end + 2;
        body.extend_from_slice(bytes.get(start..start + length)?);
        at = start + length + 2;
        if length == 0 {
            return (bytes.len() >= at).then_some((body, at));
        }
    }
}
