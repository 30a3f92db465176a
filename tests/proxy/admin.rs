//! What is answered beside a proxy, through a real socket.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;
use serde_json::json;

use crate::client;
use crate::client::Answer;
use crate::client::Seen;
use crate::mesh;
use crate::process::wait_until;
use crate::running::Running;

const SECRET: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ";

/// A mesh of `shop/web`, which refuses `/admin`, and a caller `shop/curl`.
pub(crate) fn write_mesh(folder: &Path, more: &str) {
    let caller = "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: curl, namespace: shop}\nspec:\n  selector: {matchLabels: {app: curl}}\n  template:\n    metadata: {labels: {app: curl}}\n    spec: {serviceAccountName: curl, containers: [{name: curl, image: curl}]}\n";
    let deny = mesh::policy("deny", "DENY", &["{to: [{operation: {paths: [\"/admin\"]}}]}".to_owned()]);
    fs::write(folder.join("mesh.yaml"), mesh::workload(&[("http", 8080), ("tcp", 9090)]) + caller + &deny + more).unwrap();
}

/// A proxy with a page, and where that is.
pub(crate) fn start(folder: &Path, more: &[&str]) -> (Running, SocketAddr) {
    let arguments = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1", "--ui", "127.0.0.1:0"];
    let running = Running::start(folder, 2, &[&arguments, more].concat());
    let line = running.wait_for("look on at http://");
    let address = line.trim_end_matches('/').rsplit('/').next().unwrap().parse().unwrap();
    (running, address)
}

fn ask(address: SocketAddr, request: &str) -> Answer {
    let seen = client::exchange(address, b"", None, request.as_bytes(), false);
    let Seen::Answer(answer) = seen else { panic!("{request}: {seen:?}") };
    answer
}

pub(crate) fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n"))
}

fn read(address: SocketAddr, path: &str) -> Value {
    serde_json::from_str(&get(address, path).body).unwrap()
}

fn send(address: SocketAddr, wish: &Value) -> Answer {
    let (body, host) = (wish.to_string(), address);
    let head = format!("POST /send HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}", body.len());
    ask(address, &format!("{head}\r\n\r\n{body}"))
}

#[test]
fn decisions_are_told_by_number_and_with_their_reasons() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let (proxy, ui) = start(folder.path(), &["--echo"]);
    assert_eq!(get(proxy.address(8080), "/open").status, 200);
    assert_eq!(get(proxy.address(8080), "/admin?token=secret").status, 403);
    wait_until("both decisions", || read(ui, "/decisions?since=0")["last"] == 2);
    let all = read(ui, "/decisions?since=0");
    let told: Vec<_> =
        all["decisions"].as_array().unwrap().iter().map(|told| (&told["id"], &told["decision"]["verdict"])).collect();
    assert_eq!(told, [(&json!(1), &json!("allowed")), (&json!(2), &json!("denied"))]);
    assert_eq!((&all["missed"], &all["decisions"][1]["decision"]["decidedBy"]["name"]), (&json!(0), &json!("deny")));
    assert!(!all.to_string().contains("secret"), "{all}");
    assert_eq!(read(ui, "/decisions?since=1")["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(read(ui, "/decisions?since=2")["decisions"], json!([]));
    let one = read(ui, "/decisions/2");
    assert!(one["explanation"].as_str().unwrap().starts_with("denied: 403 RBAC: access denied"), "{one}");
    for (path, status) in
        [("/decisions/3", 404), ("/decisions/x", 404), ("/decisions?since=x", 400), ("/nothing", 404), ("/mesh/shop/nobody", 404)]
    {
        assert_eq!(get(ui, path).status, status, "{path}");
    }
}

#[test]
fn there_is_never_more_kept_than_fits() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let (proxy, ui) = start(folder.path(), &["--echo"]);
    let mut connection = TcpStream::connect(proxy.address(8080)).unwrap();
    let mut reader = connection.try_clone().unwrap();
    let reading = std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    for _ in 0..1200 {
        connection.write_all(b"GET /open HTTP/1.1\r\nhost: web\r\n\r\n").unwrap();
    }
    wait_until("all decisions", || read(ui, "/decisions?since=1199")["last"] == 1200);
    let all = read(ui, "/decisions?since=0");
    assert_eq!((all["decisions"].as_array().unwrap().len(), &all["missed"]), (1000, &json!(200)));
    assert_eq!(all["decisions"][0]["id"], 201);
    drop(connection);
    drop(proxy);
    let _ = reading.join().unwrap();
}

