//! A proxy in front of the server that does to each request what a test says: it speaks plain HTTP, so that it sees them.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::RootCertStore;
use rustls::StreamOwned;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::caller::Caller;
use super::server::Server;

/// What happens to a request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Nothing: it is passed on, and its answer back.
    Nothing,
    /// It is passed on after this time.
    Late(Duration),
    /// The connection closes, and the server never sees it.
    Lost,
    /// The server does it, and of the answer only so many bytes arrive.
    Cut(usize),
    /// The server never sees it; these bytes are the answer, whatever they are.
    Answer(String),
}

impl Fault {
    /// An answer of this status, with headers, each with its line's end, and a body.
    pub(crate) fn status(status: &str, headers: &str, body: &str) -> Self {
        Self::Answer(format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
            body.len()
        ))
    }
}

/// A request that the proxy has seen.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The first is 0.
    pub(crate) number: usize,
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    pub(crate) body: String,
}

type Rule = dyn Fn(&Seen) -> Fault + Send + Sync;

pub(crate) struct Proxy {
    shared: Arc<Shared>,
    address: String,
    caller: Caller,
}

struct Shared {
    rule: Box<Rule>,
    seen: Mutex<Vec<Seen>>,
    ended: AtomicBool,
    token: String,
    upstream: String,
    tls: Arc<ClientConfig>,
}

impl Proxy {
    /// Puts a proxy in front of a server.
    pub(crate) fn start(server: &Server, rule: impl Fn(&Seen) -> Fault + Send + Sync + 'static) -> Self {
        let (upstream, authority, token) = server.parts();
        let shared = Arc::new(Shared {
            rule: Box::new(rule),
            seen: Mutex::default(),
            ended: AtomicBool::new(false),
            token,
            upstream: upstream.trim_start_matches("https://").to_owned(),
            tls: trusting(&BASE64_STANDARD.decode(authority).unwrap()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.ended.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // A connection that breaks is what half of the tests want.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        let caller = server.at(&format!("http://{address}"));
        Self { shared, address, caller }
    }

    /// Who goes through the proxy, otherwise an administrator.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The requests so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(&self.address);
    }
}

impl Shared {
    /// One request: every answer ends with its connection.
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let Some((head, seen)) = self.read(&mut reader)? else { return Ok(()) };
        let fault = (self.rule)(&seen);
        self.seen.lock().unwrap().push(seen.clone());
        match fault {
            Fault::Nothing => self.pass(&stream, &head, &seen, usize::MAX)?,
            Fault::Late(time) => {
                std::thread::sleep(time);
                self.pass(&stream, &head, &seen, usize::MAX)?;
            }
            Fault::Lost => {}
            Fault::Cut(bytes) => self.pass(&stream, &head, &seen, bytes)?,
            Fault::Answer(text) => (&stream).write_all(text.as_bytes())?,
        }
        stream.shutdown(Shutdown::Both)
    }

    /// The head without what concerns the connection, and what the rule gets to see.
    fn read(&self, reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<(String, Seen)>> {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut words = first.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (mut head, mut length, mut authorized) = (first, 0, false);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            match &*name.to_ascii_lowercase() {
                "connection" | "expect" | "accept-encoding" => {}
                "transfer-encoding" => panic!("the proxy reads no chunks: {line}"),
                "content-length" => {
                    length = value.trim().parse().unwrap();
                    head += &line;
                }
                name => {
                    authorized |= name == "authorization";
                    head += &line;
                }
            }
        }
        // kubectl shows no token to a server without TLS.
        if !authorized {
            head += &format!("Authorization: Bearer {}\r\n", self.token);
        }
        head += "Connection: close\r\n\r\n";
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let number = self.seen.lock().unwrap().len();
        Ok(Some((head, Seen { number, method, path, body: String::from_utf8_lossy(&body).into_owned() })))
    }

    /// Passes a request on, and the beginning of its answer back.
    fn pass(&self, mut client: &TcpStream, head: &str, seen: &Seen, mut left: usize) -> std::io::Result<()> {
        let host = rustls::pki_types::ServerName::try_from("127.0.0.1").unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.tls), host).unwrap();
        let mut server = StreamOwned::new(connection, TcpStream::connect(&self.upstream)?);
        server.write_all(head.as_bytes())?;
        server.write_all(seen.body.as_bytes())?;
        server.flush()?;
        let mut buffer = [0; 16 * 1024];
        loop {
            // Read even when nothing is to arrive: the server must have done it.
            let count = server.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            let kept = count.min(left);
            client.write_all(&buffer[..kept])?;
            left -= kept;
            if left == 0 {
                return Ok(());
            }
        }
    }
}

fn trusting(authority: &[u8]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // The server's file holds its leaf, too, which is nobody's root.
    let certificates = CertificateDer::pem_slice_iter(authority).collect::<Result<Vec<_>, _>>().unwrap();
    roots.add_parsable_certificates(certificates);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_root_certificates(roots).with_no_client_auth())
}
