//! The real Envoy (`ENVOY_BIN`) with our translation, the proxy, and `simulate`: the same requests, the same answers.
//!
//! `MESHSEC_PROXY_REQUESTS` says how many requests (300 when absent), `MESHSEC_PROXY_SEED` which.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;

use jiff::Timestamp;
use meshsec::diag::SourceMap;
use meshsec::envoy;
use meshsec::manifest;
use meshsec::mesh;
use meshsec::mesh::Mesh;
use meshsec::simulate::Detail;
use meshsec::simulate::Files;
use meshsec::simulate::KeySets;
use meshsec::simulate::Names;
use meshsec::simulate::Setting;
use meshsec::simulate::Simulator;
use meshsec::simulate::Verdict;
use meshsec::simulate::scenario::MintedToken;
use meshsec::simulate::scenario::Scenario;
use serde_json::Value;
use serde_json::json;

use crate::application;
use crate::application::Speech;
use crate::client;
use crate::client::Seen;
use crate::client::Tls;
use crate::http2;
use crate::material::Authority;
use crate::material::Identity;
use crate::mesh as meshes;
use crate::process::Envoy;
use crate::running::Running;
use crate::traffic;
use crate::traffic::Caller;
use crate::traffic::Random;
use crate::traffic::Request;

const SERVER: &str = "spiffe://cluster.local/ns/shop/sa/server";
const CLIENTS: [&str; 3] = [
    "spiffe://cluster.local/ns/shop/sa/client",
    "spiffe://cluster.local/ns/web/sa/front",
    "spiffe://cluster.local/ns/shop/sa/other",
];
/// Requests to one mesh.
const PER_MESH: usize = 50;
const ISTIO_HTTP1: [&str; 3] = ["istio-http/1.1", "istio", "http/1.1"];
const ISTIO_HTTP2: [&str; 3] = ["istio-h2", "istio", "h2"];

pub(crate) fn skipped(name: &str) {
    let line = format!("SKIPPED {name}: ENVOY_BIN does not name an Envoy\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

pub(crate) struct NoFiles;

impl Files for NoFiles {
    fn read(&mut self, path: &str) -> Result<std::sync::Arc<str>, String> {
        Err(format!("no {path}"))
    }

    fn mint(&mut self, _: &MintedToken) -> Result<String, String> {
        Err("no key".to_owned())
    }
}

pub(crate) fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

/// Everything that identities are needed for.
struct Identities {
    mesh: Authority,
    clients: Vec<Identity>,
    foreign: Identity,
    expired: Identity,
}

impl Identities {
    fn new() -> Self {
        let mesh = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
        let clients = CLIENTS.iter().map(|id| mesh.issue(id)).collect();
        let foreign = Authority::new("foreign", meshsec::pki::KeyType::EcdsaP256).issue(CLIENTS[0]);
        let expired = mesh.issue_expired(CLIENTS[0]);
        Self { mesh, clients, foreign, expired }
    }

    fn write(&self, folder: &Path) {
        let server = self.mesh.issue(SERVER);
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("cert-chain.pem"), &server.chain).unwrap();
        fs::write(folder.join("key.pem"), &server.key).unwrap();
        fs::write(folder.join("root-cert.pem"), self.mesh.bundle()).unwrap();
    }

    fn tls(&self, caller: Caller, speaks_http2: bool) -> Option<Tls> {
        let istio: &[&str] = if speaks_http2 { &ISTIO_HTTP2 } else { &ISTIO_HTTP1 };
        match caller {
            Caller::Plain => None,
            Caller::Mesh(index) => Some(client::tls(Some(&self.clients[index]), istio)),
            Caller::Foreign => Some(client::tls(Some(&self.foreign), istio)),
            Caller::Expired => Some(client::tls(Some(&self.expired), istio)),
            Caller::Anonymous => Some(client::tls(None, istio)),
            Caller::OwnProtocols => Some(client::tls(Some(&self.clients[0]), if speaks_http2 { &["h2"] } else { &["http/1.1"] })),
        }
    }
}

pub(crate) fn read_mesh(text: &str) -> (Mesh, SourceMap) {
    let mut sources = SourceMap::default();
    let id = sources.add("mesh.yaml", text.to_owned());
    let manifests = manifest::read(&sources, &[id]);
    let options =
        mesh::BuildOptions { default_namespace: None, features: Vec::new(), mesh_config: None, ..mesh::BuildOptions::default() };
    let (mesh, _) = mesh::build(&manifests, &options);
    (mesh, sources)
}

/// Tokens of every kind, as values of `authorization`.
pub(crate) fn tokens() -> Vec<String> {
    let now = Timestamp::now().as_second();
    let sign = |claims: Value, secret: &[u8]| {
        let header =
            jsonwebtoken::Header { kid: Some("a".to_owned()), ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256) };
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        format!("Bearer {}", jsonwebtoken::encode(&header, &claims, &key).unwrap())
    };
    let secret = meshes::secret();
    let claims = |sub: &str, team: &str, until: i64, more: Value| {
        let mut claims = json!({"iss": meshes::ISSUER, "sub": sub, "team": team, "exp": now + until});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    vec![
        sign(claims("alice", "red", 3600, json!({})), &secret),
        sign(claims("bob", "blue", 3600, json!({"aud": "web"})), &secret),
        sign(claims("alice", "red", 3600, json!({"aud": ["other"]})), &secret),
        sign(claims("alice", "red", -3600, json!({})), &secret),
        sign(claims("alice", "red", 3600, json!({"iss": "https://other.example"})), &secret),
        sign(claims("alice", "red", 3600, json!({})), b"another-secret-another-secret-12"),
        "Bearer a.b.c".to_owned(),
        "Bearer".to_owned(),
        "Basic YTpi".to_owned(),
    ]
}

/// What `simulate` says, where a scenario can say what the caller does.
fn simulated(
    simulator: &mut Simulator<'_>,
    request: &Request,
    port: u16,
    speaks_http2: bool,
) -> Option<(Verdict, Option<u16>, Option<String>)> {
    let sni = "web.shop.svc.cluster.local";
    let (from, tls) = match request.caller {
        Caller::Plain => (json!({"ip": request.source, "sidecar": false}), json!({"mode": "disable"})),
        Caller::Mesh(index) => {
            (json!({"ip": request.source, "principal": CLIENTS[index]}), json!({"mode": "istio-mutual", "sni": sni}))
        }
        Caller::OwnProtocols => (json!({"ip": request.source, "principal": CLIENTS[0]}), json!({"mode": "mutual", "sni": sni})),
        Caller::Foreign | Caller::Expired | Caller::Anonymous => return None,
    };
    let headers: serde_json::Map<String, Value> =
        request.headers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.clone()))).collect();
    let line = json!({
        "from": from,
        "to": {"workload": "shop/web", "port": port, "ip": "10.0.0.1"},
        "protocol": if speaks_http2 { "http2" } else { "http" },
        "method": request.method,
        "path": request.path,
        "host": request.host,
        "headers": headers,
        "tls": tls,
    })
    .to_string();
    let scenario = Scenario::from_json(&line).unwrap();
    let decision = simulator.answer(&scenario, &mut NoFiles).unwrap();
    Some((decision.verdict, decision.http_status, decision.body.map(std::borrow::Cow::into_owned)))
}

