//! The real Envoy with the same policies: requests per second it answers on one core.
//!
//! Envoy runs the bootstrap that `policy translate` writes, with one worker pinned to the first core. The client and the application
//! behind Envoy share the second. Connections are plaintext HTTP/1.1, kept alive, one request outstanding on each.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use nix::sched::CpuSet;
use nix::sched::sched_setaffinity;
use nix::unistd::Pid;

use crate::batch;
use crate::shape::Shape;

/// Connections that are open at once.
const CONNECTIONS: usize = 32;
/// Different requests on each connection.
const POOL: usize = 64;

/// What Envoy did.
pub(crate) struct Rate {
    /// Requests per second of wall time.
    pub(crate) per_second: f64,
    /// Requests per second of Envoy's own processor time: the rate on an idle machine.
    pub(crate) per_processor_second: f64,
    /// Requests of the pool that Envoy and the simulator both let in or both keep out.
    pub(crate) agreed: usize,
    /// Requests of the pool.
    pub(crate) asked: usize,
}

/// Ends Envoy when measuring ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Connection {
    stream: TcpStream,
    requests: Vec<Vec<u8>>,
    expected: Vec<bool>,
    next: usize,
    buffer: Vec<u8>,
}

/// Drives an Envoy for this long.
pub(crate) fn measure(envoy: &str, shape: Shape, folder: &Path, seconds: u64) -> Rate {
    let application = TcpListener::bind("127.0.0.1:0").expect("a port for the application");
    let port = application.local_addr().expect("an address").port();
    thread::spawn(move || serve(&application));
    let text = shape.manifests(port);
    let entrance = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
    let running = start(envoy, &text, entrance, folder);
    let mut connections = connect(shape, text, entrance, port);
    pin(1);
    for connection in &mut connections {
        connection.send();
    }
    let (mut agreed, mut asked) = (0, 0);
    for _ in 0..POOL {
        for connection in &mut connections {
            asked += 1;
            agreed += usize::from(connection.exchange());
        }
    }
    let (start, used) = (Instant::now(), processor_time(running.0.id()));
    let mut count = 0_u64;
    while start.elapsed() < Duration::from_secs(seconds) {
        for connection in &mut connections {
            connection.exchange();
            count += 1;
        }
    }
    let (took, used) = (start.elapsed().as_secs_f64(), processor_time(running.0.id()) - used);
    Rate { per_second: batch::rate(count, took), per_processor_second: batch::rate(count, used), agreed, asked }
}

fn start(envoy: &str, text: &str, entrance: u16, folder: &Path) -> Running {
    let manifests = folder.join("envoy-mesh.yaml");
    fs::write(&manifests, text).expect("the manifests can be written");
    certificates(folder);
    let translated = Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args(["policy", "translate", "--workload", "shop/api", "-o", "envoy-bootstrap", "--port", &entrance.to_string(), "-f"])
        .arg(&manifests)
        .output()
        .expect("meshsec runs");
    assert!(translated.status.success(), "{}", String::from_utf8_lossy(&translated.stderr));
    fs::write(folder.join("envoy.yaml"), translated.stdout).expect("the bootstrap can be written");
    let child = Command::new("taskset")
        .args(["-c", "0", envoy, "-c", "envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "-l", "error"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.join("envoy.log")).expect("a log"))
        .spawn()
        .expect("taskset and Envoy start");
    let mut running = Running(child);
    for _ in 0..300 {
        thread::sleep(Duration::from_millis(100));
        if TcpStream::connect(("127.0.0.1", entrance)).is_ok() {
            return running;
        }
        if running.0.try_wait().is_ok_and(|ended| ended.is_some()) {
            break;
        }
    }
    panic!("Envoy does not listen: {}", fs::read_to_string(folder.join("envoy.log")).unwrap_or_default());
}

/// What the bootstrap names; no connection here uses them.
fn certificates(folder: &Path) {
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate =
        rcgen::CertificateParams::new(vec!["api.shop".to_owned()]).and_then(|parameters| parameters.self_signed(&key));
    let certificate = certificate.expect("a certificate").pem();
    let certs = folder.join("certs");
    fs::create_dir_all(&certs).expect("a folder for certificates");
    for (name, text) in [("cert-chain.pem", &certificate), ("root-cert.pem", &certificate), ("key.pem", &key.serialize_pem())] {
        fs::write(certs.join(name), text).expect("a certificate can be written");
    }
}

/// Connections with their requests, and what the simulator says of each.
fn connect(shape: Shape, text: String, entrance: u16, port: u16) -> Vec<Connection> {
    let mut requests = shape.requests();
    let mut connections = Vec::new();
    let mut lines = Vec::new();
    for _ in 0..CONNECTIONS {
        let pool: Vec<_> = requests.by_ref().take(POOL).collect();
        let address = pool.first().map(|first| first.address.clone()).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", entrance)).expect("Envoy accepts");
        stream.set_nodelay(true).expect("a socket option");
        write!(stream, "PROXY TCP4 {address} 127.0.0.1 40000 {port}\r\n").expect("Envoy reads");
        lines.extend(pool.iter().map(|request| request.plain_line(&address)));
        connections.push(Connection {
            stream,
            requests: pool.iter().map(|request| request.http().into_bytes()).collect(),
            expected: Vec::new(),
            next: 0,
            buffer: vec![0; 4096],
        });
    }
    let mut verdicts = batch::lets_in(text, &lines).into_iter();
    for connection in &mut connections {
        connection.expected = verdicts.by_ref().take(POOL).collect();
    }
    connections
}

impl Connection {
    fn send(&mut self) {
        let request = self.requests.get(self.next % POOL).expect("a request");
        self.stream.write_all(request).expect("Envoy reads");
    }

    /// Reads one answer, sends the next request, and says whether the answer is as expected.
    fn exchange(&mut self) -> bool {
        let mut filled = 0;
        let let_in = loop {
            let read = self.stream.read(self.buffer.get_mut(filled..).unwrap_or_default()).expect("Envoy answers");
            assert!(read > 0, "Envoy keeps the connection");
            filled += read;
            if let Some(status) = complete(self.buffer.get(..filled).unwrap_or_default()) {
                break status;
            }
        };
        let expected = self.expected.get(self.next % POOL) == Some(&let_in);
        self.next += 1;
        self.send();
        expected
    }
}

/// Whether a whole answer is a 200; `None` while it is not whole.
fn complete(answer: &[u8]) -> Option<bool> {
    let end = memchr::memmem::find(answer, b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let length: usize = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    (answer.len() >= end + length).then(|| head.starts_with("HTTP/1.1 200"))
}

/// The application: answers every request with 200 and no body.
fn serve(listener: &TcpListener) {
    for stream in listener.incoming().map_while(Result::ok) {
        thread::spawn(move || answer(stream));
    }
}

fn answer(mut stream: TcpStream) {
    pin(1);
    let mut buffer = [0; 16 * 1024];
    let mut filled = 0;
    while let Ok(read @ 1..) = stream.read(buffer.get_mut(filled..).unwrap_or_default()) {
        filled += read;
        let Some(text) = buffer.get(..filled) else { return };
        if text.ends_with(b"\r\n\r\n") {
            filled = 0;
            if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err() {
                return;
            }
        }
    }
}

/// Binds the calling thread to a core, where there is one.
fn pin(core: usize) {
    let mut set = CpuSet::new();
    if set.set(core).is_ok() {
        let _ = sched_setaffinity(Pid::from_raw(0), &set);
    }
}

/// Seconds of processor time a process has used.
fn processor_time(process: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).expect("the system tells of its processes");
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: f64 = fields.iter().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
