//! The audit log: whole under load, at the end, on a full disk; without secrets; and replayed by other rules.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;
use serde_json::json;

use crate::client;
use crate::client::Seen;
use crate::mesh;
use crate::process::wait_until;
use crate::running::Running;

const PORTS: [(&str, u16); 2] = [("http", 8080), ("tcp", 9090)];

fn write_mesh(folder: &Path, file: &str, more: &str) {
    fs::write(folder.join(file), mesh::workload(&PORTS) + more).unwrap();
}

fn start(folder: &Path, more: &[&str]) -> Running {
    let arguments = ["-f", "mesh.yaml", "--workload", "shop/web", "--listen", "127.0.0.1", "--echo", "--audit", "audit.jsonl"];
    Running::start(folder, PORTS.len(), &[&arguments, more].concat())
}

fn end(proxy: &mut Running) -> String {
    proxy.signal(Signal::SIGTERM);
    assert_eq!(proxy.wait(), 0);
    proxy.wait_for("audit: ")
}

fn ask(address: SocketAddr, head: &str) -> Seen {
    client::exchange(address, b"", None, head.as_bytes(), false)
}

fn get(address: SocketAddr, path: &str, headers: &str) -> u16 {
    let seen = ask(address, &format!("GET {path} HTTP/1.1\r\nhost: web\r\n{headers}\r\n"));
    let Seen::Answer(answer) = seen else { panic!("{path}: {seen:?}") };
    answer.status
}

/// The files of a log in the order they were written.
fn files(folder: &Path) -> Vec<PathBuf> {
    let older = (1..10_000).map(|number| folder.join(format!("audit.jsonl.{number}"))).take_while(|path| path.exists());
    let mut files: Vec<_> = older.collect();
    files.reverse();
    files.push(folder.join("audit.jsonl"));
    files
}

fn lines(folder: &Path) -> Vec<Value> {
    let texts = files(folder).into_iter().map(|path| fs::read_to_string(path).unwrap());
    let read = |text: String| {
        assert!(text.is_empty() || text.ends_with('\n'), "a torn line at the end");
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect::<Vec<_>>()
    };
    texts.flat_map(read).collect()
}

fn ids(lines: &[Value]) -> BTreeSet<String> {
    lines.iter().filter_map(|line| line["request"]["requestId"].as_str()).map(str::to_owned).collect()
}

/// Asks over one connection again and again until it ends; every answer's id is kept.
fn load(address: SocketAddr, name: usize, most: usize, stopped: &AtomicBool) -> Vec<String> {
    let mut answered = Vec::new();
    let Ok(mut connection) = TcpStream::connect(address) else { return answered };
    connection.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut chunk = [0; 16 * 1024];
    for number in 0..most {
        let id = format!("load-{name}-{number}");
        let head = format!("GET /{number} HTTP/1.1\r\nhost: web\r\nx-request-id: {id}\r\n\r\n");
        if stopped.load(Ordering::Relaxed) || connection.write_all(head.as_bytes()).is_err() {
            return answered;
        }
        let mut bytes = Vec::new();
        while client::answer(&bytes, false, false).is_none() {
            match connection.read(&mut chunk) {
                Ok(length @ 1..) => bytes.extend_from_slice(&chunk[..length]),
                _ => return answered,
            }
        }
        answered.push(id);
    }
    answered
}

fn loaded(address: SocketAddr, most: usize, during: impl FnOnce()) -> Vec<String> {
    let stopped = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..4)
        .map(|name| {
            let stopped = Arc::clone(&stopped);
            thread::spawn(move || load(address, name, most, &stopped))
        })
        .collect();
    during();
    callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
}

#[test]
fn files_give_way_under_load_and_every_line_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "mesh.yaml", "");
    let mut proxy = start(folder.path(), &["--audit-max-size", "20k", "--audit-keep", "1000", "--audit-queue", "8"]);
    let answered = loaded(proxy.address(8080), 300, || {});
    assert_eq!(answered.len(), 1200);
    let summary = end(&mut proxy);
    assert!(summary.contains("audit: 1200 written") && !summary.contains("lost"), "{summary}");
    let lines = lines(folder.path());
    assert_eq!((lines.len(), ids(&lines)), (1200, answered.into_iter().collect()));
    let sizes: Vec<u64> = files(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).collect();
    assert!(sizes.len() > 10 && sizes.iter().all(|size| *size <= 20_000), "{sizes:?}");
}

