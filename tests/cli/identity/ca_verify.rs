//! `ca verify` on what `ca export` writes, and on what people do to it.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use serde_json::Value;

use super::Ended;
use super::Site;

/// The files of an authority, in a folder `cacerts`.
struct Exported {
    site: Site,
}

impl Exported {
    fn new() -> Self {
        let site = Site::new();
        site.yes(&["ca", "export", "--for", "istio", "-o", "cacerts"]);
        Self { site }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.site.path("cacerts").join(file)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    fn run(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self.site.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        // A program that ends without reading closes the pipe; that is its right.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        Ended::of(&child.wait_with_output().unwrap(), arguments)
    }

    fn ask(&self, arguments: &[&str], input: &str) -> (i32, Value) {
        let ended = self.run(&[&["ca", "verify", "-o", "json"], arguments].concat(), input);
        (ended.code.unwrap(), serde_json::from_str(&ended.out).unwrap_or(Value::String(ended.err)))
    }
}

fn names(answer: &Value) -> Vec<&str> {
    answer["findings"].as_array().unwrap().iter().map(|finding| finding["name"].as_str().unwrap()).collect()
}

#[test]
fn what_cannot_be_read_ends_with_2() {
    let exported = Exported::new();
    for (name, argument, input) in [
        ("no such path", "absent", ""),
        ("no YAML", "-", "{"),
        ("no Secret", "-", "kind: ConfigMap\n"),
        ("two Secrets", "-", "kind: Secret\n---\nkind: Secret\n"),
        ("no base64", "-", "kind: Secret\ndata: {ca-cert.pem: '!'}\n"),
        ("no string", "-", "kind: Secret\nstringData: {ca-cert.pem: [1]}\n"),
    ] {
        let (code, answer) = exported.ask(&[argument], input);
        assert_eq!(code, 2, "{name}: {answer}");
    }
    assert_eq!(exported.run(&["ca", "verify", "-", "--current", "-"], "").code, Some(2));
}

#[test]
fn what_istiod_or_peers_refuse_ends_with_1() {
    let exported = Exported::new();
    let chain = exported.text("cert-chain.pem");
    fs::remove_file(exported.path("cert-chain.pem")).unwrap();
    let (code, answer) = exported.ask(&["cacerts"], "");
    assert_eq!((code, &answer["acceptedByIstiod"]), (1, &Value::Bool(false)), "{answer}");
    assert!(answer["istiodError"].as_str().unwrap().ends_with("incomplete signing CA bundle detected"), "{answer}");
    exported.write("cert-chain.pem", &chain);
    exported.write("ca-cert.pem", &format!("\u{feff}{}", exported.text("ca-cert.pem")));
    let (code, answer) = exported.ask(&["cacerts"], "");
    assert_eq!((code, names(&answer)[0]), (1, "signer-unreadable"), "{answer}");
    let (code, answer) = exported.ask(&["."], "");
    assert_eq!((code, &answer["istiodError"], names(&answer)), (1, &Value::Null, vec!["nothing-to-load"]), "{answer}");
    let (code, answer) = exported.ask(&["cacerts", "--at", "2100-01-01T00:00:00Z"], "");
    assert_eq!(code, 1, "{answer}");
}

#[test]
fn exported_files_are_usable_as_a_directory_and_as_a_secret() {
    let exported = Exported::new();
    let (code, answer) = exported.ask(&["cacerts"], "");
    for member in ["acceptedByIstiod", "acceptedByAgents", "acceptedByProxies", "usable"] {
        assert_eq!(answer[member], true, "{member}: {answer}");
    }
    assert_eq!((code, &answer["findings"]), (0, &Value::Array(Vec::new())), "{answer}");
    assert_eq!(answer["roots"].as_array().unwrap().len(), 1, "{answer}");
    let secret = exported.site.yes(&["ca", "export", "--for", "istio", "-o", "k8s"]);
    let (code, as_secret) = exported.ask(&["-"], &secret);
    assert_eq!((code, &as_secret["signer"]), (0, &answer["signer"]), "{as_secret}");
    // Among other documents, and under another name, which istiod does not mount.
    let renamed = secret.replace("name: cacerts", "name: mine");
    let (code, as_secret) = exported.ask(&["-"], &format!("kind: Namespace\n---\n{renamed}"));
    assert_eq!((code, names(&as_secret)), (0, vec!["secret-name"]), "{as_secret}");
}

#[test]
fn a_change_is_judged_beside_what_is_loaded() {
    let exported = Exported::new();
    let old = exported.site.path("old");
    fs::create_dir(&old).unwrap();
    for file in ["ca-cert.pem", "ca-key.pem", "cert-chain.pem", "root-cert.pem"] {
        fs::copy(exported.path(file), old.join(file)).unwrap();
    }
    exported.write("root-cert.pem", &format!("{}\n", exported.text("root-cert.pem")));
    for (flags, code, accepted) in [(&["--current", "old"][..], 1, false), (&["--current", "old", "--multi-root"], 0, true)] {
        let (found, answer) = exported.ask(&[&["cacerts"], flags].concat(), "");
        assert_eq!((found, &answer["reload"]["accepted"]), (code, &Value::Bool(accepted)), "{answer}");
        assert_eq!(answer["reload"]["roots"], "text");
    }
}

#[test]
fn the_text_says_what_is_wrong_where_and_what_to_do() {
    let exported = Exported::new();
    exported.write("ca-key.pem", "nothing");
    let text = exported.run(&["ca", "verify", "cacerts"], "").out;
    for part in [
        "refused: istiod does not start with it\n",
        "istiod says: failed to create an istiod CA: failed to create CA KeyCertBundle (failed to parse private key PEM: invalid PEM-encoded key)\n",
        "error[key-unreadable]: failed to parse private key PEM: invalid PEM-encoded key\n  --> ca-key.pem\n   = help: ",
    ] {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}
