//! The caller's proxy before the server's, which is ours or the real Envoy (`ENVOY_BIN`), and `simulate`: the same requests, the same answers.
//!
//! `MESHSEC_PROXY_REQUESTS` says how many requests (100 when absent), `MESHSEC_PROXY_SEED` which.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use jiff::Timestamp;
use meshsec::envoy;
use meshsec::mesh::Mesh;
use meshsec::simulate::Decision;
use meshsec::simulate::Detail;
use meshsec::simulate::KeySets;
use meshsec::simulate::Names;
use meshsec::simulate::Setting;
use meshsec::simulate::Simulator;
use meshsec::simulate::Verdict;
use meshsec::simulate::scenario::Scenario;
use serde_json::Value;
use serde_json::json;

use crate::agree::NoFiles;
use crate::agree::number;
use crate::agree::read_mesh;
use crate::agree::skipped;
use crate::agree::tokens;
use crate::application;
use crate::application::Speech;
use crate::client;
use crate::client::Seen;
use crate::http2;
use crate::material::Authority;
use crate::mesh;
use crate::outbound::another;
use crate::outbound::write_identity;
use crate::process::Envoy;
use crate::running::Running;
use crate::traffic;
use crate::traffic::Random;
use crate::traffic::Request;

const CLIENT: &str = "spiffe://cluster.local/ns/shop/sa/client";
const SERVER: &str = "spiffe://cluster.local/ns/shop/sa/server";
const PER_MESH: usize = 25;
/// What a DestinationRule says about TLS.
const CLIENT_SIDES: [&str; 9] = [
    "tls: {mode: DISABLE}",
    "tls: {mode: ISTIO_MUTUAL}",
    "tls: {mode: ISTIO_MUTUAL, subjectAltNames: [\"spiffe://cluster.local/ns/shop/sa/other\"]}",
    "tls: {mode: ISTIO_MUTUAL, sni: web.shop.svc.cluster.local}",
    "tls: {mode: SIMPLE}",
    "tls: {mode: SIMPLE, caCertificates: /etc/certs/root-cert.pem, subjectAltNames: [\"spiffe://cluster.local/ns/shop/sa/server\"]}",
    "tls: {mode: MUTUAL, clientCertificate: /etc/certs/cert-chain.pem, privateKey: /etc/certs/key.pem, caCertificates: /etc/certs/root-cert.pem, subjectAltNames: [\"spiffe://cluster.local/ns/shop/sa/server\"]}",
    "tls: {mode: MUTUAL, clientCertificate: /etc/certs/cert-chain.pem, privateKey: /etc/certs/key.pem, caCertificates: /etc/certs/root-cert.pem}",
    "portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}, {port: {number: 81}, tls: {mode: ISTIO_MUTUAL}}]",
];

/// Passes connections on, with a PROXY header before them.
fn relay(to: SocketAddr, port: u16) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(mut server) = TcpStream::connect(to) else { continue };
            let _ = server.write_all(format!("PROXY TCP4 127.0.0.1 127.0.0.1 40000 {port}\r\n").as_bytes());
            for (mut from, mut to) in [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)] {
                thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    address
}

/// Two callers: one before our server's proxy, one before Envoy.
struct Sides {
    ours: SocketAddr,
    envoys: SocketAddr,
    _running: [Running; 3],
    _envoy: Envoy,
}

impl Sides {
    fn start(program: &str, folder: &Path, text: &str, mesh: &Mesh, ports: &[u16]) -> Self {
        let id = Names { mesh, default_namespace: None }.workload("workload", "shop/web").unwrap();
        let translated = envoy::Translated::new(mesh, id).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let bootstrap = envoy::bootstrap(&translated.input(mesh).unwrap(), listener.port());
        let envoy = Envoy::start(program, folder, "peer", &bootstrap);
        let start = |name: &str, lines: usize, arguments: &[String]| {
            let home = folder.join(name);
            fs::create_dir(&home).unwrap();
            fs::write(home.join("mesh.yaml"), text).unwrap();
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            Running::start(&home, lines, &[&["-f", "mesh.yaml"], arguments.as_slice()].concat())
        };
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut arguments = own(&["--workload", "shop/web", "--svid-dir", "../certs"]);
        for port in ports {
            arguments.extend([format!("--upstream={port}=127.0.0.1:{port}"), format!("--listen={port}=127.0.0.1:0")]);
        }
        let server = start("server", ports.len(), &arguments);
        let caller = |name: &str, place: &dyn Fn(u16) -> SocketAddr| {
            let mut arguments = own(&["--as", "shop/client", "--outbound", "127.0.0.1:0", "--svid-dir", "../client"]);
            arguments.extend(ports.iter().map(|port| format!("--endpoint=shop/web:{port}={}", place(*port))));
            let running = start(name, 0, &arguments);
            let address = running.outbound();
            (running, address)
        };
        let (before_ours, ours) = caller("before-ours", &|port| server.address(port));
        let (before_envoy, envoys) = caller("before-envoy", &|port| relay(listener, port));
        Self { ours, envoys, _running: [server, before_ours, before_envoy], _envoy: envoy }
    }
}

