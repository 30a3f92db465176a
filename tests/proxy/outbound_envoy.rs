//! The real Envoy (`ENVOY_BIN`) as the caller's proxy, with the cluster and retries that istiod writes: it reaches our server's proxy, and where a call fails
//! it answers as ours does.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use serde_json::Value;
use serde_json::json;

use crate::agree::skipped;
use crate::application;
use crate::application::Speech;
use crate::client::Answer;
use crate::material::Authority;
use crate::material::Identity;
use crate::mesh;
use crate::outbound::ask;
use crate::outbound::two_workloads;
use crate::outbound::write_identity;
use crate::process::Envoy;
use crate::running::Running;

const CLIENT: &str = "spiffe://cluster.local/ns/shop/sa/client";
const SERVER: &str = "spiffe://cluster.local/ns/shop/sa/server";
const TYPES: &str = "type.googleapis.com/envoy.extensions";

/// A server that does the same with every connection.
fn server(does: fn(TcpStream)) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().flatten().for_each(does));
    address
}

fn read_some(stream: &mut TcpStream) {
    let mut chunk = [0; 4096];
    let _ = stream.read(&mut chunk);
}

/// One call: whom the caller presents, whom it trusts, and where it goes.
struct Case<'a> {
    name: &'static str,
    /// None for plaintext.
    tls: Option<(&'a Identity, &'a Authority, &'static str)>,
    to: SocketAddr,
}

fn cluster(name: &str, case: &Case<'_>) -> Value {
    let endpoint = json!({"address": {"socket_address": {"address": "127.0.0.1", "port_value": case.to.port()}}});
    let mut cluster = json!({
        "name": name,
        "connect_timeout": "10s",
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}]},
    });
    if let Some((identity, authority, server)) = &case.tls {
        cluster["transport_socket"] = json!({"name": "tls", "typed_config": {
            "@type": format!("{TYPES}.transport_sockets.tls.v3.UpstreamTlsContext"),
            "sni": "outbound_.80_._.web.shop.svc.cluster.local",
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2", "tls_maximum_protocol_version": "TLSv1_3"},
                "alpn_protocols": ["istio-http/1.1", "istio", "http/1.1"],
                "tls_certificates": [{
                    "certificate_chain": {"inline_string": identity.chain},
                    "private_key": {"inline_string": identity.key},
                }],
                "validation_context": {
                    "trusted_ca": {"inline_string": authority.bundle()},
                    "match_typed_subject_alt_names": [{"san_type": "URI", "matcher": {"exact": server}}],
                },
            },
        }});
    }
    cluster
}

