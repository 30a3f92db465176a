//! What one client may take: floods, slowness, numbers.

use std::fs;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use crate::application;
use crate::application::Speech;
use crate::client;
use crate::client::Seen;
use crate::malformed::frames;
use crate::mesh;
use crate::running::Running;

/// How long a server may take to end a connection that it ends.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a flood that is not read is pressed on with.
const PRESSURE: Duration = Duration::from_secs(2);
/// What a proxy may grow by under any of this: one connection's buffers, what the allocator keeps, and the 1,024 streams that may be open at
/// once, each with a connection to the application (some 36 KB).
const MOST_GROWTH: u64 = 64 * 1024 * 1024;
const FRAMES: u32 = 60_000;
const BATCH: u32 = 1_000;

fn start(folder: &Path, more: &[&str]) -> Running {
    start_with(folder, more, None)
}

fn start_with(folder: &Path, more: &[&str], files: Option<u32>) -> Running {
    fs::write(folder.join("mesh.yaml"), mesh::workload(&[("http", 8080)]) + &mesh::mode("DISABLE")).unwrap();
    let upstream = format!("127.0.0.1:{}", application::listen(Speech::Http));
    let arguments = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1", "--upstream", &upstream];
    Running::start_with(folder, 1, &[&arguments[..], more].concat(), files)
}

fn is_served(address: SocketAddr) -> bool {
    let seen = client::exchange(address, b"", None, b"GET /other HTTP/1.1\r\nhost: web\r\n\r\n", false);
    matches!(seen, Seen::Answer(answer) if answer.status == 200)
}

fn connect(address: SocketAddr, first: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PRESSURE)).unwrap();
    stream.write_all(first).unwrap();
    stream
}

/// Whether the other side ends the connection in time.
fn ends(mut stream: &TcpStream) -> bool {
    let mut chunk = [0; 16 * 1024];
    let deadline = Instant::now() + PATIENCE;
    loop {
        match stream.read(&mut chunk) {
            Ok(0) => return true,
            Ok(_) if Instant::now() < deadline => {}
            Ok(_) => return false,
            Err(error) => return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        }
    }
}

/// What becomes of a flood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Becomes {
    /// The connection ends.
    Ended,
    /// It is read, or held back, and costs nobody else anything.
    Borne,
}

/// What is sent as the so manieth of a flood.
type Frames = Box<dyn Fn(u32) -> Vec<u8>>;

