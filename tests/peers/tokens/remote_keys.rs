//! The whole chain on one machine: `jwk generate`, `jwk serve` as the issuer the real Envoy fetches its keys from, and `jwt mint`.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use super::envoy_answers::envoy;
use super::envoy_filter::Answer;
use super::envoy_filter::Filter;
use super::meshsec;

/// An issuer that ends with the test.
struct Issuer {
    child: Child,
    port: u16,
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Issuer {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_meshsec"))
            .args(["jwk", "serve", "--dir", "keys", "--listen", "127.0.0.1:0", "-q"])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://127.0.0.1:").nth(1).unwrap_or_else(|| panic!("no address: {line}"));
        let port = address.split('/').next().unwrap().parse().unwrap();
        Self { child, port }
    }
}

#[test]
fn envoy_fetches_the_keys_and_accepts_minted_tokens() {
    let Some(envoy) = envoy("envoy_fetches_the_keys_and_accepts_minted_tokens") else { return };
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let (code, out, error) = meshsec(folder.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {error}");
        out.trim().to_owned()
    };
    for (alg, kid) in [("RS256", "r"), ("ES256", "e"), ("ES512", "e5"), ("EdDSA", "ed")] {
        run(&["jwk", "generate", "--alg", alg, "--kid", kid, "--out", "keys"]);
    }
    let issuer = Issuer::start(folder.path());
    let issuer_url = format!("http://127.0.0.1:{}", issuer.port);
    let rule = json!({"issuer": issuer_url, "jwksUri": format!("{issuer_url}/jwks.json"), "audiences": ["shop"]});
    let filter = Filter::start(&envoy, folder.path(), &[vec![rule]], Some(issuer.port));
    let mint = |kid: &str, audience: &str| {
        run(&["jwt", "mint", "-q", "--key", "keys", "--kid", kid, "--iss", &issuer_url, "--sub", "alice", "--aud", audience])
    };
    let ask = |token: &str| filter.ask(0, "/", &[("authorization", format!("Bearer {token}"))]);
    // The first request makes Envoy fetch the keys.
    let deadline = Instant::now() + Duration::from_secs(20);
    while ask(&mint("r", "shop")).status != 200 {
        assert!(Instant::now() < deadline, "Envoy has no keys: {:?}", ask(&mint("r", "shop")));
        thread::sleep(Duration::from_millis(100));
    }
    for kid in ["r", "e", "e5", "ed"] {
        let Answer { status, claims, .. } = ask(&mint(kid, "shop"));
        assert!(status == 200 && claims.is_some_and(|claims| claims.contains("alice")), "{kid}");
        let other = ask(&mint(kid, "web"));
        assert_eq!((other.status, other.body.as_str()), (403, "Audiences in Jwt are not allowed"), "{kid}");
    }
    let good = mint("e", "shop");
    let (front, signature) = good.rsplit_once('.').unwrap();
    let forged = format!("{front}.{}", signature.chars().rev().collect::<String>());
    let answer = ask(&forged);
    assert_eq!((answer.status, answer.body.as_str()), (401, "Jwt verification fails"));
}
