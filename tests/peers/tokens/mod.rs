//! Tokens and the programs that others wrote: Authlib, `PyJWT` and jwcrypto verify ours and we verify theirs; the real Envoy answers
//! as `jwt verify --request-auth` says.

mod envoy_answers;
mod envoy_filter;
mod python;
mod remote_keys;

use std::path::Path;
use std::process::Command;

use aws_lc_rs::rand::SystemRandom;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use meshsec::jose::Algorithm;
use meshsec::jose::KeySpec;
use meshsec::jose::SigningKey;
use serde_json::Value;

/// Runs the program; exit code and what it printed.
fn meshsec(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_meshsec")).args(arguments).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn key(algorithm: Algorithm, kid: &str) -> SigningKey {
    named(SigningKey::generate(KeySpec::for_algorithm(algorithm), &SystemRandom::new()).unwrap(), kid)
}

fn named(key: SigningKey, kid: &str) -> SigningKey {
    key.with_identity(Some(kid.to_owned()), None).unwrap()
}

/// The public members, or those of a secret.
fn public(key: &SigningKey) -> Value {
    match key.jwk().public_members() {
        Some(members) => Value::Object(members),
        None => serde_json::from_str(key.jwk().private_text().as_str()).unwrap(),
    }
}

/// A token of a header and payload that are written down as they are.
fn signed(key: &SigningKey, algorithm: Algorithm, header: &str, payload: &str) -> String {
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = key.sign(algorithm, text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
