//! External authorization providers that are really asked: beside the real Envoy, the same providers, requests, answers and headers.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::Request;
use hyper::Response;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use meshsec::envoy;
use meshsec::simulate::Names;
use prost::Message;
use serde_json::Value;

use crate::agree;
use crate::application;
use crate::application::Speech;
use crate::client;
use crate::client::Seen;
use crate::material::Authority;
use crate::mesh;
use crate::process::Envoy;
use crate::running::Running;

/// What a provider was asked, one text each.
type Asked = Arc<Mutex<Vec<String>>>;

/// Header that says what a provider is to answer.
const WISH: &str = "x-wish";

/// An HTTP provider: it answers as the request wishes. Returns its port.
fn http_provider(asked: &Asked) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::clone(asked);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let asked = Arc::clone(&asked);
            thread::spawn(move || serve_http(stream, &asked));
        }
    });
    port
}

fn serve_http(mut stream: TcpStream, asked: &Asked) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let Ok(length @ 1..) = stream.read(&mut chunk) else { return };
        bytes.extend_from_slice(&chunk[..length]);
        let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines: Vec<String> = head.split("\r\n").map(str::to_owned).collect();
        let value = |name: &str| {
            let header = lines.iter().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")));
            header.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
        };
        let body_length = value("content-length").map_or(0, |length| length.parse().unwrap());
        if bytes.len() < end + 4 + body_length {
            continue;
        }
        let body = String::from_utf8_lossy(&bytes[end + 4..end + 4 + body_length]).into_owned();
        let wish = value(WISH).unwrap_or_default();
        let first = lines.remove(0);
        // The address of the proxy that asks differs.
        lines.retain(|line| !line.to_ascii_lowercase().starts_with("x-forwarded-for:"));
        for line in &mut lines {
            line.make_ascii_lowercase();
        }
        lines.retain(|line| !line.starts_with("x-request-id") && !line.starts_with("connection:"));
        lines.sort();
        asked.lock().unwrap().push(format!("{first}\n{}\n{body}", lines.join("\n")));
        bytes.clear();
        let more = "x-user: alice\r\nx-user: bob\r\nx-other: o\r\nx-down: d\r\nset-cookie: a=1\r\nlocation: /login\r\n\
                    x-envoy-auth-headers-to-remove: x-gone, host\r\n";
        let answer = match wish.as_str() {
            "deny" => format!("HTTP/1.1 401 No\r\n{more}www-authenticate: Custom\r\ncontent-length: 6\r\n\r\ngo off"),
            "deny-empty" => format!("HTTP/1.1 403 No\r\n{more}content-length: 0\r\n\r\n"),
            "deny-json" => "HTTP/1.1 418 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
            "redirect" => "HTTP/1.1 302 No\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "created" => "HTTP/1.1 201 Hm\r\ncontent-length: 1\r\n\r\nc".to_owned(),
            "fail" => "HTTP/1.1 503 No\r\ncontent-length: 2\r\n\r\nno".to_owned(),
            "junk" => "this is not HTTP\r\n\r\n".to_owned(),
            "hang" => {
                thread::sleep(Duration::from_secs(3));
                return;
            }
            "close" => return,
            _ => format!("HTTP/1.1 200 OK\r\n{more}content-length: 2\r\n\r\nok"),
        };
        if stream.write_all(answer.as_bytes()).is_err() || wish == "junk" {
            return;
        }
    }
}

#[derive(Clone, PartialEq, Message)]
struct Header {
    #[prost(message, optional, tag = "1")]
    pair: Option<Pair>,
    #[prost(message, optional, tag = "2")]
    append: Option<Bool>,
    #[prost(int32, tag = "3")]
    append_action: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Pair {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(string, tag = "2")]
    value: String,
}

#[derive(Clone, PartialEq, Message)]
struct Bool {
    #[prost(bool, tag = "1")]
    value: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Code {
    #[prost(int32, tag = "1")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Denied {
    #[prost(message, optional, tag = "1")]
    status: Option<Code>,
    #[prost(message, repeated, tag = "2")]
    headers: Vec<Header>,
    #[prost(string, tag = "3")]
    body: String,
}

#[derive(Clone, PartialEq, Message)]
struct Allowed {
    #[prost(message, repeated, tag = "2")]
    headers: Vec<Header>,
    #[prost(string, repeated, tag = "5")]
    remove: Vec<String>,
    #[prost(message, repeated, tag = "6")]
    to_client: Vec<Header>,
}

#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(message, optional, tag = "1")]
    status: Option<Code>,
    #[prost(message, optional, tag = "2")]
    denied: Option<Denied>,
    #[prost(message, optional, tag = "3")]
    allowed: Option<Allowed>,
}

