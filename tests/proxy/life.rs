//! How a proxy starts, what it tells, how its rules change while it runs, and how it ends.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::application;
use crate::application::Speech;
use crate::client;
use crate::client::Answer;
use crate::client::Seen;
use crate::material;
use crate::material::Authority;
use crate::mesh;
use crate::process::replace;
use crate::process::wait_until;
use crate::running::Running;

fn get(address: SocketAddr, path: &str) -> Answer {
    let seen = client::exchange(address, b"", None, format!("GET {path} HTTP/1.1\r\nhost: web\r\n\r\n").as_bytes(), false);
    let Seen::Answer(answer) = seen else { panic!("{path}: {seen:?}") };
    answer
}

fn deny(path: &str) -> String {
    mesh::policy("deny", "DENY", &[format!("{{to: [{{operation: {{paths: [\"{path}\"]}}}}]}}")])
}

fn write_mesh(folder: &Path, more: &str) {
    fs::write(folder.join("mesh.yaml"), mesh::workload(&[("http", 8080), ("tcp", 9090)]) + more).unwrap();
}

const ARGUMENTS: [&str; 6] = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1"];

fn start(folder: &Path, more: &[&str]) -> Running {
    Running::start(folder, 2, &[&ARGUMENTS, more].concat())
}

#[test]
fn a_decision_is_answered_told_and_kept_and_a_signal_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), &deny("/admin"));
    let mut proxy = start(folder.path(), &["--echo", "--audit", "audit.jsonl"]);
    let address = proxy.address(8080);
    let let_in = get(address, "/open?token=secret");
    assert_eq!(let_in.status, 200);
    let told: Value = serde_json::from_str(&let_in.body).unwrap();
    assert_eq!((told["path"].as_str(), told["workload"].as_str()), (Some("/open?token=secret"), Some("shop/web")));
    let refused = get(address, "/admin");
    assert_eq!((refused.status, refused.body.as_str()), (403, "RBAC: access denied"));
    assert_eq!(refused.headers["server"], "istio-envoy");
    proxy.signal(Signal::SIGTERM);
    assert_eq!(proxy.wait(), 0);
    let summary = proxy.wait_for(" decisions: ");
    assert!(summary.contains("2 decisions: 1 allowed, 1 denied"), "{summary}");
    let lines = proxy.output();
    let lines: Vec<&str> = lines.lines().collect();
    assert!(lines[0].contains("127.0.0.1 -> shop/web:8080 GET /open allowed no rule"), "{lines:?}");
    assert!(lines[1].contains("GET /admin denied 403 shop/deny rule 0 mesh.yaml:"), "{lines:?}");
    let audit = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    let audit: Vec<Value> = audit.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(audit.len(), 2);
    assert_eq!(audit[0]["decision"]["verdict"], "allowed");
    assert_eq!(audit[0]["request"]["path"], "/open");
    assert_eq!(audit[1]["decision"]["decidedBy"]["name"], "deny");
    assert_eq!(audit[1]["connection"]["workload"], "shop/web");
}

#[test]
fn a_caller_that_was_taken_is_refused_when_its_authority_is_trusted_no_more() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let certs = folder.path().join("certs");
    fs::create_dir(&certs).unwrap();
    let authorities = ["old", "new"].map(|name| Authority::new(name, meshsec::pki::KeyType::EcdsaP256));
    let callers =
        authorities.each_ref().map(|authority| client::tls(Some(&authority.issue(material::CLIENT)), &["istio", "http/1.1"]));
    let write = |authority: &Authority| {
        let server = authority.issue(material::SERVER);
        for (name, text) in [("cert-chain.pem", &server.chain), ("key.pem", &server.key), ("root-cert.pem", &authority.bundle())]
        {
            replace(&certs.join(name), text);
        }
    };
    write(&authorities[0]);
    let proxy = start(folder.path(), &["--echo", "--svid-dir", "certs"]);
    let seen = |caller: usize| {
        let request = b"GET / HTTP/1.1\r\nhost: web\r\n\r\n";
        match client::exchange(proxy.address(8080), b"", Some(&callers[caller]), request, false) {
            Seen::Answer(answer) => Some(answer.status),
            Seen::Closed | Seen::Bytes(_) => None,
        }
    };
    assert_eq!([seen(0), seen(0), seen(1)], [Some(200), Some(200), None]);
    write(&authorities[1]);
    proxy.wait_for("the identity was replaced");
    assert_eq!([seen(0), seen(1), seen(1)], [None, Some(200), Some(200)]);
}

