//! Authlib, PyJWT and jwcrypto: their keys are read, ours are read by them, and thumbprints are equal.
//!
//! `MESHSEC_PYTHON` names an interpreter that has them; `.ci/run` makes one.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;

use crate::keys::meshsec;
use crate::keys::printed;
use crate::keys::skipped;

const SCRIPT: &str = include_str!("peers.py");

/// Asks the script for something; nothing when there is no Python for it.
fn ask(test: &str, folder: &Path, question: &Value) -> Option<Value> {
    let Some(python) = std::env::var_os("MESHSEC_PYTHON") else {
        skipped(test, "MESHSEC_PYTHON does not name a Python with authlib, PyJWT and jwcrypto");
        return None;
    };
    fs::write(folder.join("peers.py"), SCRIPT).unwrap();
    fs::write(folder.join("question.json"), question.to_string()).unwrap();
    let output = Command::new(python).args(["peers.py", "question.json"]).current_dir(folder).output().unwrap();
    Some(serde_json::from_str(&printed(&output, "peers.py")).unwrap())
}

#[test]
fn keys_of_the_libraries_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let Some(keys) = ask("keys_of_the_libraries_are_read", folder, &json!({"do": "make"})) else { return };
    let keys = keys.as_array().unwrap();
    assert!(keys.len() >= 20, "only {} keys were made", keys.len());
    for key in keys {
        let what = format!("{}, {}", key["library"], key["kind"]);
        let mut thumbprints = Vec::new();
        let mut is_short = false;
        for form in ["private", "public", "pem", "public_pem", "encrypted_pem"] {
            let Some(text) = key[form].as_str() else { continue };
            fs::write(folder.join("key"), text).unwrap();
            let mut output = meshsec(folder, &["jwk", "thumbprint", "key"]);
            if loses_zeros(&what) && String::from_utf8_lossy(&output.stderr).contains(" needs ") {
                output = meshsec(folder, &["jwk", "thumbprint", "key", "--repair"]);
                is_short = true;
            }
            thumbprints.push((form, printed(&output, &format!("{what}, {form}")).trim().to_owned()));
        }
        // A thumbprint of coordinates that lack zeros is that of no key; then all forms must agree among themselves.
        let wanted = if is_short { thumbprints[0].1.clone() } else { key["thumbprint"].as_str().unwrap().to_owned() };
        for (form, thumbprint) in &thumbprints {
            assert_eq!(*thumbprint, wanted, "{what}, {form}");
        }
        assert!(thumbprints.len() >= 2, "{what}");
    }
}

/// Authlib (seen with 1.9) leaves out the zeros in front of coordinates, which RFC 7518 section 6.2.1.2 forbids: half of its P-521 keys and
/// some of P-256 are refused as they are, and read with `--repair`.
fn loses_zeros(what: &str) -> bool {
    what.starts_with("\"authlib\", \"P-")
}

#[test]
fn the_libraries_read_ours() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut keys = Vec::new();
    for (algorithm, size) in [
        ("RS256", "2048"),
        ("RS512", "3072"),
        ("PS256", "2048"),
        ("ES256", ""),
        ("ES384", ""),
        ("ES512", ""),
        ("EdDSA", ""),
        ("HS256", ""),
        ("HS512", ""),
    ] {
        let kid = format!("{algorithm}{size}");
        let mut generate = vec!["jwk", "generate", "--alg", algorithm, "--kid", &kid, "--out", "keys"];
        if !size.is_empty() {
            generate.extend(["--size", size]);
        }
        printed(&meshsec(folder, &generate), algorithm);
        let read = |ending: &str| fs::read_to_string(folder.join(format!("keys/{kid}{ending}"))).ok();
        let private = format!("keys/{kid}.private.jwk.json");
        let thumbprint = printed(&meshsec(folder, &["jwk", "thumbprint", &private]), algorithm);
        let mut key = json!({
            "alg": algorithm,
            "private": read(".private.jwk.json").unwrap(),
            "public": read(".public.jwk.json"),
            "pem": read(".pem"),
            "thumbprint": thumbprint.trim(),
        });
        if !algorithm.starts_with("HS") {
            let convert = ["jwk", "convert", &private, "-o", "pem", "--show-private", "--encrypt"];
            key["encrypted_pem"] = printed(&meshsec(folder, &convert), algorithm).into();
        }
        keys.push(key);
    }
    let set = fs::read_to_string(folder.join("keys/jwks.json")).unwrap();
    let question = json!({"do": "read", "keys": keys, "set": set});
    let Some(answer) = ask("the_libraries_read_ours", folder, &question) else { return };
    assert_eq!(answer["problems"], json!([]));
    assert!(answer["checks"].as_u64().unwrap() >= 60, "{answer}");
}