fn listener(name: &str, port: u16) -> Value {
    let route = json!({"match": {"prefix": "/"}, "route": {"cluster": name, "retry_policy": {
        "retry_on": "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes",
        "num_retries": 2,
        "host_selection_retry_max_attempts": "5",
    }}});
    let hosts = json!({"name": "all", "domains": ["*"], "include_request_attempt_count": true, "routes": [route]});
    let manager = json!({
        "@type": format!("{TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager"),
        "stat_prefix": "http",
        "normalize_path": true,
        "route_config": {"virtual_hosts": [hosts]},
        "http_filters": [{"name": "router", "typed_config": {"@type": format!("{TYPES}.filters.http.router.v3.Router")}}],
    });
    json!({
        "name": name,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    })
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An answer without what differs between two runs.
fn comparable(mut answer: Answer) -> Answer {
    answer.headers.remove("date");
    if let Some(time) = answer.headers.get_mut("x-envoy-upstream-service-time") {
        "some".clone_into(time);
    }
    if let Ok(mut told) = serde_json::from_str::<Value>(&answer.body) {
        if let Some(headers) = told["headers"].as_array_mut() {
            headers.retain(|header| header[0] != "x-request-id");
        }
        answer.body = told.to_string();
    }
    answer
}

/// Our caller's proxy, for the same case.
fn ours(folder: &Path, case: &Case<'_>) -> (Running, SocketAddr) {
    let home = folder.join(case.name.replace(' ', "-"));
    fs::create_dir(&home).unwrap();
    let mut text = two_workloads() + &mesh::mode("STRICT");
    let mut arguments = vec!["-f", "mesh.yaml", "--as", "shop/client", "--outbound", "127.0.0.1:0"];
    let tls = match &case.tls {
        None => "DISABLE".to_owned(),
        Some((identity, authority, server)) => {
            write_identity(&home.join("certs"), identity, authority);
            arguments.extend(["--svid-dir", "certs"]);
            format!("ISTIO_MUTUAL, subjectAltNames: [\"{server}\"]")
        }
    };
    text.push_str(&format!("---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: web, namespace: shop}}\nspec: {{host: web, trafficPolicy: {{tls: {{mode: {tls}}}}}}}\n"));
    fs::write(home.join("mesh.yaml"), text).unwrap();
    let endpoint = format!("shop/web:8080={}", case.to);
    arguments.extend(["--endpoint", &endpoint]);
    let running = Running::start(&home, 0, &arguments);
    let address = running.outbound();
    (running, address)
}

#[test]
fn a_call_ends_as_it_does_at_envoy() {
    let Ok(program) = std::env::var("ENVOY_BIN") else { return skipped("a_call_ends_as_it_does_at_envoy") };
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new("mesh", meshsec::pki::KeyType::EcdsaP256);
    let other_authority = Authority::new("other", meshsec::pki::KeyType::EcdsaP256);
    write_identity(&folder.path().join("certs"), &authority.issue(SERVER), &authority);
    fs::write(folder.path().join("mesh.yaml"), two_workloads() + &mesh::mode("STRICT")).unwrap();
    let upstream = format!("127.0.0.1:{}", application::listen(Speech::Http));
    let arguments =
        ["-f", "mesh.yaml", "-w", "shop/web", "--svid-dir", "certs", "--upstream", &upstream, "--listen", "127.0.0.1:0"];
    let web = Running::start(folder.path(), 2, &arguments);
    let (client, foreign) = (authority.issue(CLIENT), other_authority.issue(CLIENT));
    let at_web = web.address(8080);
    let good = Some((&client, &authority, SERVER));
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let answers_plainly = |mut stream: TcpStream| {
        read_some(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
    };
    let writes_garbage = |mut stream: TcpStream| {
        read_some(&mut stream);
        let _ = stream.write_all(b"\0\x01garbage\r\n\r\n");
    };
    let cases = [
        Case { name: "everything right", tls: good, to: at_web },
        Case { name: "another server", tls: Some((&client, &authority, "spiffe://cluster.local/ns/shop/sa/x")), to: at_web },
        Case { name: "another authority", tls: Some((&client, &other_authority, SERVER)), to: at_web },
        Case { name: "a foreign client", tls: Some((&foreign, &authority, SERVER)), to: at_web },
        Case { name: "plaintext to STRICT", tls: None, to: at_web },
        Case { name: "nobody listens", tls: good, to: nobody },
        Case { name: "nobody listens in the clear", tls: None, to: nobody },
        Case { name: "a plain server", tls: good, to: server(answers_plainly) },
        Case { name: "a server that closes", tls: good, to: server(drop) },
        Case { name: "a plain server that closes", tls: None, to: server(drop) },
        Case { name: "a plain server that closes late", tls: None, to: server(|mut stream| read_some(&mut stream)) },
        Case { name: "garbage", tls: None, to: server(writes_garbage) },
    ];
    let ports: Vec<u16> = cases.iter().map(|_| free_port()).collect();
    let named = || cases.iter().enumerate().map(|(index, case)| (format!("c{index}"), case));
    let bootstrap = json!({"static_resources": {
        "listeners": named().zip(&ports).map(|((name, _), port)| listener(&name, *port)).collect::<Vec<_>>(),
        "clusters": named().map(|(name, case)| cluster(&name, case)).collect::<Vec<_>>(),
    }});
    let _envoy = Envoy::start(&program, folder.path(), "caller", &bootstrap);
    let mut wrong = Vec::new();
    for (case, port) in cases.iter().zip(&ports) {
        let (_running, address) = ours(folder.path(), case);
        let envoys = comparable(ask(([127, 0, 0, 1], *port).into(), b"", "/a/../b?c=d", "web.shop"));
        let own = comparable(ask(address, b"", "/a/../b?c=d", "web.shop"));
        if envoys != own || (case.name == "everything right") != (own.status == 200) {
            wrong.push(format!("{}:\nenvoy: {envoys:?}\nours:  {own:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