#[test]
fn what_was_answered_before_a_signal_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "mesh.yaml", "");
    let mut proxy = start(folder.path(), &["--audit-queue", "4"]);
    let address = proxy.address(8080);
    let answered = loaded(address, 100_000, || {
        wait_until("some decisions", || fs::metadata(folder.path().join("audit.jsonl")).unwrap().len() > 100_000);
        proxy.signal(Signal::SIGTERM);
    });
    assert_eq!(proxy.wait(), 0);
    let summary = proxy.wait_for("audit: ");
    let lines = lines(folder.path());
    let logged = ids(&lines);
    let unlogged: Vec<_> = answered.iter().filter(|id| !logged.contains(*id)).collect();
    assert!(answered.len() > 50 && unlogged.is_empty(), "{} answered, not logged: {unlogged:?}", answered.len());
    assert!(summary.ends_with(&format!("audit: {} written", lines.len())), "{summary}");
}

#[test]
fn a_full_disk_stops_no_request_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "mesh.yaml", "");
    let arguments = ["-f", "mesh.yaml", "-w", "shop/web", "--listen", "127.0.0.1", "--echo", "--audit", "/dev/full"];
    let mut proxy = Running::start(folder.path(), PORTS.len(), &arguments);
    for path in ["/a", "/b", "/c"] {
        assert_eq!(get(proxy.address(8080), path, ""), 200);
    }
    proxy.wait_for("the audit log cannot be written: No space left on device");
    let summary = end(&mut proxy);
    assert!(summary.contains("audit: 0 written; 3 lost"), "{summary}");
}

#[test]
fn a_sample_is_the_same_for_the_same_ids() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "mesh.yaml", "");
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut proxy = start(folder.path(), &["--audit-sample", "25%"]);
        let answered = loaded(proxy.address(8080), 50, || {});
        let summary = end(&mut proxy);
        let lines = lines(folder.path());
        assert!((20..80).contains(&lines.len()) && lines.len() < answered.len(), "{}", lines.len());
        assert!(lines.iter().all(|line| line["sampledPercent"] == 25.0), "{lines:?}");
        assert!(summary.contains(&format!("{} not in the sample", 200 - lines.len())), "{summary}");
        kept.push(ids(&lines));
        fs::remove_file(folder.path().join("audit.jsonl")).unwrap();
    }
    assert_eq!(kept[0], kept[1]);
}

fn token(claims: &Value) -> String {
    let header = jsonwebtoken::Header { kid: Some("a".to_owned()), ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256) };
    jsonwebtoken::encode(&header, claims, &jsonwebtoken::EncodingKey::from_secret(&mesh::secret())).unwrap()
}

fn tokens(more: &str) -> String {
    use base64::Engine as _;
    let key = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(mesh::secret());
    format!(
        "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: tokens, namespace: shop}}\nspec:\n  jwtRules:\n  - {{issuer: \"{}\", jwks: '{{\"keys\":[{{\"kty\":\"oct\",\"kid\":\"a\",\"alg\":\"HS256\",\"k\":\"{key}\"}}]}}'{more}}}\n",
        mesh::ISSUER
    )
}

