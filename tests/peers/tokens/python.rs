//! Libraries of Python, both ways, for every algorithm and key size. `MESHSEC_PYTHON` names an interpreter that has them; without it the
//! one in `~/.cache/meshsec-ci/venv` is taken, and without that these tests say that they were skipped.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use meshsec::jose::Algorithm;
use meshsec::jose::KeySpec;
use meshsec::jose::SigningKey;
use serde_json::Value;
use serde_json::json;

use super::meshsec;
use super::named;
use super::public;

const LIBRARIES: [&str; 3] = ["pyjwt", "authlib", "jwcrypto"];
const SCRIPT: &str = include_str!("python_peer.py");

/// The interpreter; without one the test is skipped.
fn python(test: &str) -> Option<PathBuf> {
    let cached = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/meshsec-ci/venv/bin/python"));
    let python = std::env::var_os("MESHSEC_PYTHON").map(PathBuf::from).or_else(cached);
    let python = python.filter(|python| python.exists());
    if python.is_none() {
        let line = format!("SKIPPED {test}: no Python with authlib, PyJWT and jwcrypto (MESHSEC_PYTHON)\n");
        std::io::stderr().write_all(line.as_bytes()).unwrap();
    }
    python
}

/// Puts tasks to the libraries; one answer each.
fn ask(python: &PathBuf, tasks: &[Value]) -> Vec<Value> {
    let mut child = Command::new(python).args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines = tasks.iter().map(|task| format!("{task}\n")).collect::<Vec<_>>().concat();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "the script failed");
    let answers: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(answers.len(), tasks.len());
    answers
}

/// Every algorithm with every size of key it is used with.
fn keys() -> Vec<(String, Algorithm, SigningKey)> {
    let random = SystemRandom::new();
    let mut keys = Vec::new();
    for (name, size) in [("2048", KeySize::Rsa2048), ("3072", KeySize::Rsa3072), ("4096", KeySize::Rsa4096)] {
        let pem = SigningKey::generate(KeySpec::Rsa(size), &random).unwrap().jwk().private_text();
        for algorithm in
            [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512]
        {
            let key = SigningKey::read(pem.as_bytes(), None).unwrap();
            keys.push((format!("{algorithm} {name}"), algorithm, named(key, "k1")));
        }
    }
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa] {
        keys.push((algorithm.to_string(), algorithm, super::key(algorithm, "k1")));
    }
    for (algorithm, lengths) in [(Algorithm::Hs256, [32, 100]), (Algorithm::Hs384, [48, 100]), (Algorithm::Hs512, [64, 200])] {
        for length in lengths {
            let key = SigningKey::generate(KeySpec::Secret(length), &random).unwrap();
            keys.push((format!("{algorithm} {length}"), algorithm, named(key, "k1")));
        }
    }
    keys
}

fn forged(token: &str) -> String {
    let pieces: Vec<&str> = token.split('.').collect();
    format!("{}.{}.{}", pieces[0], "eyJzdWIiOiJtYWxsb3J5IiwiYXVkIjoic2hvcCIsImV4cCI6NDEwMjQ0NDgwMH0", pieces[2])
}

#[test]
fn python_libraries_verify_our_tokens() {
    let Some(python) = python("python_libraries_verify_our_tokens") else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut tasks = Vec::new();
    let mut names = Vec::new();
    for (name, algorithm, key) in keys() {
        std::fs::write(folder.path().join("key.json"), key.jwk().private_text().as_bytes()).unwrap();
        let mut arguments = vec![
            "jwt",
            "mint",
            "-q",
            "--key",
            "key.json",
            "--alg",
            algorithm.name(),
            "--iss",
            "https://a.example",
            "--sub",
            "alice",
        ];
        arguments.extend([
            "--aud",
            "shop",
            "--claim",
            "name=Zoë \"\u{1f600}\"",
            "--claim-json",
            r#"n={"deep":[1,2.5,null,true]}"#,
        ]);
        if key.is_secret() {
            arguments.push("--allow-hmac");
        }
        let (code, token, error) = meshsec(folder.path(), &arguments);
        assert_eq!(code, 0, "{name}: {error}");
        let token = token.trim();
        for library in LIBRARIES {
            for (what, token, audience, good) in [
                ("good", token.to_owned(), "shop", true),
                ("other audience", token.to_owned(), "web", false),
                ("forged", forged(token), "shop", false),
            ] {
                names.push((format!("{library} {name}: {what}"), good));
                tasks.push(json!({"library": library, "do": "verify", "token": token, "key": public(&key), "alg": algorithm.name(), "aud": audience}));
            }
        }
    }
    let answers = ask(&python, &tasks);
    let mut wrong = Vec::new();
    for ((name, good), answer) in names.iter().zip(&answers) {
        let claims = &answer["claims"];
        let is_read = claims["name"] == "Zoë \"\u{1f600}\""
            && claims["n"] == json!({"deep": [1, 2.5, null, true]})
            && claims["iss"] == "https://a.example";
        if answer["ok"] != *good || (*good && !is_read) {
            wrong.push(format!("{name}: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), answers.len(), wrong.join("\n"));
    assert!(answers.len() >= 200, "{}", answers.len());
}

#[test]
fn we_verify_tokens_of_python_libraries() {
    let Some(python) = python("we_verify_tokens_of_python_libraries") else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = keys();
    let claims = json!({"iss": "https://a.example", "sub": "alice", "aud": ["web", "shop"], "exp": 4_102_444_800_u64, "name": "Zoë", "n": [1, 2.5]});
    let mut tasks = Vec::new();
    for (_, algorithm, key) in &keys {
        let private: Value = serde_json::from_str(key.jwk().private_text().as_str()).unwrap();
        for library in LIBRARIES {
            tasks.push(
                json!({"library": library, "do": "mint", "claims": claims, "key": private, "alg": algorithm.name(), "kid": "k1"}),
            );
        }
    }
    let answers = ask(&python, &tasks);
    let mut checked = 0;
    for ((name, algorithm, key), answers) in keys.iter().zip(answers.chunks(LIBRARIES.len())) {
        let set = json!({"keys": [public(key)]});
        std::fs::write(folder.path().join("jwks.json"), set.to_string()).unwrap();
        for (library, answer) in LIBRARIES.iter().zip(answers) {
            let token = answer["token"].as_str().unwrap_or_else(|| panic!("{library} {name} minted nothing: {answer}"));
            let verify = |token: &str, audience: &str| {
                meshsec(
                    folder.path(),
                    &[
                        "jwt",
                        "verify",
                        token,
                        "--jwks",
                        "jwks.json",
                        "--iss",
                        "https://a.example",
                        "--aud",
                        audience,
                        "-o",
                        "json",
                    ],
                )
            };
            let (code, out, error) = verify(token, "shop");
            assert_eq!(code, 0, "{library} {name}: {out}{error}");
            let verdict: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(verdict["claims"], claims, "{library} {name}");
            assert_eq!(verdict["strict"]["algorithm"], algorithm.name(), "{library} {name}");
            assert_eq!(verdict["differ"], false, "{library} {name}");
            for (what, token, audience) in [("other audience", token.to_owned(), "api"), ("forged", forged(token), "shop")] {
                let (code, out, error) = verify(&token, audience);
                assert_eq!(code, 1, "{library} {name} {what}: {out}{error}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, keys.len() * LIBRARIES.len());
}