/// An answer without what differs between two runs: dates, times, ids that were made up.
fn comparable(seen: Seen, has_request_id: bool) -> Seen {
    let Seen::Answer(mut answer) = seen else { return seen };
    answer.headers.remove("date");
    // Envoy announces a chunked body even where HEAD takes none.
    answer.headers.remove("transfer-encoding");
    if let Some(time) = answer.headers.get_mut("x-envoy-upstream-service-time") {
        time.clear();
        time.push_str("some");
    }
    if let Ok(mut told) = serde_json::from_str::<Value>(&answer.body) {
        // The length of the body goes with the headers that were left out.
        answer.headers.remove("content-length");
        if let Some(headers) = told["headers"].as_array_mut() {
            headers.retain(|header| header[0] != "x-request-id" || has_request_id);
        }
        answer.body = told.to_string();
    }
    Seen::Answer(answer)
}

/// Whether what was seen is what `simulate` says.
fn is_as_simulated(seen: &Seen, verdict: Verdict, status: Option<u16>, body: Option<&str>, is_head: bool) -> bool {
    match seen {
        Seen::Answer(answer) if verdict == Verdict::Allowed => {
            answer.status == 200 && !answer.headers.contains_key("grpc-status")
        }
        Seen::Answer(answer) => {
            let is_grpc = answer.headers.contains_key("grpc-status");
            Some(answer.status) == status && (is_grpc || is_head || body.unwrap_or_default() == answer.body)
        }
        Seen::Closed | Seen::Bytes(_) => verdict != Verdict::Allowed && status.is_none(),
    }
}

pub(crate) struct Sides {
    pub(crate) envoy: SocketAddr,
    pub(crate) proxy: Running,
    _envoy: Envoy,
}

impl Sides {
    pub(crate) fn start(program: &str, folder: &Path, text: &str, ports: &[u16]) -> Self {
        Self::start_with(program, folder, text, ports, &[], |_| {})
    }