#[test]
fn no_token_and_no_secret_is_in_the_log_wherever_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    let rules = ["authorization", "cookie", "x-secret", "x-team", ":path"].map(|name| {
        format!("{{to: [{{operation: {{paths: [\"/only-{name}\"]}}}}], when: [{{key: \"request.headers[{name}]\", values: [\"none\"]}}]}}")
    });
    let places =
        ", fromHeaders: [{name: authorization, prefix: \"Bearer \"}, {name: x-jwt}], fromParams: [token], fromCookies: [session]";
    write_mesh(folder.path(), "mesh.yaml", &(tokens(places) + &mesh::policy("allow", "ALLOW", &rules)));
    let good = token(&json!({"iss": mesh::ISSUER, "sub": "alice", "exp": 4_000_000_000_u64, "nested": "kept?"}));
    let bad = token(&json!({"iss": "https://other.example", "sub": "mallory"}));
    let mut proxy = start(folder.path(), &["--explain", "--audit-header", "x-team", "--audit-claims"]);
    let address = proxy.address(8080);
    for token in [&good, &bad] {
        for name in ["authorization", "cookie", "x-secret", "x-team", ":path"] {
            for headers in [
                format!("authorization: Bearer {token}\r\n"),
                format!("x-jwt: {token}\r\n"),
                format!("cookie: session={token}; other=opaque-secret-1\r\n"),
                format!("x-team: {token}\r\nx-secret: opaque-secret-2\r\nauthorization: Basic opaque-secret-3\r\n"),
            ] {
                assert_ne!(get(address, &format!("/only-{name}?token={token}&key=opaque-secret-4"), &headers), 200);
                assert_ne!(get(address, &format!("/in/{token}/path"), &headers), 200);
            }
        }
        for head in [
            format!("GET nonsense?token={token} HTTP/1.1\r\nhost: web\r\n\r\n"),
            format!("GET / HTTP/1.1\r\nhost: user:opaque-secret-5@web\r\nupgrade: {token}\r\nconnection: upgrade\r\n\r\n"),
            format!("{token} / HTTP/1.1\r\nhost: web\r\n\r\n"),
        ] {
            ask(address, &head);
        }
    }
    end(&mut proxy);
    let text = fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    assert!(text.lines().count() > 80, "{}", text.lines().count());
    let parts = [&good, &bad].into_iter().flat_map(|token| token.split('.').filter(|part| part.len() > 20));
    for secret in parts.chain(["opaque-secret"]) {
        let leak = text.lines().find(|line| line.contains(secret));
        assert_eq!(leak, None, "{secret}");
    }
    assert!(text.contains("alice") && text.contains("(a-token)"));
}

fn replay(folder: &Path, manifests: &str, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args(["simulate", "batch", "-f", manifests])
        .args(more)
        .arg("--from-audit")
        .args(files(folder))
        .current_dir(folder)
        .output()
        .unwrap()
}

/// Requests of every kind: plain ones, tokens, what no policy sees, and bytes.
fn talk(proxy: &Running) {
    let address = proxy.address(8080);
    let good = token(&json!({"iss": mesh::ISSUER, "sub": "alice", "aud": "web", "team": "red", "exp": 4_000_000_000_u64}));
    let late = token(&json!({"iss": mesh::ISSUER, "sub": "alice", "exp": 1_000_000_000_u64}));
    for path in ["/open", "/open?x=1", "/admin", "/api/a/../admin", "/%61dmin", "/a%00b", "/team"] {
        for headers in [
            "",
            "x-team: red\r\n",
            "x-forwarded-for: 203.0.113.7\r\n",
            &format!("authorization: Bearer {good}\r\nx-team: blue\r\n"),
            &format!("authorization: Bearer {late}\r\n"),
        ] {
            get(address, path, headers);
        }
    }
    ask(address, "GET * HTTP/1.1\r\nhost: web\r\n\r\n");
    ask(proxy.address(9090), "some bytes");
}