#[test]
fn a_watcher_is_told_as_it_happens_and_what_it_sees_is_traced() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let (proxy, ui) = start(folder.path(), &["--echo", "--audit", "audit.jsonl"]);
    get(proxy.address(8080), "/before");
    let mut stream = TcpStream::connect(ui).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /decisions/stream HTTP/1.1\r\nhost: {ui}\r\n\r\n").unwrap();
    let mut seen = String::new();
    let mut read_until = |text: &str| {
        let mut chunk = [0; 4096];
        while !seen.contains(text) {
            let length = stream.read(&mut chunk).unwrap();
            assert!(length > 0, "{seen}");
            seen.push_str(&String::from_utf8_lossy(&chunk[..length]));
        }
    };
    read_until("/before");
    get(proxy.address(8080), "/admin");
    read_until("id: 2\n");
    drop(stream);
    assert!(seen.contains("content-type: text/event-stream"), "{seen}");
    let traced = read(ui, "/decisions/2");
    assert_eq!(traced["decision"]["trace"][0]["rules"][0]["conditions"][0]["seen"], "/admin", "{traced}");
    assert_eq!(read(ui, "/decisions/1")["decision"]["trace"], Value::Null);
    wait_until("the audit log", || fs::read_to_string(folder.path().join("audit.jsonl")).unwrap().lines().count() == 2);
    let audit = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(!audit.contains("\"trace\""), "{audit}");
}

#[test]
fn requests_are_sent_as_a_workload_and_as_nobody() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), &mesh::mode("STRICT"));
    let (_proxy, ui) = start(folder.path(), &["--echo"]);
    let wish = |from: &str, path: &str| json!({"from": from, "to": "shop/web", "port": 8080, "path": path, "headers": [["x-team", "<b>"]], "token": "abc"});
    let sent = |wish: &Value| -> Value { serde_json::from_str(&send(ui, wish).body).unwrap() };
    let known = sent(&wish("shop/curl", "/open"));
    assert_eq!(known["answer"]["status"], 200, "{known}");
    assert_eq!(known["sentAs"], "mutual TLS as spiffe://cluster.local/ns/shop/sa/curl");
    assert_eq!(known["decision"]["decision"]["connection"]["sourcePrincipal"], "cluster.local/ns/shop/sa/curl");
    let echo: Value = serde_json::from_str(known["answer"]["body"].as_str().unwrap()).unwrap();
    let headers = echo["headers"].as_array().unwrap();
    assert!(headers.contains(&json!(["x-team", "<b>"])) && headers.contains(&json!(["authorization", "Bearer abc"])), "{echo}");
    let refused = sent(&wish("shop/curl", "/admin"));
    assert_eq!((&refused["answer"]["status"], &refused["answer"]["body"]), (&json!(403), &json!("RBAC: access denied")));
    assert!(refused["decision"]["explanation"].as_str().unwrap().contains("mesh.yaml:"), "{refused}");
    assert_ne!(refused["decision"]["decision"]["trace"], Value::Null);
    let nobody = sent(&wish("", "/open"));
    assert!(nobody["failed"].as_str().unwrap().contains("closed without an answer"), "{nobody}");
    assert_eq!(nobody["decision"]["decision"]["verdict"], "mtls-required");
    for (change, expected) in [
        (json!({"from": "shop/nobody"}), "is no workload"),
        (json!({"to": "shop/curl"}), "is not served here"),
        (json!({"port": 1}), "has no port 1"),
        (json!({"port": 9090}), "not of HTTP"),
        (json!({"verb": "GET"}), "unknown field `verb`"),
    ] {
        let mut wrong = wish("", "/");
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = send(ui, &wrong);
        assert!(answer.status == 400 && answer.body.contains(expected), "{change}: {answer:?}");
    }
    for (name, value) in [("method", "G T"), ("path", "no slash"), ("host", "a\nb")] {
        let mut wrong = wish("", "/");
        wrong[name] = json!(value);
        let told = sent(&wrong);
        assert!(told["failed"].as_str().unwrap().contains("cannot be sent as"), "{name}: {told}");
    }
}