    /// The same with more arguments for the proxy, and another configuration of Envoy.
    pub(crate) fn start_with(
        program: &str,
        folder: &Path,
        text: &str,
        ports: &[u16],
        more: &[&str],
        change: impl FnOnce(&mut Value),
    ) -> Self {
        let (mesh, _) = read_mesh(text);
        let id = Names { mesh: &mesh, default_namespace: None }.workload("workload", "shop/web").unwrap();
        let translated = envoy::Translated::new(&mesh, id).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut bootstrap = envoy::bootstrap(&translated.input(&mesh).unwrap(), listener.port());
        change(&mut bootstrap);
        let envoy = Envoy::start(program, folder, "peer", &bootstrap);
        fs::write(folder.join("mesh.yaml"), text).unwrap();
        let mut arguments = vec!["-f", "mesh.yaml", "--workload", "shop/web", "--svid-dir", "certs", "--proxy-protocol"];
        arguments.extend(more);
        let upstreams: Vec<String> = ports.iter().map(|port| format!("{port}=127.0.0.1:{port}")).collect();
        let listens: Vec<String> = ports.iter().map(|port| format!("{port}=127.0.0.1:0")).collect();
        arguments.extend(upstreams.iter().flat_map(|upstream| ["--upstream", upstream]));
        arguments.extend(listens.iter().flat_map(|listen| ["--listen", listen]));
        Self { envoy: listener, proxy: Running::start(folder, ports.len(), &arguments), _envoy: envoy }
    }
}

#[test]
fn envoy_the_proxy_and_simulate_answer_the_same() {
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped("envoy_the_proxy_and_simulate_answer_the_same") };
    let seed = number("MESHSEC_PROXY_SEED", 1) as u64;
    let requests = number("MESHSEC_PROXY_REQUESTS", 300);
    let identities = Identities::new();
    let tokens = tokens();
    let ports: Vec<(&str, u16)> = [("http", Speech::Http), ("tcp", Speech::Echo), ("x", Speech::Echo)]
        .map(|(name, speech)| (name, application::listen(speech)))
        .to_vec();
    let mut wrong = Vec::new();
    let mut tally = std::collections::BTreeMap::<String, usize>::new();
    for round in 0..requests.div_ceil(PER_MESH) {
        let mut random = Random::new(seed * 1000 + round as u64);
        let folder = tempfile::tempdir().unwrap();
        identities.write(&folder.path().join("certs"));
        let manifests = meshes::random(&mut random, &ports);
        let sides = Sides::start(&program, folder.path(), &manifests.text, &manifests.ports);
        let (mesh, _sources) = read_mesh(&manifests.text);
        let mut simulator = Simulator::new(Setting {
            mesh: &mesh,
            default_namespace: None,
            now: Timestamp::now(),
            keys: KeySets::new(),
            certificate_defect: None,
            detail: Detail::Verdict,
        });
        for index in 0..PER_MESH {
            let request = traffic::request(&mut random, ports.len(), &tokens);
            let port = manifests.ports[request.port];
            let speaks_http2 = random.chance(25) && request.port == 0 && request.path.starts_with('/');
            let tls = identities.tls(request.caller, speaks_http2);
            let header = request.proxy_header(port);
            let has_request_id = request.headers.iter().any(|(name, _)| *name == "x-request-id");
            let ask = |address: SocketAddr| {
                let seen = if speaks_http2 {
                    http2::exchange(address, header.as_bytes(), tls.as_ref(), &request)
                } else {
                    client::exchange(address, header.as_bytes(), tls.as_ref(), &request.bytes(), request.method == "HEAD")
                };
                comparable(seen, has_request_id)
            };
            let (of_envoy, of_proxy) = (ask(sides.envoy), ask(sides.proxy.address(port)));
            let what = match &of_envoy {
                Seen::Answer(answer) => answer.status.to_string(),
                Seen::Bytes(_) => "bytes".to_owned(),
                Seen::Closed => "closed".to_owned(),
            };
            *tally.entry(what).or_default() += 1;
            let case = format!("round {round} request {index} (HTTP/2 {speaks_http2}): {request:?}\n{}", manifests.text);
            if of_envoy != of_proxy {
                wrong.push(format!("{case}\nenvoy: {of_envoy:?}\nproxy: {of_proxy:?}"));
            } else if let Some((verdict, status, body)) = simulated(&mut simulator, &request, port, speaks_http2)
                && !is_as_simulated(&of_envoy, verdict, status, body.as_deref(), request.method == "HEAD")
            {
                wrong.push(format!("{case}\nboth: {of_envoy:?}\nsimulate: {verdict} {status:?} {body:?}"));
            }
        }
    }
    eprintln!("{requests} requests, answers of Envoy: {tally:?}");
    assert!(wrong.is_empty(), "{} of {requests} differ:\n{}", wrong.len(), wrong.join("\n\n"));
}
