//! Calls that a caller's proxy takes, in every way that a client can make one.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::client;
use crate::client::Answer;
use crate::client::Seen;
use crate::http2;
use crate::material::Authority;
use crate::material::Identity;
use crate::mesh;
use crate::process::wait_until;
use crate::running::Running;
use crate::traffic::Caller;
use crate::traffic::Request;

const CLIENT: &str = "spiffe://cluster.local/ns/shop/sa/client";
pub(crate) const NOT_CONNECTED: &str =
    "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure";
const PATIENCE: Duration = Duration::from_secs(10);

/// `shop/web` with an HTTP port 80 and a TCP port 81, and `shop/client`.
pub(crate) fn two_workloads() -> String {
    mesh::workload(&[("http", 8080), ("tcp", 9090)]) + &another("client", "client")
}

/// A Deployment of its own, with this account.
pub(crate) fn another(name: &str, account: &str) -> String {
    format!(
        "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: {name}}}}}
  template:
    metadata: {{labels: {{app: {name}}}}}
    spec:
      serviceAccountName: {account}
      containers: [{{name: app, image: app}}]
"
    )
}

fn destination_rule(tls: &str) -> String {
    format!(
        "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: web, namespace: shop}}\nspec: {{host: web, trafficPolicy: {{tls: {tls}}}}}\n"
    )
}

const AS_CLIENT: [&str; 6] = ["-f", "mesh.yaml", "--as", "shop/client", "--outbound", "127.0.0.1:0"];
const WITH_WEB: [&str; 5] = ["--workload", "shop/web", "--echo", "--listen", "127.0.0.1:0"];

fn start(folder: &Path, text: &str, ports: usize, more: &[&str]) -> (Running, SocketAddr) {
    fs::write(folder.join("mesh.yaml"), text).unwrap();
    let proxy = Running::start(folder, ports, &[&AS_CLIENT, more].concat());
    let outbound = proxy.outbound();
    (proxy, outbound)
}

pub(crate) fn ask(address: SocketAddr, first: &[u8], target: &str, host: &str) -> Answer {
    let request = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let seen = client::exchange(address, first, None, request.as_bytes(), false);
    let Seen::Answer(answer) = seen else { panic!("{target} {host}: {seen:?}") };
    answer
}

/// A connection on which something is asked before it is used.
fn opened(address: SocketAddr, asks: &[(&[u8], usize)]) -> (TcpStream, Vec<Vec<u8>>) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answers = Vec::new();
    for (bytes, length) in asks {
        stream.write_all(bytes).unwrap();
        let mut answer = vec![0; *length];
        stream.read_exact(&mut answer).unwrap();
        answers.push(answer);
    }
    (stream, answers)
}

fn connect(address: SocketAddr, authority: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n\r\n").as_bytes()).unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    (stream, String::from_utf8(head).unwrap().lines().next().unwrap().to_owned())
}

fn socks(address: SocketAddr, name: &str, port: u16) -> (TcpStream, u8) {
    let mut request = vec![5, 1, 0, 3, u8::try_from(name.len()).unwrap()];
    request.extend_from_slice(name.as_bytes());
    request.extend_from_slice(&port.to_be_bytes());
    let (stream, answers) = opened(address, &[(&[5, 1, 0], 2), (&request, 10)]);
    (stream, answers[1][1])
}