/// The HTTP part of what is asked.
#[derive(Clone, PartialEq, Message)]
struct Question {
    #[prost(message, optional, tag = "1")]
    attributes: Option<Attributes>,
}

#[derive(Clone, PartialEq, Message)]
struct Attributes {
    #[prost(message, optional, tag = "1")]
    source: Option<Peer>,
    #[prost(message, optional, tag = "2")]
    destination: Option<Peer>,
    #[prost(message, optional, tag = "4")]
    request: Option<Asking>,
}

#[derive(Clone, PartialEq, Message)]
struct Peer {
    #[prost(string, tag = "4")]
    principal: String,
}

#[derive(Clone, PartialEq, Message)]
struct Asking {
    #[prost(message, optional, tag = "2")]
    http: Option<Http>,
}

#[derive(Clone, PartialEq, Message)]
struct Http {
    #[prost(string, tag = "2")]
    method: String,
    #[prost(btree_map = "string, string", tag = "3")]
    headers: std::collections::BTreeMap<String, String>,
    #[prost(string, tag = "4")]
    path: String,
    #[prost(string, tag = "5")]
    host: String,
    #[prost(string, tag = "6")]
    scheme: String,
    #[prost(int64, tag = "9")]
    size: i64,
    #[prost(string, tag = "10")]
    protocol: String,
    #[prost(string, tag = "11")]
    body: String,
    #[prost(bytes = "vec", tag = "12")]
    raw_body: Vec<u8>,
}

fn header(key: &str, value: &str, append: Option<bool>, append_action: i32) -> Header {
    let pair = Pair { key: key.to_owned(), value: value.to_owned() };
    Header { pair: Some(pair), append: append.map(|value| Bool { value }), append_action }
}

/// A gRPC provider: it answers as the request wishes. Returns its port.
fn grpc_provider(asked: &Asked) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::clone(asked);
    thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                let asked = Arc::clone(&asked);
                let service = service_fn(move |request| serve_grpc(request, Arc::clone(&asked)));
                tokio::spawn(http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    port
}

/// Frames that are there already.
struct Frames(std::collections::VecDeque<Frame<Bytes>>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Ready(self.0.pop_front().map(Ok))
    }
}

async fn serve_grpc(request: Request<Incoming>, asked: Asked) -> Result<Response<Frames>, std::convert::Infallible> {
    let path = request.uri().path().to_owned();
    let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let question = Question::decode(&body[5..]).unwrap().attributes.unwrap();
    let principals = (question.source.unwrap_or_default().principal, question.destination.unwrap_or_default().principal);
    let http = question.request.and_then(|request| request.http);
    let wish = http.as_ref().and_then(|http| http.headers.get(WISH).cloned()).unwrap_or_default();
    let shown = http.map(|mut http| {
        http.headers.remove("x-request-id");
        format!("{http:?}")
    });
    asked.lock().unwrap().push(format!("{path} {authority} {principals:?} {shown:?}"));
    let denied = |code: i32, status: Option<i32>, body: &str| Answer {
        status: Some(Code { code }),
        denied: Some(Denied {
            status: status.map(|code| Code { code }),
            headers: vec![
                header("x-why", "because", None, 0),
                header("x-more", "one", Some(true), 0),
                header("x-more", "two", Some(true), 0),
            ],
            body: body.to_owned(),
        }),
        allowed: None,
    };
    let (status, answer) = match wish.as_str() {
        "deny" => ("0", denied(7, Some(401), "go off")),
        "deny-empty" => ("0", denied(16, None, "")),
        "deny-bare" => ("0", Answer { status: Some(Code { code: 7 }), denied: None, allowed: None }),
        "fail" => ("14", Answer::default()),
        "hang" => {
            tokio::time::sleep(Duration::from_secs(3)).await;
            ("0", Answer::default())
        }
        "empty" => ("0", Answer::default()),
        _ => (
            "0",
            Answer {
                status: Some(Code { code: 0 }),
                denied: None,
                allowed: Some(Allowed {
                    headers: vec![
                        header("x-user", "alice", Some(false), 0),
                        header("x-team", "more", Some(true), 0),
                        header("x-absent", "no", Some(true), 0),
                        header("X-Upper", "u", None, 0),
                    ],
                    remove: vec!["x-gone".to_owned(), "host".to_owned(), ":method".to_owned()],
                    to_client: vec![header("x-down", "d", None, 0), header("server", "s", None, 2)],
                }),
            },
        ),
    };
    let mut message = vec![0];
    message.extend(u32::try_from(answer.encoded_len()).unwrap().to_be_bytes());
    answer.encode(&mut message).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", status.parse().unwrap());
    let mut frames = std::collections::VecDeque::new();
    if status == "0" {
        frames.push_back(Frame::data(Bytes::from(message)));
    }
    frames.push_back(Frame::trailers(trailers));
    Ok(Response::builder().header("content-type", "application/grpc").body(Frames(frames)).unwrap())
}