#[test]
fn strangers_are_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let (_proxy, ui) = start(folder.path(), &["--echo"]);
    let body = r#"{"to":"shop/web","port":8080,"path":"/open"}"#;
    let json = "content-type: application/json\r\n";
    for (method, path, headers, expected) in [
        ("GET", "/decisions", "host: evil.example:15000\r\n".to_owned(), 421),
        ("GET", "/decisions", format!("host: localhost:{}\r\n", ui.port()), 200),
        ("POST", "/send", format!("host: {ui}\r\n{json}"), 200),
        ("POST", "/send", format!("host: {ui}\r\n{json}origin: http://{ui}\r\n"), 200),
        ("POST", "/send", format!("host: {ui}\r\n{json}origin: http://evil.example\r\n"), 403),
        ("POST", "/send", format!("host: {ui}\r\n{json}sec-fetch-site: cross-site\r\n"), 403),
        ("POST", "/send", format!("host: {ui}\r\ncontent-type: text/plain\r\n"), 415),
        ("POST", "/decisions", format!("host: {ui}\r\n{json}"), 405),
    ] {
        let request = format!("{method} {path} HTTP/1.1\r\n{headers}content-length: {}\r\n\r\n{body}", body.len());
        let answer = ask(ui, &request);
        assert_eq!(answer.status, expected, "{headers}: {answer:?}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{answer:?}");
    }
    let page = get(ui, "/");
    assert!(page.headers["content-security-policy"].starts_with("default-src 'none'; script-src 'self'"), "{page:?}");
    assert_eq!(
        (page.headers["x-content-type-options"].as_str(), page.headers["cache-control"].as_str()),
        ("nosniff", "no-store")
    );
    for other in ["0.0.0.0:0", "192.0.2.1:0"] {
        let output = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(["simulate", "proxy", "-f", "mesh.yaml", "-w", "shop/web", "--echo", "--ui", other])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains("--ui-expose"), "{other}: {said}");
    }
}

#[test]
fn a_proxy_is_ready_until_it_drains() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (proxy, ui) = start(folder.path(), &["--upstream", &silent.local_addr().unwrap().to_string(), "--drain-timeout", "30s"]);
    let ready = get(ui, "/ready");
    assert_eq!((ready.status, ready.body.as_str()), (200, "LIVE\n"));
    let mut waiting = TcpStream::connect(proxy.address(8080)).unwrap();
    waiting.write_all(b"GET /open HTTP/1.1\r\nhost: web\r\n\r\n").unwrap();
    let (upstream, _) = silent.accept().unwrap();
    proxy.signal(Signal::SIGTERM);
    wait_until("the drain", || get(ui, "/ready").status == 503);
    assert_eq!(get(ui, "/ready").body, "DRAINING\n");
    assert!(get(ui, "/stats/prometheus").body.contains("envoy_server_live 0\n"));
    drop(upstream);
}

#[test]
fn the_configuration_is_shown_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = format!(
        "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: tokens, namespace: shop}}\nspec:\n  jwtRules:\n  - {{issuer: \"https://idp.example\", jwks: '{{\"keys\":[{{\"kty\":\"oct\",\"kid\":\"a\",\"alg\":\"HS256\",\"k\":\"{SECRET}\"}}]}}'}}\n"
    );
    write_mesh(folder.path(), &tokens);
    let (_proxy, ui) = start(folder.path(), &["--echo"]);
    let dump = get(ui, "/config_dump");
    assert!(!dump.body.contains(SECRET) && dump.body.contains("[redacted]"), "{}", dump.body);
    let dump: Value = serde_json::from_str(&dump.body).unwrap();
    let listener = &dump["configs"][0]["dynamicListeners"][0];
    assert_eq!((&dump["configs"].as_array().unwrap().len(), &listener["name"]), (&1, &json!("virtualInbound")));
    let chains = listener["activeState"]["listener"]["filterChains"].to_string();
    assert!(chains.contains("ns[shop]-policy[deny]-rule[0]"), "{chains}");
    let mesh = read(ui, "/mesh");
    assert_eq!(mesh["served"][0]["ports"][0]["mode"], "PERMISSIVE");
    let names: Vec<&Value> = mesh["workloads"].as_array().unwrap().iter().map(|workload| &workload["name"]).collect();
    assert_eq!(names, [&json!("shop/curl"), &json!("shop/web")]);
    let web = read(ui, "/mesh/shop/web");
    assert_eq!(web["authorization"]["policies"][0]["from"]["file"], "mesh.yaml", "{web}");
}

fn python() -> Option<PathBuf> {
    let cached = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/meshsec-ci/venv/bin/python"));
    let python = std::env::var_os("MESHSEC_PYTHON").map(PathBuf::from).or_else(cached)?;
    let knows = Command::new(&python).args(["-c", "import prometheus_client"]).stderr(Stdio::null()).status();
    knows.is_ok_and(|status| status.success()).then_some(python)
}