fn ask_on(mut stream: TcpStream, host: &str) -> Answer {
    stream.write_all(format!("GET /on HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    client::answer(&bytes, false, true).unwrap()
}

fn told(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

/// Waits until a line on standard output holds this.
fn tells(proxy: &Running, line: &str) {
    wait_until(line, || proxy.output().contains(line));
}

#[test]
fn a_call_arrives_as_the_caller_however_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let text = two_workloads() + &mesh::mode("STRICT");
    let (proxy, outbound) = start(folder.path(), &text, 2, &WITH_WEB);
    let over_http2 = Request {
        caller: Caller::Plain,
        source: "",
        port: 0,
        method: "GET",
        path: "/h2",
        host: "web.shop",
        headers: Vec::new(),
        body: "",
    };
    let Seen::Answer(over_http2) = http2::exchange(outbound, b"", None, &over_http2) else { panic!("no answer over HTTP/2") };
    let (tunnel, granted) = connect(outbound, "web.shop:80");
    assert_eq!(granted, "HTTP/1.1 200 OK");
    let (by_name, code) = socks(outbound, "web.shop.svc.cluster.local", 80);
    assert_eq!(code, 0);
    let mut wrong = Vec::new();
    for (how, answer) in [
        ("URL", ask(outbound, b"", "http://web.shop/a?b=c", "ignored")),
        ("URL with port", ask(outbound, b"", "http://web.shop:80/", "web.shop:80")),
        ("Host", ask(outbound, b"", "/", "web.shop.svc.cluster.local")),
        ("bare name", ask(outbound, b"", "/", "web")),
        ("capitals and dot", ask(outbound, b"", "/", "WEB.Shop.")),
        ("HTTP/2", over_http2),
        ("CONNECT", ask_on(tunnel, "web.shop")),
        ("SOCKS5", ask_on(by_name, "web.shop")),
    ] {
        let told = told(&answer);
        if told["caller"] != CLIENT || told["workload"] != "shop/web" || answer.headers["server"] != "envoy" {
            wrong.push(format!("{how}: {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    tells(&proxy, "shop/client calls web.shop:80 GET /a istio-mutual to shop/web:8080 answered 200");
    tells(&proxy, "cluster.local/ns/shop/sa/client -> shop/web:8080 GET /a allowed no rule");
}

#[test]
fn bytes_are_carried_over_mutual_tls() {
    let folder = tempfile::tempdir().unwrap();
    let text = two_workloads() + &mesh::mode("STRICT");
    let (proxy, outbound) = start(folder.path(), &text, 2, &WITH_WEB);
    for (how, mut stream) in [("CONNECT", connect(outbound, "web.shop:81").0), ("SOCKS5", socks(outbound, "web", 81).0)] {
        stream.write_all(b"\x01\x02some bytes").unwrap();
        let mut back = [0; 12];
        stream.read_exact(&mut back).unwrap();
        assert_eq!(&back, b"\x01\x02some bytes", "{how}");
    }
    tells(&proxy, "calls web.shop:81 connection istio-mutual to shop/web:9090 connected");
    tells(&proxy, "cluster.local/ns/shop/sa/client -> shop/web:9090 connection allowed");
}

#[test]
fn what_the_mesh_does_not_know_is_not_called_unless_it_was_said() {
    let own = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = own.local_addr().unwrap().port();
    drop(own);
    let application = crate::application::listen(crate::application::Speech::Http);
    for (policy, more, expected) in
        [("ALLOW_ANY", &[][..], 502), ("REGISTRY_ONLY", &["--passthrough"], 502), ("ALLOW_ANY", &["--passthrough"], 200)]
    {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio, namespace: istio-system}}\ndata:\n  mesh: |\n    outboundTrafficPolicy: {{mode: {policy}}}\n"
        );
        let text = two_workloads() + &config;
        let (_proxy, outbound) = start(folder.path(), &text, 2, &[&WITH_WEB, more].concat());
        let answer = ask(outbound, b"", &format!("http://localhost:{application}/"), "localhost");
        assert_eq!(answer.status, expected, "{policy} {more:?}: {answer:?}");
        let other_port = ask(outbound, b"", "http://web.shop:8080/", "web.shop");
        assert_eq!(other_port.status, if expected == 200 { 503 } else { 502 }, "{policy} {more:?}: {other_port:?}");
        let (_, code) = socks(outbound, "nowhere.example", port);
        assert_eq!(code, if expected == 200 { 0 } else { 2 }, "{policy} {more:?}");
        let (_, line) = connect(outbound, &format!("nowhere.example:{port}"));
        assert_eq!(line.split(' ').nth(1), Some(if expected == 200 { "200" } else { "502" }), "{policy} {more:?}: {line}");
    }
}

#[test]
fn workloads_of_a_service_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let text = mesh::workload(&[("http", 8080)]) + &another("client", "client");
    let second = mesh::workload(&[("http", 8080)]).replace(
        "name: web, namespace: shop}\nspec:\n  selector: {matchLabels",
        "name: web-2, namespace: shop}\nspec:\n  selector: {matchLabels",
    );
    let second = second.split("---\n").nth(1).unwrap();
    let text = format!("{text}---\n{second}");
    let (proxy, outbound) = start(folder.path(), &text, 2, &["--all"]);
    assert!(proxy.addresses.iter().all(|(port, _)| *port == 8080), "{:?}", proxy.addresses);
    let workloads: Vec<String> =
        (0..4).map(|_| told(&ask(outbound, b"", "http://web.shop/", "x"))["workload"].as_str().unwrap().to_owned()).collect();
    assert_eq!(workloads, ["shop/web", "shop/web-2", "shop/web", "shop/web-2"]);
}

pub(crate) fn write_identity(folder: &Path, identity: &Identity, authority: &Authority) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("cert-chain.pem"), &identity.chain).unwrap();
    fs::write(folder.join("key.pem"), &identity.key).unwrap();
    fs::write(folder.join("root-cert.pem"), authority.bundle()).unwrap();
}

