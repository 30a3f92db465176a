use serde_json::Value;

use crate::jwk::mode;
use crate::run::Folder;

fn keys(folder: &Folder, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.path().join(file)).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["keys"].as_array().unwrap().clone()
}

fn names(folder: &Folder) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path().join("keys")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn identifiers_that_leave_the_directory_are_refused() {
    for kid in ["", "../up", "a/b", ".hidden", "-x", "a b", "é"] {
        let folder = Folder::with(&[]);
        let ran = folder.run(&["jwk", "generate", &format!("--kid={kid}"), "--out", "keys"]);
        assert_eq!(ran.code, 2, "{kid}: {ran:?}");
        assert!(ran.err.contains("cannot become part of a file name"), "{kid}: {}", ran.err);
        assert!(!folder.path().join("keys").exists(), "{kid}");
    }
}

#[test]
fn a_key_that_exists_is_never_replaced() {
    let folder = Folder::with(&[]);
    let arguments = ["jwk", "generate", "--kid", "k1", "--out", "keys"];
    assert_eq!(folder.run(&arguments).code, 0);
    let before = std::fs::read(folder.path().join("keys/k1.pem")).unwrap();
    let again = folder.run(&arguments);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("`keys/jwks.json` has a key `k1` already"), "{}", again.err);
    std::fs::remove_file(folder.path().join("keys/jwks.json")).unwrap();
    std::fs::remove_file(folder.path().join("keys/k1.public.jwk.json")).unwrap();
    let again = folder.run(&arguments);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("`keys/k1.private.jwk.json` exists already"), "{}", again.err);
    assert_eq!(std::fs::read(folder.path().join("keys/k1.pem")).unwrap(), before);
    assert_eq!(names(&folder), ["k1.pem", "k1.private.jwk.json"]);
}

#[test]
fn a_directory_with_a_broken_or_private_set_is_left_alone() {
    for (set, wanted) in [("{", "not JSON"), (r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, "it holds private members")] {
        let folder = Folder::with(&[("keys/jwks.json", set)]);
        let ran = folder.run(&["jwk", "generate", "--out", "keys"]);
        assert_eq!(ran.code, 2);
        assert!(ran.err.contains(wanted), "{}", ran.err);
        assert_eq!(names(&folder), ["jwks.json"]);
    }
}

#[test]
fn every_algorithm_makes_files_that_are_for_the_right_people() {
    for algorithm in ["RS256", "PS384", "ES256", "ES384", "ES512", "EdDSA"] {
        let folder = Folder::with(&[]);
        let ran = folder.run(&["jwk", "generate", "--alg", algorithm, "--kid", "k1", "--out", "keys"]);
        assert_eq!(ran.code, 0, "{algorithm}: {ran:?}");
        assert_eq!(names(&folder), ["jwks.json", "k1.pem", "k1.private.jwk.json", "k1.public.jwk.json"], "{algorithm}");
        assert_eq!(mode(&folder.path().join("keys")), 0o700);
        for (file, wanted) in
            [("k1.pem", 0o600), ("k1.private.jwk.json", 0o600), ("k1.public.jwk.json", 0o644), ("jwks.json", 0o644)]
        {
            assert_eq!(mode(&folder.path().join("keys").join(file)), wanted, "{algorithm}: {file}");
        }
        let keys = keys(&folder, "keys/jwks.json");
        let members: Vec<&str> = keys[0].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members[..4], ["kty", "use", "alg", "kid"], "{algorithm}");
        assert!(!members.contains(&"d"), "{algorithm}");
        assert_eq!((&keys[0]["alg"], &keys[0]["kid"]), (&algorithm.into(), &"k1".into()));
        let same = ["k1.pem", "k1.private.jwk.json", "k1.public.jwk.json", "jwks.json"]
            .map(|file| folder.run(&["jwk", "thumbprint", &format!("keys/{file}")]).out);
        assert!(same.iter().all(|thumbprint| *thumbprint == same[0]), "{algorithm}: {same:?}");
        assert_eq!(folder.run(&["jwk", "set", "check", "keys/jwks.json"]).code, 0, "{algorithm}");
    }
}

#[test]
fn a_set_grows_and_keeps_what_is_in_it() {
    let folder = Folder::with(&[("keys/jwks.json", r#"{"keys":[{"kty":"RSA-HSM","kid":"old"}],"more":[1]}"#)]);
    for kid in ["a", "b"] {
        assert_eq!(folder.run(&["jwk", "generate", "--kid", kid, "--out", "keys"]).code, 0);
    }
    let kids: Vec<Value> = keys(&folder, "keys/jwks.json").iter().map(|key| key["kid"].clone()).collect();
    assert_eq!(kids, ["old", "a", "b"]);
    let text = std::fs::read_to_string(folder.path().join("keys/jwks.json")).unwrap();
    assert!(text.contains("\"more\""), "{text}");
}

#[test]
fn keys_made_at_the_same_time_all_get_into_the_set() {
    let folder = Folder::with(&[]);
    std::thread::scope(|scope| {
        for number in 0..6 {
            let folder = &folder;
            scope.spawn(move || {
                let ran = folder.run(&["jwk", "generate", "--kid", &format!("k{number}"), "--out", "keys"]);
                assert_eq!(ran.code, 0, "{ran:?}");
            });
        }
    });
    assert_eq!(keys(&folder, "keys/jwks.json").len(), 6);
}

#[test]
fn a_secret_goes_into_no_set_and_is_not_named_after_itself() {
    let folder = Folder::with(&[]);
    let ran = folder.run(&["jwk", "generate", "--alg", "HS256", "--out", "keys", "-o", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("HS256 is a shared secret"), "{}", ran.err);
    let names = names(&folder);
    let kid = ran.json()["kid"].as_str().unwrap().to_owned();
    assert_eq!(names, [format!("{kid}.private.jwk.json")]);
    let thumbprint = folder.run(&["jwk", "thumbprint", &format!("keys/{}", names[0])]);
    assert_ne!(thumbprint.out.trim(), kid);
    assert!(ran.json()["thumbprint"].is_null());
}

#[test]
fn an_encrypted_key_is_nowhere_in_the_clear() {
    let folder = Folder::with(&[("pw", "secret\n")]);
    let ran = folder.run(&["jwk", "generate", "--kid", "k1", "--new-password-file", "pw", "--out", "keys"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(names(&folder), ["jwks.json", "k1.pem", "k1.public.jwk.json"]);
    let pem = std::fs::read_to_string(folder.path().join("keys/k1.pem")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(folder.run(&["jwk", "thumbprint", "keys/k1.pem"]).code, 2);
    let ran = folder.run(&["jwk", "thumbprint", "keys/k1.pem", "--password-file", "pw"]);
    assert_eq!((ran.code, ran.out), (0, folder.run(&["jwk", "thumbprint", "keys/jwks.json"]).out));
}

#[test]
fn sizes_are_for_rsa() {
    let folder = Folder::with(&[]);
    let ran = folder.run(&["jwk", "generate", "--alg", "ES256", "--size", "3072", "--out", "keys"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("`--size` is for RSA keys"), "{}", ran.err);
    let ran = folder.run(&["jwk", "generate", "--alg", "RS256", "--size", "3072", "--out", "keys"]);
    assert!(ran.out.contains("(RSA 3072)"), "{ran:?}");
    assert_eq!(folder.run(&["jwk", "generate", "--alg", "none", "--out", "keys"]).code, 2);
}
