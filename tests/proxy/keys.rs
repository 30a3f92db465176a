//! Key sets that are fetched while the proxy runs: rotated, not to be had, and broken.

use std::fs;
use std::io::Read;
use std::io::Write;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::client;
use crate::client::Seen;
use crate::mesh;
use crate::process::wait_until;
use crate::running::Running;

/// What the server of keys does.
#[derive(Clone)]
enum Mood {
    Answers(String),
    Fails,
    Hangs,
}

/// A server of keys on a free port, and what it was asked for.
struct Keys {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Keys {
    fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (mood, asked) = (Arc::new(Mutex::new(mood)), Arc::new(Mutex::new(Vec::new())));
        let keys = Self { port, mood: Arc::clone(&mood), asked: Arc::clone(&asked) };
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let (mood, asked) = (Arc::clone(&mood), Arc::clone(&asked));
                thread::spawn(move || {
                    let mut chunk = [0; 4096];
                    let length = stream.read(&mut chunk).unwrap_or(0);
                    let head = String::from_utf8_lossy(&chunk[..length]).into_owned();
                    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                    asked.lock().unwrap().push(path.clone());
                    let mood = mood.lock().unwrap().clone();
                    let body = match (path.as_str(), mood) {
                        ("/.well-known/openid-configuration", _) => {
                            format!("{{\"jwks_uri\": \"http://127.0.0.1:{port}/found\"}}")
                        }
                        (_, Mood::Answers(text)) => text,
                        (_, Mood::Fails) => {
                            let _ = stream.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 2\r\n\r\nno");
                            return;
                        }
                        (_, Mood::Hangs) => return thread::sleep(Duration::from_secs(20)),
                    };
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                    let _ = stream.write_all((head + &body).as_bytes());
                });
            }
        });
        keys
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

fn set(secret: &str) -> Mood {
    let key = URL_SAFE_NO_PAD.encode(secret);
    Mood::Answers(format!(r#"{{"keys":[{{"kty":"oct","alg":"HS256","k":"{key}"}}]}}"#))
}

const OLD: &str = "old-secret-old-secret-old-secret";
const NEW: &str = "new-secret-new-secret-new-secret";

fn start(folder: &Path, rule: &str) -> Running {
    let rules = format!(
        "---\napiVersion: security.istio.io/v1\nkind: RequestAuthentication\nmetadata: {{name: tokens, namespace: shop}}\nspec:\n  jwtRules:\n  - {{{rule}}}\n"
    );
    fs::write(folder.join("mesh.yaml"), mesh::workload(&[("http", 8080)]) + &rules).unwrap();
    let arguments = ["-f", "mesh.yaml", "-w", "shop/web", "--listen", "127.0.0.1", "--echo", "--fetch-jwks"];
    let often = ["--feature", "PILOT_JWT_PUB_KEY_REFRESH_INTERVAL=1s"];
    Running::start(folder, 1, &[&arguments[..], &often].concat())
}

fn status(address: SocketAddr, issuer: &str, secret: &str) -> u16 {
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    let claims = json!({"iss": issuer, "sub": "alice"});
    let token = jsonwebtoken::encode(&header, &claims, &jsonwebtoken::EncodingKey::from_secret(secret.as_bytes())).unwrap();
    let head = format!("GET / HTTP/1.1\r\nhost: web\r\nauthorization: Bearer {token}\r\n\r\n");
    let seen = client::exchange(address, b"", None, head.as_bytes(), false);
    let Seen::Answer(answer) = seen else { panic!("{seen:?}") };
    answer.status
}

#[test]
fn rotated_keys_are_taken_over_and_lost_ones_hold() {
    let keys = Keys::start(set(OLD));
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &format!("issuer: me, jwksUri: \"http://127.0.0.1:{}/keys\"", keys.port));
    let address = proxy.address(8080);
    assert_eq!((status(address, "me", OLD), status(address, "me", NEW)), (200, 401));
    keys.becomes(set(NEW));
    proxy.wait_for("/keys` changed");
    proxy.wait_for("read again");
    assert_eq!((status(address, "me", OLD), status(address, "me", NEW)), (401, 200));
    keys.becomes(Mood::Fails);
    let told = proxy.wait_for("cannot fetch the keys of");
    assert!(told.contains("500") && told.contains("those of before hold"), "{told}");
    assert_eq!(status(address, "me", NEW), 200);
    // Every try of the round.
    assert!(keys.asked.lock().unwrap().iter().filter(|path| *path == "/keys").count() >= 10);
}

#[test]
fn keys_that_are_not_there_verify_nothing_until_they_are() {
    let keys = Keys::start(Mood::Hangs);
    let folder = tempfile::tempdir().unwrap();
    let rule = format!("issuer: me, timeout: 1s, jwksUri: \"http://127.0.0.1:{}/keys\"", keys.port);
    let proxy = start(folder.path(), &rule);
    let address = proxy.address(8080);
    assert_eq!(status(address, "me", OLD), 401);
    let without = client::exchange(address, b"", None, b"GET / HTTP/1.1\r\nhost: web\r\n\r\n", false);
    assert!(matches!(without, Seen::Answer(answer) if answer.status == 200));
    keys.becomes(set(OLD));
    proxy.wait_for("/keys` are there now");
    proxy.wait_for("read again");
    assert_eq!(status(address, "me", OLD), 200);
}

#[test]
fn an_issuer_without_an_address_is_asked_for_it() {
    let keys = Keys::start(set(OLD));
    let folder = tempfile::tempdir().unwrap();
    let issuer = format!("http://127.0.0.1:{}", keys.port);
    let proxy = start(folder.path(), &format!("issuer: \"{issuer}\""));
    assert_eq!(status(proxy.address(8080), &issuer, OLD), 200);
    wait_until("both questions", || {
        let asked = keys.asked.lock().unwrap();
        ["/.well-known/openid-configuration", "/found"].iter().all(|path| asked.iter().any(|asked| asked == path))
    });
}

#[test]
fn a_set_that_the_proxy_would_refuse_does_not_replace_a_good_one() {
    let keys = Keys::start(set(OLD));
    let folder = tempfile::tempdir().unwrap();
    let proxy = start(folder.path(), &format!("issuer: me, jwksUri: \"http://127.0.0.1:{}/keys\"", keys.port));
    keys.becomes(Mood::Answers("this is no key set".to_owned()));
    proxy.wait_for("the rules of before hold");
    assert_eq!(status(proxy.address(8080), "me", OLD), 200);
}