#[test]
fn a_flood_of_http2_frames_ends_its_connection_or_costs_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &[]);
    let address = proxy.address(8080);
    let preface = [frames::PREFACE, &frames::frame(4, 0, 0, b""), &frames::frame(4, 1, 0, b"")].concat();
    let nothing = Vec::new();
    let posted = frames::posted(1);
    // A head that does not end.
    let begun = frames::frame(
        1,
        1,
        1,
        &frames::encoded(&[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "web")]),
    );
    let field = frames::frame(9, 0, 1, &frames::encoded(&[("x-a", "b".repeat(50))]));
    let without_path = frames::encoded(&[(":method", "GET"), (":scheme", "http"), (":authority", "web")]);
    let frame =
        |kind: u8, flags: u8, stream: u32, payload: &'static [u8]| move |_: u32| frames::frame(kind, flags, stream, payload);
    let floods: Vec<(&str, &[u8], Frames, Becomes)> = vec![
        (
            "rapid reset",
            &nothing,
            Box::new(|index| [frames::request(2 * index + 1), frames::frame(3, 0, 2 * index + 1, &[0, 0, 0, 8])].concat()),
            Becomes::Ended,
        ),
        (
            "resets of open requests",
            &nothing,
            Box::new(|index| [frames::posted(2 * index + 1), frames::frame(3, 0, 2 * index + 1, &[0, 0, 0, 8])].concat()),
            Becomes::Ended,
        ),
        (
            "heads that are none",
            &nothing,
            Box::new(move |index| frames::frame(1, 5, 2 * index + 1, &without_path)),
            Becomes::Ended,
        ),
        ("continuations", &begun, Box::new(move |_| field.clone()), Becomes::Ended),
        ("empty continuations", &begun, Box::new(frame(9, 0, 1, b"")), Becomes::Ended),
        ("empty data", &posted, Box::new(frame(0, 0, 1, b"")), Becomes::Ended),
        ("data of padding", &posted, Box::new(frame(0, 8, 1, b"\x02\0\0")), Becomes::Ended),
        ("empty headers", &posted, Box::new(frame(1, 4, 1, b"")), Becomes::Ended),
        ("priorities", &nothing, Box::new(|index| frames::frame(2, 0, 2 * (index % 1000) + 1, &[0; 5])), Becomes::Ended),
        ("settings", &nothing, Box::new(frame(4, 0, 0, &[0, 4, 0, 0, 255, 255])), Becomes::Borne),
        ("pings", &nothing, Box::new(frame(6, 0, 0, &[0; 8])), Becomes::Borne),
        ("windows", &nothing, Box::new(frame(8, 0, 0, &[0, 0, 0, 1])), Becomes::Borne),
        ("unknown frames", &nothing, Box::new(frame(0x42, 0, 0, b"")), Becomes::Borne),
        ("streams", &nothing, Box::new(|index| frames::posted(2 * index + 1)), Becomes::Borne),
    ];
    let before = proxy.resident();
    let mut wrong = Vec::new();
    for (name, first, unit, expected) in floods {
        let mut stream = connect(address, &[&preface, first].concat());
        let is_pressed = (0..FRAMES / BATCH).try_for_each(|batch| {
            let bytes: Vec<u8> = (0..BATCH).flat_map(|index| unit(batch * BATCH + index)).collect();
            stream.write_all(&bytes)
        });
        let is_refused = is_pressed.is_err_and(|error| !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
        if expected == Becomes::Ended && !is_refused && !ends(&stream) {
            wrong.push(format!("{name}: the connection stays open"));
        }
        if expected == Becomes::Borne && is_refused {
            wrong.push(format!("{name}: the connection ended"));
        }
        if !is_served(address) {
            wrong.push(format!("{name}: another connection is not served"));
        }
        let growth = proxy.resident().saturating_sub(before);
        if growth > MOST_GROWTH {
            wrong.push(format!("{name}: {growth} bytes more than before"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    proxy.wait_for("the HTTP/2 connection was ended: too many frames without payload");
}

#[test]
fn who_does_not_go_on_is_waited_for_no_longer_than_said() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &["--idle-timeout", "1s"]);
    let address = proxy.address(8080);
    let preface = [frames::PREFACE, &frames::frame(4, 0, 0, b"")].concat();
    let mut wrong = Vec::new();
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("half a head", b"GET / HTTP/1.1\r\nhost: w"),
        ("half a body", b"POST / HTTP/1.1\r\nhost: web\r\ncontent-length: 10\r\n\r\nabc"),
        ("half a chunk", b"POST / HTTP/1.1\r\nhost: web\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab"),
        ("an answered request", b"GET / HTTP/1.1\r\nhost: web\r\n\r\n"),
        ("half a preface", b"PRI * HTTP/2.0\r\n"),
        ("HTTP/2 without a request", &preface),
    ] {
        if !ends(&connect(address, bytes)) {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "these are waited for: {wrong:?}");
    assert!(is_served(address));
}

#[test]
fn more_connections_than_allowed_are_closed_and_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &["--max-connections", "2"]);
    let address = proxy.address(8080);
    let head = b"GET / HTTP/1.1\r\nhost: w";
    let held = [connect(address, head), connect(address, head)];
    assert!(ends(&connect(address, b"")));
    proxy.wait_for("there are 2 connections already; allow more with `--max-connections`");
    drop(held);
    crate::process::wait_until("room", || is_served(address));
}

#[test]
fn heads_that_do_not_end_cost_no_more_than_a_head_may_have() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &[]);
    let address = proxy.address(8080);
    let before = proxy.resident();
    let head = [b"GET / HTTP/1.1\r\nhost: web\r\nx: ", &b"a".repeat(60_000)[..]].concat();
    let held: Vec<TcpStream> = (0..200).map(|_| connect(address, &head)).collect();
    assert!(is_served(address));
    let growth = proxy.resident().saturating_sub(before);
    assert!(growth < 200 * 200_000, "{growth} bytes for 200 connections");
    drop(held);
}

#[test]
fn no_file_descriptor_left_is_told_and_gone_when_there_is_one_again() {
    let folder = tempfile::tempdir().unwrap();
    let proxy = start_with(folder.path(), &[], Some(40));
    let address = proxy.address(8080);
    let held: Vec<TcpStream> = (0..60).map(|_| TcpStream::connect(address).unwrap()).collect();
    proxy.wait_for("allow more files with `ulimit -n`, or fewer connections with `--max-connections`");
    drop(held);
    crate::process::wait_until("a file descriptor", || is_served(address));
}