#[test]
fn a_log_replayed_by_its_own_rules_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let allow = [
        "{to: [{operation: {paths: [\"/open*\"]}}], from: [{source: {notRemoteIpBlocks: [\"203.0.113.0/24\"]}}]}",
        "{to: [{operation: {paths: [\"/team\"]}}], when: [{key: \"request.headers[x-team]\", values: [red]}]}",
        "{from: [{source: {requestPrincipals: [\"*\"]}}], when: [{key: \"request.auth.claims[team]\", values: [red]}]}",
        "{to: [{operation: {ports: [\"9090\"]}}]}",
    ]
    .map(str::to_owned);
    let deny = [r#"{to: [{operation: {paths: ["/admin"]}}]}"#.to_owned()];
    let rules = tokens("") + &mesh::policy("allow", "ALLOW", &allow) + &mesh::policy("deny", "DENY", &deny);
    write_mesh(folder.path(), "mesh.yaml", &rules);
    let mut proxy = start(folder.path(), &["--audit-header", "x-team", "--audit-claims"]);
    talk(&proxy);
    end(&mut proxy);
    let output = replay(folder.path(), "mesh.yaml", &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("37 decisions replayed: none changes") && !said.contains("cannot be told"), "{said}");

    // What was not kept is not guessed.
    fs::remove_file(folder.path().join("audit.jsonl")).unwrap();
    let mut proxy = start(folder.path(), &[]);
    talk(&proxy);
    end(&mut proxy);
    let output = replay(folder.path(), "mesh.yaml", &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("none changes") && said.contains("value of a header that was not kept"), "{said}");
    assert!(said.contains("value of a claim that was not kept"), "{said}");
}

#[test]
fn other_rules_show_what_changes_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let deny = |path: &str| mesh::policy("deny", "DENY", &[format!("{{to: [{{operation: {{paths: [\"{path}\"]}}}}]}}")]);
    write_mesh(folder.path(), "mesh.yaml", &deny("/admin"));
    let mut proxy = start(folder.path(), &[]);
    let address = proxy.address(8080);
    assert_eq!(["/admin", "/open", "/open?token=x"].map(|path| get(address, path, "")), [403, 200, 200]);
    ask(proxy.address(9090), "some bytes");
    end(&mut proxy);
    let mut wrong = Vec::new();
    for (rules, code, expected) in [
        (deny("/admin"), 0, &["4 decisions replayed: none changes"][..]),
        (
            deny("/open"),
            1,
            &[
                "audit.jsonl:1: GET /admin from 127.0.0.1 to shop/web:8080: denied by shop/deny rule 0 mesh.yaml:",
                "-> allowed\n",
                "audit.jsonl:2: GET /open from 127.0.0.1 to shop/web:8080: allowed -> denied by shop/deny rule 0 new.yaml:",
                "4 decisions replayed: 3 change (2 allowed -> denied, 1 denied -> allowed)",
            ],
        ),
        (mesh::mode("STRICT"), 1, &["2 allowed -> mtls-required, 2 denied -> mtls-required"]),
        (deny("/admin") + &tokens(""), 4, &["none changes; 1 cannot be told", "no token is kept"]),
        (deny("/admin") + &tokens(", fromHeaders: [{name: x-jwt}]"), 4, &["none changes; 3 cannot be told"]),
    ] {
        write_mesh(folder.path(), "new.yaml", &rules);
        let output = replay(folder.path(), "new.yaml", &[]);
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(code) || !expected.iter().all(|text| said.contains(text)) {
            wrong.push(format!("{rules}\n{:?}\n{said}", output.status.code()));
        }
    }
    write_mesh(folder.path(), "new.yaml", &deny("/open"));
    let output = replay(folder.path(), "new.yaml", &["-o", "jsonl"]);
    let first: Value = serde_json::from_str(String::from_utf8_lossy(&output.stdout).lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["line"], &first["before"]["verdict"], &first["after"]["verdict"]),
        (&json!(1), &json!("denied"), &json!("allowed"))
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What a refused connection would have asked, nobody knows.
#[test]
fn requests_that_nobody_read_are_not_made_up() {
    let folder = tempfile::tempdir().unwrap();
    write_mesh(folder.path(), "mesh.yaml", &mesh::mode("STRICT"));
    let mut proxy = start(folder.path(), &[]);
    assert_eq!(ask(proxy.address(8080), "GET / HTTP/1.1\r\nhost: web\r\n\r\n"), Seen::Closed);
    assert_eq!(ask(proxy.address(9090), "some bytes"), Seen::Closed);
    end(&mut proxy);
    write_mesh(folder.path(), "new.yaml", "");
    let output = replay(folder.path(), "new.yaml", &[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("1 change (1 mtls-required -> allowed); 1 cannot be told"), "{said}");
    assert!(said.contains("its requests were not read then"), "{said}");
}