#[test]
fn rules_change_under_an_open_connection_and_broken_ones_do_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), &deny("/admin"));
    let proxy = start(folder.path(), &["--echo"]);
    let mut connection = TcpStream::connect(proxy.address(8080)).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut ask = |path: &str| {
        connection.write_all(format!("GET {path} HTTP/1.1\r\nhost: web\r\n\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            if let Some(answer) = client::answer(&bytes, false, false) {
                return answer.status;
            }
            let length = connection.read(&mut chunk).unwrap();
            assert!(length > 0, "the connection ended");
            bytes.extend_from_slice(&chunk[..length]);
        }
    };
    assert_eq!((ask("/admin"), ask("/open")), (403, 200));
    write_mesh(folder.path(), &deny("/open"));
    proxy.wait_for("read again: 1 policies hold");
    assert_eq!((ask("/admin"), ask("/open")), (200, 403));
    write_mesh(folder.path(), "---\nkind: AuthorizationPolicy\napiVersion: security.istio.io/v1\nmetadata: {name: [}\n");
    proxy.wait_for("the rules of before hold");
    assert_eq!((ask("/admin"), ask("/open")), (200, 403));
    write_mesh(folder.path(), "");
    proxy.signal(Signal::SIGHUP);
    proxy.wait_for("read again: 0 policies hold");
    assert_eq!((ask("/admin"), ask("/open")), (200, 200));
}

#[test]
fn an_application_that_is_down_is_told_as_envoy_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let proxy = start(folder.path(), &["--upstream", &nobody]);
    let answer = get(proxy.address(8080), "/");
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("remote connection failure"), "{}", answer.body);
}

#[test]
fn bodies_are_streamed_and_a_refused_one_is_not_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), &deny("/admin"));
    let upstream = format!("127.0.0.1:{}", application::listen(Speech::Http));
    let proxy = start(folder.path(), &["--upstream", &upstream]);
    let address = proxy.address(8080);
    let chunks = "POST /a HTTP/1.1\r\nhost: web\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let Seen::Answer(answer) = client::exchange(address, b"", None, chunks.as_bytes(), false) else { panic!("no answer") };
    assert!(answer.body.contains("\"body\":\"abcde\""), "{}", answer.body);
    for (path, asked_for) in [("/open", true), ("/admin", false)] {
        let mut connection = TcpStream::connect(address).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = format!("PUT {path} HTTP/1.1\r\nhost: web\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
        let mut first = [0; 12];
        connection.read_exact(&mut first).unwrap();
        let expected = if asked_for { "HTTP/1.1 100" } else { "HTTP/1.1 403" };
        assert_eq!(String::from_utf8_lossy(&first), expected, "{path}");
    }
}

#[test]
fn bytes_go_both_ways_where_the_rules_let_them() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = format!("127.0.0.1:{}", application::listen(Speech::First));
    let by_address = |range: &str| {
        mesh::policy("deny", "DENY", &[format!("{{from: [{{source: {{ipBlocks: [\"{range}\"]}}}}]}}")]) + &mesh::mode("DISABLE")
    };
    for (range, expected) in [("10.0.0.0/8", "hello first\nping"), ("127.0.0.0/8", "hello first\n")] {
        write_mesh(folder.path(), &by_address(range));
        let proxy = start(folder.path(), &["--upstream", &upstream]);
        let mut connection = TcpStream::connect(proxy.address(9090)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut first = [0; 12];
        connection.read_exact(&mut first).unwrap();
        connection.write_all(b"ping").unwrap();
        connection.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        let _ = connection.read_to_end(&mut rest);
        let seen = String::from_utf8_lossy(&[&first[..], &rest].concat()).into_owned();
        assert_eq!(seen, expected, "{range}");
    }
}