/// Sends HTTP/1.1 through a proxy of the real Envoy and through ours, one after the other.
struct Both {
    envoy: SocketAddr,
    proxy: Running,
    asked: Asked,
    _envoy: Envoy,
}

impl Both {
    fn start(program: &str, folder: &Path, text: &str, port: u16, address: &str, asked: &Asked) -> Self {
        let authority = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
        let server = authority.issue("spiffe://cluster.local/ns/shop/sa/server");
        let certificates = folder.join("certs");
        fs::create_dir(&certificates).unwrap();
        fs::write(certificates.join("cert-chain.pem"), &server.chain).unwrap();
        fs::write(certificates.join("key.pem"), &server.key).unwrap();
        fs::write(certificates.join("root-cert.pem"), authority.bundle()).unwrap();
        let (mesh, _) = agree::read_mesh(text);
        let id = Names { mesh: &mesh, default_namespace: None }.workload("workload", "shop/web").unwrap();
        let translated = envoy::Translated::new(&mesh, id).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let bootstrap = envoy::bootstrap(&translated.input(&mesh).unwrap(), listener.port());
        // A name is asked for in the network; here its address is known.
        let bootstrap = bootstrap
            .to_string()
            .replace("STRICT_DNS", "STATIC")
            .replace("\"address\":\"localhost\"", "\"address\":\"127.0.0.1\"");
        let envoy = Envoy::start(program, folder, "peer", &serde_json::from_str(&bootstrap).unwrap());
        fs::write(folder.join("mesh.yaml"), text).unwrap();
        let (upstream, listen) = (format!("{port}=127.0.0.1:{port}"), format!("{port}=127.0.0.1:0"));
        let arguments = ["-f", "mesh.yaml", "-w", "shop/web", "--svid-dir", "certs", "--proxy-protocol", "--upstream", &upstream];
        let more = ["--listen", &listen, "--ext-authz", address];
        let proxy = Running::start(folder, 1, &[&arguments[..], &more].concat());
        Self { envoy: listener, proxy, asked: Arc::clone(asked), _envoy: envoy }
    }

    /// What came back, and what the provider was asked.
    fn ask(&self, address: SocketAddr, port: u16, request: &str) -> (Seen, Vec<String>) {
        self.asked.lock().unwrap().clear();
        let first = format!("PROXY TCP4 10.1.2.3 10.0.0.1 40000 {port}\r\n");
        let seen = client::exchange(address, first.as_bytes(), None, request.as_bytes(), request.starts_with("HEAD"));
        (comparable(seen), self.asked.lock().unwrap().clone())
    }
}

fn comparable(seen: Seen) -> Seen {
    let Seen::Answer(mut answer) = seen else { return seen };
    answer.headers.remove("date");
    // Whether a refused request's body had arrived differs, and with it whether the connection goes on.
    answer.headers.remove("connection");
    // Envoy announces a chunked body even where HEAD takes none.
    answer.headers.remove("transfer-encoding");
    if let Some(time) = answer.headers.get_mut("x-envoy-upstream-service-time") {
        "some".clone_into(time);
    }
    if let Ok(mut told) = serde_json::from_str::<Value>(&answer.body)
        && told["headers"].is_array()
    {
        answer.headers.remove("content-length");
        // Ids and times differ.
        told["headers"].as_array_mut().unwrap().retain(|header| header[0] != "x-request-id");
        for header in told["headers"].as_array_mut().unwrap() {
            if header[0] == "x-envoy-upstream-service-time" {
                header[1] = "some".into();
            }
        }
        answer.body = told.to_string();
    }
    Seen::Answer(answer)
}

fn manifests(port: u16, provider: &str) -> String {
    let policy = "---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ask, namespace: shop}\nspec:\n  selector: {matchLabels: {app: web}}\n  action: CUSTOM\n  provider: {name: guard}\n  rules:\n  - to: [{operation: {paths: [\"/ask*\"]}}]\n";
    let deny = "{to: [{operation: {paths: [\"/ask/denied\"]}}]}".to_owned();
    let by_header = "{when: [{key: \"request.headers[x-user]\", values: [\"mallory\"]}]}".to_owned();
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: guard, namespace: shop}\nspec:\n  hosts: [localhost]\n  location: MESH_EXTERNAL\n  resolution: DNS\n  ports: [{number: 9000, name: http, protocol: HTTP}]\n";
    let config = format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata:\n  mesh: |\n    extensionProviders:\n    - name: guard\n      {provider}\n"
    );
    mesh::workload(&[("http", port)]) + entry + &config + policy + &mesh::policy("deny", "DENY", &[deny, by_header])
}