/// Name, kind, help, and each sample's name, labels and value.
type Family = (String, String, String, Vec<(String, Value, f64)>);

#[test]
fn counts_are_read_by_prometheus_own_parser() {
    let Some(python) = python() else {
        let line = b"SKIPPED counts_are_read_by_prometheus_own_parser: no Python with prometheus_client (MESHSEC_PYTHON)\n";
        return std::io::stderr().write_all(line).unwrap();
    };
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let (proxy, ui) = start(folder.path(), &["--echo"]);
    for path in ["/open", "/open", "/admin"] {
        get(proxy.address(8080), path);
    }
    send(ui, &json!({"from": "shop/curl", "to": "shop/web", "port": 8080, "path": "/open"}));
    let mut bytes = TcpStream::connect(proxy.address(9090)).unwrap();
    bytes.write_all(b"ping").unwrap();
    // Of a rule on paths nothing is left on a port of bytes: it refuses everything there.
    let _ = bytes.read_to_end(&mut Vec::new());
    wait_until("the end of the connection", || get(ui, "/stats/prometheus").body.contains("istio_tcp_connections_closed_total{"));
    let answer = get(ui, "/stats/prometheus");
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let script = "import sys, json
from prometheus_client.parser import text_string_to_metric_families
print(json.dumps([[f.name, f.type, f.documentation, [[s.name, s.labels, s.value] for s in f.samples]] for f in text_string_to_metric_families(sys.stdin.read())]))";
    let mut reading = Command::new(python).args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reading.stdin.take().unwrap().write_all(answer.body.as_bytes()).unwrap();
    let families: Vec<Family> = serde_json::from_slice(&reading.wait_with_output().unwrap().stdout).unwrap();
    assert!(
        families.iter().all(|(name, kind, help, _)| kind != "unknown" && !help.is_empty() && !name.is_empty()),
        "{families:?}"
    );
    let samples: Vec<&(String, Value, f64)> = families.iter().flat_map(|(_, _, _, samples)| samples).collect();
    // The parser calls every counter `.._total`.
    let sum = |name: &str, labels: Value| -> f64 {
        let holds = |own: &Value| labels.as_object().unwrap().iter().all(|(label, value)| &own[label] == value);
        samples
            .iter()
            .filter(|(own, labels, _)| own.trim_end_matches("_total") == name.trim_end_matches("_total") && holds(labels))
            .map(|(_, _, value)| value)
            .sum()
    };
    let known = json!({
        "source_principal": "spiffe://cluster.local/ns/shop/sa/curl", "connection_security_policy": "mutual_tls", "reporter": "destination",
        "destination_principal": "spiffe://cluster.local/ns/shop/sa/server", "response_code": "200", "request_protocol": "http",
        "destination_service": "web.shop.svc.cluster.local", "destination_workload": "web", "destination_app": "web", "response_flags": "-",
    });
    let manager = json!({"http_conn_manager_prefix": "inbound_0.0.0.0_8080", "response_code_class": null});
    for (name, labels, expected) in [
        ("istio_requests_total", json!({}), 4.0),
        ("istio_requests_total", json!({"response_code": "403", "connection_security_policy": "none"}), 1.0),
        ("istio_requests_total", known, 1.0),
        ("istio_tcp_connections_opened_total", json!({"request_protocol": "tcp"}), 1.0),
        ("istio_tcp_connections_closed_total", json!({}), 1.0),
        ("envoy_http_downstream_rq_total", manager, 4.0),
        ("envoy_http_downstream_rq", json!({"response_code_class": "4xx"}), 1.0),
        ("envoy_http_rbac", json!({"authz_enforce_result": "denied"}), 1.0),
        ("envoy_http_rbac", json!({"authz_enforce_result": "allowed"}), 3.0),
        ("envoy_tcp", json!({"authz_enforce_result": "denied", "tcp_prefix": "rbac"}), 1.0),
        ("envoy_listener_downstream_cx_total", json!({}), 5.0),
        ("meshsec_decisions_total", json!({"verdict": "denied", "policy": "shop/deny", "kind": "AuthorizationPolicy"}), 2.0),
        ("envoy_server_live", json!({}), 1.0),
    ] {
        assert!((sum(name, labels.clone()) - expected).abs() < f64::EPSILON, "{name} {labels}: {}", answer.body);
    }
}