#[test]
fn a_websocket_is_tunnelled_and_another_protocol_is_not() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let upstream = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut chunk = [0; 4096];
            let length = stream.read(&mut chunk).unwrap_or(0);
            if String::from_utf8_lossy(&chunk[..length]).to_ascii_lowercase().contains("upgrade: websocket") {
                let _ =
                    stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
                while let Ok(length @ 1..) = stream.read(&mut chunk) {
                    let _ = stream.write_all(&chunk[..length]);
                }
            }
        }
    });
    let proxy = start(folder.path(), &["--upstream", &upstream]);
    let ask = |protocol: &str| {
        let mut connection = TcpStream::connect(proxy.address(8080)).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: web\r\nconnection: Upgrade\r\nupgrade: {protocol}\r\n\r\n");
        connection.write_all(head.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        while !bytes.windows(4).any(|part| part == b"\r\n\r\n") {
            let length = connection.read(&mut chunk).unwrap();
            assert!(length > 0, "the connection ended");
            bytes.extend_from_slice(&chunk[..length]);
        }
        (String::from_utf8_lossy(&bytes).into_owned(), connection)
    };
    let (head, mut connection) = ask("websocket");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    connection.write_all(b"frame").unwrap();
    let mut back = [0; 5];
    connection.read_exact(&mut back).unwrap();
    assert_eq!(&back, b"frame");
    let (head, _) = ask("other");
    assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
}

#[test]
fn a_client_gets_an_identity_that_the_proxy_knows() {
    let folder = tempfile::tempdir().unwrap();
    let allow =
        mesh::policy("allow", "ALLOW", &["{from: [{source: {principals: [\"cluster.local/ns/shop/sa/curl\"]}}]}".to_owned()]);
    write_mesh(folder.path(), &(mesh::mode("STRICT") + &allow));
    let proxy = start(folder.path(), &["--echo", "--client", "shop/curl=curl", "--client", "shop/other=other"]);
    let url = format!("https://localhost:{}/a", proxy.address(8080).port());
    let ask = |who: &str| {
        let file = |name: &str| folder.path().join(who).join(name).display().to_string();
        let arguments = [
            "-sS",
            "--cacert",
            &file("root-cert.pem"),
            "--cert",
            &file("cert-chain.pem"),
            "--key",
            &file("key.pem"),
            "-w",
            "%{http_code}",
            &url,
        ]
        .map(str::to_owned);
        Command::new("curl").args(arguments).output()
    };
    let Ok(known) = ask("curl") else {
        std::io::stderr().write_all(b"SKIPPED a_client_gets_an_identity_that_the_proxy_knows: no curl\n").unwrap();
        return;
    };
    let text = String::from_utf8_lossy(&known.stdout).into_owned();
    assert!(
        text.ends_with("200") && text.contains("spiffe://cluster.local/ns/shop/sa/curl"),
        "{text} {}",
        String::from_utf8_lossy(&known.stderr)
    );
    let other = String::from_utf8_lossy(&ask("other").unwrap().stdout).into_owned();
    assert_eq!(other, "RBAC: access denied403");
    wait_until("both lines", || proxy.output().lines().count() == 2);
    assert!(proxy.output().contains("cluster.local/ns/shop/sa/other -> shop/web:8080 GET /a denied 403"), "{}", proxy.output());
}

#[test]
fn what_cannot_be_served_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("8080={}", taken.local_addr().unwrap());
    fs::create_dir(folder.path().join("empty")).unwrap();
    let mut wrong = Vec::new();
    for (arguments, code, expected) in [
        (&["-w", "shop/nobody", "--echo"][..], 2, "no workload `shop/nobody`"),
        (&["-w", "shop/web"], 2, "--upstream"),
        (&["-w", "shop/web", "--echo", "--listen", "0.0.0.0"], 2, "--expose"),
        (&["-w", "shop/web", "--echo", "--listen", &listen], 3, "cannot listen on"),
        (&["-w", "shop/web", "--echo", "--svid-dir", "empty"], 2, "cannot read `empty/"),
        (&["-w", "shop/web", "--echo", "--ext-authz", "maybe"], 2, "is no answer"),
        (&["-w", "shop/web", "--echo", "--client", "x"], 2, "NAMESPACE/ACCOUNT=DIR"),
        (&["-w", "shop/web", "--echo", "--audit", "empty"], 3, "cannot write `empty`"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(["simulate", "proxy", "-f", "mesh.yaml"])
            .args(arguments)
            .current_dir(folder.path())
            .env_remove("MESHSEC_HOME")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(code) || !said.contains(expected) {
            wrong.push(format!("{arguments:?}: {:?}, {said}", output.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
