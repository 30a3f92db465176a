//! Connections: one thread each, not more than fit.

use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::cli::jwk::serve::http;
use crate::cli::jwk::serve::http::Refusal;
use crate::cli::jwk::serve::http::Request;
use crate::cli::jwk::serve::http::Response;
use crate::cli::jwk::serve::published::Published;

/// Connections at a time; more are turned away at once.
const MOST_CONNECTIONS: usize = 64;

/// Something to tell the user.
pub(super) enum Event {
    /// A request was answered.
    Answered(String),
    /// The files cannot be used.
    Unusable(String),
}

pub(super) struct Server {
    active: Arc<AtomicUsize>,
}

/// Counts one connection as long as it lives.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(active: &Arc<AtomicUsize>) -> Option<Self> {
        let place = Self(Arc::clone(active));
        (active.fetch_add(1, Ordering::Relaxed) < MOST_CONNECTIONS).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Server {
    /// Begins to answer; the accepting thread lives as long as the program.
    pub(super) fn start(listener: TcpListener, published: Arc<Published>, events: Sender<Event>) -> Self {
        let active = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&active);
        thread::spawn(move || {
            loop {
                let Ok((mut stream, _)) = listener.accept() else {
                    // Too many open files, or a connection that is gone already.
                    thread::sleep(Duration::from_millis(20));
                    continue;
                };
                let Some(place) = Place::take(&counter) else {
                    turn_away(&mut stream);
                    continue;
                };
                let (published, events) = (Arc::clone(&published), events.clone());
                thread::spawn(move || {
                    let _place = place;
                    answer(stream, &published, &events);
                });
            }
        });
        Self { active }
    }

    /// Waits for the answers under way.
    pub(super) fn wait(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while self.active.load(Ordering::Relaxed) > 0 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// Says that there is no place, without waiting for anything.
fn turn_away(stream: &mut TcpStream) {
    use std::io::Write as _;
    // Whoever does not take these few bytes at once loses them.
    let _ = stream.set_nonblocking(true);
    let _ =
        stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n");
}

fn answer(mut stream: TcpStream, published: &Published, events: &Sender<Event>) {
    let (status, line) = match http::read(&mut stream) {
        Err(Refusal::Gone) => return,
        Err(Refusal::Status(status)) => (send(&mut stream, &Response::of_status(status), true, status), "-".to_owned()),
        Ok(request) => {
            let line = format!("{} {}", request.method, request.path);
            (answer_request(&mut stream, &request, published, events), line)
        }
    };
    // Nobody listens any more only when the program ends.
    let _ = events.send(Event::Answered(format!("{line} {status}")));
}

fn answer_request(stream: &mut TcpStream, request: &Request, published: &Published, events: &Sender<Event>) -> u16 {
    let found = published.find(&request.path);
    if let Some(complaint) = found.complaint {
        let _ = events.send(Event::Unusable(complaint));
    }
    let with_body = request.method != "HEAD";
    let Some(resource) = found.resource else { return send(stream, &Response::of_status(404), with_body, 404) };
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return send(stream, &Response::of_status(405), with_body, 405);
    }
    let status = if request.has(&resource.entity_tag) { 304 } else { 200 };
    let headers = vec![
        ("ETag", resource.entity_tag),
        ("Cache-Control", published.cache_control()),
        // The keys are public, also to scripts of other pages.
        ("Access-Control-Allow-Origin", "*".to_owned()),
    ];
    send(stream, &Response { status, content_type: resource.content_type, headers, body: &resource.body }, with_body, status)
}

/// A client that is gone is not ours to mourn.
fn send(stream: &mut TcpStream, response: &Response<'_>, with_body: bool, status: u16) -> u16 {
    let _ = response.write(stream, with_body);
    status
}
