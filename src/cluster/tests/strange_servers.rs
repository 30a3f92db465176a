//! Servers that answer late, in pieces, in another language, or not at all.

use std::collections::VecDeque;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::cluster::Cluster;
use crate::cluster::ConnectOptions;
use crate::cluster::Error;
use crate::cluster::Freshness;
use crate::cluster::Reading;
use crate::cluster::Selection;

/// What is sent back for one request.
enum Reply {
    Status(u16, String),
    /// As the bytes are.
    Raw(&'static str),
    /// After a while.
    Late(Duration),
    /// Nothing: the connection ends.
    Hangup,
}

struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// A server that gives these answers, one after the other, and the last again and again.
fn serve(replies: Vec<Reply>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let replies = Arc::new(Mutex::new(VecDeque::from(replies)));
    let seen = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (seen, replies) = (Arc::clone(&seen), Arc::clone(&replies));
            thread::spawn(move || talk(stream, &seen, &replies));
        }
    });
    Server { address, asked }
}

fn talk(mut stream: TcpStream, seen: &Mutex<Vec<String>>, replies: &Mutex<VecDeque<Reply>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
        while line.trim() != "" {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
        }
        seen.lock().unwrap().push(target);
        let reply = {
            let mut replies = replies.lock().unwrap();
            if replies.len() > 1 {
                replies.pop_front()
            } else {
                replies.pop_front().inspect(|last| replies.push_back(last.again()))
            }
        };
        match reply {
            Some(Reply::Status(status, body)) => {
                let head =
                    format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
                let _ = stream.write_all((head + &body).as_bytes());
            }
            Some(Reply::Raw(text)) => {
                let _ = stream.write_all(text.as_bytes());
                return;
            }
            Some(Reply::Late(wait)) => thread::sleep(wait),
            Some(Reply::Hangup) | None => return,
        }
    }
}

impl Reply {
    fn again(&self) -> Self {
        match self {
            Self::Status(status, body) => Self::Status(*status, body.clone()),
            Self::Raw(text) => Self::Raw(text),
            Self::Late(wait) => Self::Late(*wait),
            Self::Hangup => Self::Hangup,
        }
    }
}

fn page(names: &[&str], next: &str) -> Reply {
    let items: Vec<_> = names.iter().map(|name| json!({"metadata": {"name": name, "namespace": "shop", "uid": name}})).collect();
    Reply::Status(200, json!({"kind": "ServiceList", "metadata": {"continue": next}, "items": items}).to_string())
}

fn refusal(code: u16, reason: &str) -> Reply {
    Reply::Status(code, json!({"kind": "Status", "code": code, "reason": reason, "message": reason}).to_string())
}

fn cluster(address: &str, timeout: Duration) -> Cluster {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "c", "cluster": {"server": address}}],
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    });
    std::fs::write(&path, text.to_string()).unwrap();
    let options = ConnectOptions { kubeconfig: Some(path), request_timeout: Some(timeout), ..ConnectOptions::default() };
    Cluster::connect(&options).unwrap()
}

fn services(address: &str, timeout: Duration) -> Result<Reading, Error> {
    let selection = Selection { freshness: Freshness::Latest, ..Selection::of_kinds(&[("", "Service")]) };
    cluster(address, timeout).read(&selection, &mut |_| ())
}

const PATIENCE: Duration = Duration::from_secs(10);

fn names(reading: &Reading) -> Vec<&str> {
    reading.objects.iter().map(|object| object.key.name.as_str()).collect()
}

#[test]
fn pages_are_read_to_the_last_and_begin_anew_when_they_are_gone() {
    let server = serve(vec![page(&["b", "a"], "one"), refusal(410, "Expired"), page(&["a", "b"], "two"), page(&["c"], "")]);
    let reading = services(&server.address, PATIENCE).unwrap();
    assert_eq!(names(&reading), ["a", "b", "c"]);
    let asked = server.asked.lock().unwrap();
    assert_eq!(
        *asked,
        [
            "/api/v1/services?limit=500",
            "/api/v1/services?limit=500&continue=one",
            "/api/v1/services?limit=500",
            "/api/v1/services?limit=500&continue=two",
        ]
    );
}