fn simulated(simulator: &mut Simulator<'_>, request: &Request) -> Decision {
    let headers: serde_json::Map<String, Value> =
        request.headers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))).collect();
    let line = json!({
        "from": {"workload": "shop/client", "ip": "127.0.0.1"},
        "to": {"service": "web.shop", "port": 80 + request.port, "ip": "127.0.0.1"},
        "protocol": "http",
        "method": request.method,
        "path": request.path,
        "host": request.host,
        "headers": headers,
    })
    .to_string();
    simulator.answer(&Scenario::from_json(&line).unwrap(), &mut NoFiles).unwrap()
}

fn status(seen: &Seen) -> Option<u16> {
    match seen {
        Seen::Answer(answer) => Some(answer.status),
        Seen::Closed | Seen::Bytes(_) => None,
    }
}

/// Whether the answer is what `simulate` says: a connection that is closed for a rule of bytes is 503 at the caller's proxy.
fn is_as_simulated(seen: &Seen, decision: &Decision, is_head: bool) -> bool {
    let Seen::Answer(answer) = seen else { return false };
    let is_grpc = answer.headers.contains_key("grpc-status");
    match (decision.verdict, decision.http_status) {
        (Verdict::Allowed, _) => answer.status == 200 && !is_grpc,
        (_, None) => answer.status == 503 || answer.headers.get("grpc-status").is_some_and(|status| status == "14"),
        // A caller that speaks gRPC is told of a failed connection as gRPC tells it.
        (Verdict::MtlsRequired | Verdict::ConnectionFailed, Some(_)) if is_grpc => answer.headers["grpc-status"] == "14",
        (_, Some(status)) => {
            answer.status == status && (is_grpc || is_head || decision.body.as_deref().unwrap_or_default() == answer.body)
        }
    }
}

#[test]
fn two_proxies_in_a_row_answer_as_simulate_does() {
    let name = "two_proxies_in_a_row_answer_as_simulate_does";
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped(name) };
    let seed = number("MESHSEC_PROXY_SEED", 1) as u64;
    let requests = number("MESHSEC_PROXY_REQUESTS", 100);
    let authority = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
    let tokens = tokens();
    let ports: Vec<(&str, u16)> = [("http", Speech::Http), ("tcp", Speech::Echo), ("x", Speech::Echo)]
        .map(|(name, speech)| (name, application::listen(speech)))
        .to_vec();
    let mut wrong = Vec::new();
    let mut tally = std::collections::BTreeMap::<String, usize>::new();
    for round in 0..requests.div_ceil(PER_MESH) {
        let mut random = Random::new(seed * 7000 + round as u64);
        let folder = tempfile::tempdir().unwrap();
        write_identity(&folder.path().join("certs"), &authority.issue(SERVER), &authority);
        write_identity(&folder.path().join("client"), &authority.issue(CLIENT), &authority);
        let manifests = mesh::random(&mut random, &ports);
        let mut text = manifests.text + &another("client", "client");
        if random.chance(70) {
            let side = random.pick::<&str>(&CLIENT_SIDES);
            text.push_str(&format!("---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: web, namespace: shop}}\nspec: {{host: web, trafficPolicy: {{{side}}}}}\n"));
        }
        let (mesh, _sources) = read_mesh(&text);
        let sides = Sides::start(&program, folder.path(), &text, &mesh, &manifests.ports);
        let mut simulator = Simulator::new(Setting {
            mesh: &mesh,
            default_namespace: None,
            now: Timestamp::now(),
            keys: KeySets::new(),
            certificate_defect: None,
            detail: Detail::Verdict,
        });
        for index in 0..PER_MESH {
            let mut request = traffic::request(&mut random, ports.len(), &tokens);
            // What the application writes there is taken away by its own proxy.
            request.headers.retain(|(name, _)| *name != "x-forwarded-client-cert");
            // A URL is a host of its own, and what is no request is refused by the caller's proxy before anything is tried.
            if request.path.contains("://") || request.path.contains("%00") || request.path == "*" {
                request.path = "/";
            }
            let hosts: [&'static str; 3] = [
                ["web.shop", "web", "WEB.shop.svc.cluster.local"],
                ["web.shop:81", "web:81", "web.shop.svc.cluster.local:81"],
                ["web.shop:82", "web:82", "web.shop.svc:82"],
            ][request.port];
            request.host = random.pick::<&str>(&hosts);
            let speaks_http2 = random.chance(25) && request.port == 0 && request.path.starts_with('/');
            let ask = |address: SocketAddr| {
                if speaks_http2 {
                    http2::exchange(address, b"", None, &request)
                } else {
                    client::exchange(address, b"", None, &request.bytes(), request.method == "HEAD")
                }
            };
            let (before_ours, before_envoy) = (ask(sides.ours), ask(sides.envoys));
            let decision = simulated(&mut simulator, &request);
            *tally.entry(format!("{} {:?}", decision.verdict, status(&before_ours))).or_default() += 1;
            let case = format!("round {round} request {index} (HTTP/2 {speaks_http2}): {request:?}\n{text}");
            for (whose, seen) in [("our", &before_ours), ("Envoy's", &before_envoy)] {
                if !is_as_simulated(seen, &decision, request.method == "HEAD") {
                    let said = (decision.verdict, decision.http_status, &decision.body, &decision.message);
                    wrong.push(format!("{case}\nbefore {whose} proxy: {seen:?}\nsimulate: {said:?}"));
                }
            }
        }
    }
    eprintln!("{requests} requests, verdicts and statuses: {tally:?}");
    assert!(wrong.is_empty(), "{} of {requests} differ:\n{}", wrong.len(), wrong.join("\n\n"));
}