#[test]
fn a_server_that_is_somebody_else_gets_no_request() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
    let other_authority = Authority::new("other", meshsec::pki::KeyType::EcdsaP256);
    write_identity(&folder.path().join("client"), &authority.issue(CLIENT), &authority);
    let service = |name: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{app: {name}}}, ports: [{{name: http, port: 80, targetPort: 8080}}]}}\n"
        )
    };
    let text = two_workloads() + &another("evil", "evil") + &service("evil") + &mesh::mode("STRICT");
    let evil = "spiffe://cluster.local/ns/shop/sa/evil";
    let server = "spiffe://cluster.local/ns/shop/sa/server";
    for (name, identity, issuer, workload, expected) in [
        (
            "evil",
            authority.issue(evil),
            &authority,
            "shop/evil",
            Some("the server is spiffe://cluster.local/ns/shop/sa/evil, expected is spiffe://cluster.local/ns/shop/sa/server"),
        ),
        ("foreign", other_authority.issue(server), &authority, "shop/web", Some("failed 503 ")),
        ("expired", authority.issue_expired(server), &authority, "shop/web", None),
        ("right", authority.issue(server), &authority, "shop/web", Some("")),
    ] {
        let home = folder.path().join(name);
        write_identity(&home.join("certs"), &identity, issuer);
        fs::write(home.join("mesh.yaml"), &text).unwrap();
        let arguments = ["-f", "mesh.yaml", "-w", workload, "--svid-dir", "certs", "--echo", "--listen", "127.0.0.1:0"];
        if expected.is_none() {
            // It does not even start.
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_meshsec"));
            let output = command.current_dir(&home).args(["simulate", "proxy"]).args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            continue;
        }
        let served = Running::start(&home, if workload == "shop/web" { 2 } else { 1 }, &arguments);
        let endpoint = format!("shop/web:8080={}", served.address(8080));
        let (caller, outbound) = start(folder.path(), &text, 0, &["--svid-dir", "client", "--endpoint", &endpoint]);
        let answer = ask(outbound, b"", "http://web.shop/", "web.shop");
        let why = expected.unwrap();
        if why.is_empty() {
            assert_eq!(told(&answer)["caller"], CLIENT);
        } else {
            assert_eq!((answer.status, answer.body.as_str()), (503, NOT_CONNECTED), "{name}");
            tells(&caller, "calls web.shop:80 GET / istio-mutual to shop/web:8080 failed 503");
            tells(&caller, why);
            assert!(!served.output().contains("GET"), "{name}: {}", served.output());
        }
    }
}

#[test]
fn rules_of_the_caller_change_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let base = two_workloads() + &mesh::mode("STRICT");
    let (proxy, outbound) = start(folder.path(), &base, 2, &WITH_WEB);
    assert_eq!(told(&ask(outbound, b"", "http://web.shop/", "x"))["caller"], CLIENT);
    fs::write(folder.path().join("mesh.yaml"), base.clone() + &destination_rule("{mode: DISABLE}")).unwrap();
    proxy.wait_for("read again");
    let plain = ask(outbound, b"", "http://web.shop/", "x");
    let text = "upstream connect error or disconnect/reset before headers. reset reason: connection termination";
    assert_eq!((plain.status, plain.body.as_str()), (503, text));
    fs::write(folder.path().join("mesh.yaml"), base).unwrap();
    proxy.wait_for("read again");
    assert_eq!(told(&ask(outbound, b"", "http://web.shop/", "x"))["caller"], CLIENT);
}

#[test]
fn what_cannot_be_called_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mesh.yaml"), two_workloads()).unwrap();
    for (arguments, expected) in [
        (&["--as", "shop/nobody"][..], "no workload `shop/nobody`"),
        (&["--as", "shop/client", "--outbound", "0.0.0.0:0"], "reached from other machines"),
        (&["--as", "shop/client", "--endpoint", "shop/web=127.0.0.1:1"], "is not WORKLOAD:PORT=ADDRESS:PORT"),
        (&["--as", "shop/client", "--endpoint", "shop/nobody:80=127.0.0.1:1"], "no workload `shop/nobody`"),
        (&["--as", "shop/client", "--svid-dir", "x", "-w", "shop/web", "--echo"], "holds one identity, and 2 are needed"),
        (&["--all", "--upstream", "shop/web:1=127.0.0.1:1"], "has such a port"),
        (&["--all", "--listen", "127.0.0.1:1"], "is one port"),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_meshsec"));
        command.current_dir(folder.path()).args(["simulate", "proxy", "-f", "mesh.yaml"]).args(arguments);
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{arguments:?}: {said}");
    }
}