#[test]
fn a_list_that_is_gone_every_time_is_given_up_and_named() {
    let server = serve(vec![refusal(410, "Expired")]);
    let reading = services(&server.address, PATIENCE).unwrap();
    assert!(matches!(reading.unread.as_slice(), [unread] if matches!(unread.why, Error::Gone { .. })), "{:?}", reading.unread);
}

#[test]
fn a_busy_server_is_asked_again() {
    let server = serve(vec![refusal(429, "TooManyRequests"), Reply::Status(503, "busy".to_owned()), page(&["a"], "")]);
    let reading = services(&server.address, PATIENCE).unwrap();
    assert_eq!(names(&reading), ["a"]);
}

#[test]
fn a_read_whose_connection_ends_is_asked_once_more() {
    let server = serve(vec![Reply::Hangup, page(&["a"], "")]);
    let reading = services(&server.address, PATIENCE).unwrap();
    assert_eq!(names(&reading), ["a"]);
}

#[test]
fn servers_that_make_no_sense_are_told_apart() {
    type Expected = fn(&Error) -> bool;
    let cases: Vec<(&str, Reply, Expected)> = vec![
        ("one that is silent", Reply::Late(Duration::from_secs(3)), |error| matches!(error, Error::Timeout { .. })),
        ("one that hangs up", Reply::Hangup, |error| matches!(error, Error::Lost { .. })),
        ("one that speaks no HTTP", Reply::Raw("220 smtp ready\r\n"), |error| matches!(error, Error::Lost { .. })),
        ("one that stops in the middle", Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"items\":["), |error| {
            matches!(error, Error::Lost { .. })
        }),
        ("a page of HTML", Reply::Status(200, "<html>log in</html>".to_owned()), |error| {
            matches!(error, Error::NotAnApiServer { status: 200, .. })
        }),
        ("JSON of something else", Reply::Status(200, "{\"items\": 3}".to_owned()), |error| {
            matches!(error, Error::NotAnApiServer { .. })
        }),
        ("a member that is no object", Reply::Status(200, "{\"items\": [{\"metadata\": {}}]}".to_owned()), |error| {
            matches!(error, Error::NotAnApiServer { .. })
        }),
        ("HTML with a bad status", Reply::Status(302, String::new()), |error| {
            matches!(error, Error::NotAnApiServer { status: 302, .. })
        }),
    ];
    let mut wrong = Vec::new();
    for (name, reply, is_expected) in cases {
        let server = serve(vec![reply]);
        match services(&server.address, Duration::from_millis(700)) {
            Ok(reading) => wrong.push(format!("{name}: {reading:?}")),
            Err(error) if !is_expected(&error) => wrong.push(format!("{name}: {error:?}")),
            Err(error) if error.is_question() => wrong.push(format!("{name}: it is no question's fault")),
            Err(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_list_without_members_may_say_so_with_null() {
    let server = serve(vec![Reply::Status(200, "{\"metadata\": {}, \"items\": null}".to_owned())]);
    assert!(services(&server.address, PATIENCE).unwrap().objects.is_empty());
}

#[test]
fn a_port_without_a_server_and_a_name_without_an_address_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = services(&format!("https://{free}"), PATIENCE).unwrap_err();
    assert_eq!(refused.to_string(), format!("`https://{free}` refuses connections"));
    let unknown = services("https://no-such-host.invalid:6443", PATIENCE).unwrap_err();
    assert!(matches!(unknown, Error::UnknownHost { .. } | Error::Unreachable { .. }), "{unknown:?}");
    let plain = serve(vec![Reply::Raw("HTTP/1.1 400 Bad Request\r\n\r\n")]);
    let no_tls = services(&plain.address.replace("http:", "https:"), PATIENCE).unwrap_err();
    assert!(matches!(no_tls, Error::Tls { .. } | Error::Lost { .. }), "{no_tls:?}");
}