const HEADERS: &str =
    "x-team: red\r\nx-gone: g\r\nx-user: mallory\r\nx-shown-1: one\r\nauthorization: Bearer t\r\ncookie: c=1\r\n";

fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    for wish in
        ["", "deny", "deny-empty", "deny-json", "deny-bare", "redirect", "created", "fail", "junk", "hang", "close", "empty"]
    {
        for (method, path, more, body) in [
            ("GET", "/ask?x=1", "", ""),
            ("POST", "/ask/body", "content-length: 9\r\n", "some body"),
            ("POST", "/ask/denied", "transfer-encoding: chunked\r\n", "4\r\nmore\r\n5\r\n body\r\n0\r\n\r\n"),
            ("HEAD", "/ask/../ask", "", ""),
            ("GET", "/ask", "content-type: application/grpc\r\n", ""),
            ("POST", "/ask/long", "content-length: 40\r\n", "0123456789012345678901234567890123456789"),
            ("GET", "/other", "", ""),
        ] {
            let only_once = ["hang", "close", "junk"].contains(&wish) && method != "GET";
            if !only_once {
                requests
                    .push(format!("{method} {path} HTTP/1.1\r\nhost: web.shop\r\n{WISH}: {wish}\r\n{HEADERS}{more}\r\n{body}"));
            }
        }
    }
    requests
}

fn compare(name: &str, providers: &[String], scheme: &str, provider: impl Fn(&Asked) -> u16) {
    let Ok(program) = std::env::var("ENVOY_BIN") else { return agree::skipped(name) };
    let mut wrong = Vec::new();
    let mut count = 0;
    for settings in providers {
        let asked = Asked::default();
        let (port, guard) = (application::listen(Speech::Http), provider(&asked));
        let folder = tempfile::tempdir().unwrap();
        let text = manifests(port, &settings.replace("PORT", &guard.to_string()));
        let address = format!("guard={scheme}://127.0.0.1:{guard}");
        let both = Both::start(
            &program,
            folder.path(),
            &text.replace("number: 9000", &format!("number: {guard}")),
            port,
            &address,
            &asked,
        );
        for request in requests() {
            count += 1;
            let of_envoy = both.ask(both.envoy, port, &request);
            let of_proxy = both.ask(both.proxy.address(port), port, &request);
            if of_envoy != of_proxy {
                wrong.push(format!("{settings}\n{request}\nenvoy: {of_envoy:#?}\nproxy: {of_proxy:#?}"));
            }
        }
    }
    eprintln!("{count} requests");
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn http_providers_are_asked_as_envoy_asks_them() {
    let providers = [
        "envoyExtAuthzHttp: {service: localhost, port: PORT, timeout: 1s, includeRequestHeadersInCheck: [x-wish]}",
        "envoyExtAuthzHttp: {service: localhost, port: PORT, timeout: 1s, pathPrefix: /check, failOpen: true, includeRequestHeadersInCheck: [x-wish, \"x-shown-*\", cookie], includeAdditionalHeadersInCheck: {x-added: a}, headersToUpstreamOnAllow: [x-user, \"*-other\"], headersToDownstreamOnDeny: [x-other, \"set-*\"], headersToDownstreamOnAllow: [x-down]}",
        "envoyExtAuthzHttp: {service: localhost, port: PORT, timeout: 1s, statusOnError: \"503\", includeRequestBodyInCheck: {maxRequestBytes: 16, allowPartialMessage: true}, includeRequestHeadersInCheck: [x-wish, x-envoy-auth-partial-body], headersToUpstreamOnAllow: [\"x-*\"]}",
        "envoyExtAuthzHttp: {service: localhost, port: PORT, timeout: 1s, includeRequestBodyInCheck: {maxRequestBytes: 16}, includeRequestHeadersInCheck: [x-wish]}",
    ]
    .map(str::to_owned);
    compare("http_providers_are_asked_as_envoy_asks_them", &providers, "http", http_provider);
}

#[test]
fn grpc_providers_are_asked_as_envoy_asks_them() {
    let providers = [
        "envoyExtAuthzGrpc: {service: localhost, port: PORT, timeout: 1s}",
        "envoyExtAuthzGrpc: {service: localhost, port: PORT, timeout: 1s, failOpen: true, includeRequestBodyInCheck: {maxRequestBytes: 16, allowPartialMessage: true}}",
        "envoyExtAuthzGrpc: {service: localhost, port: PORT, timeout: 1s, statusOnError: \"401\", includeRequestBodyInCheck: {maxRequestBytes: 16, packAsBytes: true}}",
    ]
    .map(str::to_owned);
    compare("grpc_providers_are_asked_as_envoy_asks_them", &providers, "grpc", grpc_provider);
}
