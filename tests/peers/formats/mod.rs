//! What `policy check` writes for other programs, read by their own readers: SARIF against its schema, `JUnit` by junitparser, our JSON
//! against the schema that `--schema` prints. `MESHSEC_PYTHON` names an interpreter with jsonschema and junitparser, `MESHSEC_SARIF_SCHEMA` the
//! schema of SARIF 2.1.0; without them what `.ci/run` keeps in `~/.cache/meshsec-ci` is taken, and without that the tests say that they were skipped.

mod pre_commit;

use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;

use meshsec::lint::RULES;
use serde_json::Value;
use serde_json::json;

const SCRIPT: &str = include_str!("validate.py");

/// Text that means something in every one of the formats, in places that messages repeat.
const HOSTILE: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: 'hostile', namespace: \"a&b<c>'\\\"\\u001b[2K\\n::error::x\"}
spec:
  action: \"]]>&<x y='\\\"%0A,:\\r\\n::error::owned\\u0000\\u202e\"
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: known, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  rules:
  - from: [{source: {principals: ['spiffe://a/ns/é😀/sa/x', \"spiffe://a/ns/<&>/sa/y\"]}}]
  # meshsec: ignore[MS104] <![CDATA[ ]]> & \"quoted\" reasons
  - from: [{source: {principals: ['spiffe://a/ns/é😀/sa/x']}}]
";

struct Peers {
    python: PathBuf,
    sarif: PathBuf,
}

fn peers(test: &str) -> Option<Peers> {
    let cached = |path: &str| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/meshsec-ci").join(path));
    let named = |variable: &str, path: &str| {
        std::env::var_os(variable).map(PathBuf::from).or_else(|| cached(path)).filter(|path| path.exists())
    };
    let python = named("MESHSEC_PYTHON", "venv/bin/python").filter(|python| {
        let imports = Command::new(python).args(["-c", "import jsonschema, junitparser"]).stderr(Stdio::null()).status();
        imports.is_ok_and(|status| status.success())
    });
    let sarif = named("MESHSEC_SARIF_SCHEMA", "sarif/sarif-2.1.0-rtm.5.json");
    if let (Some(python), Some(sarif)) = (python, sarif) {
        return Some(Peers { python, sarif });
    }
    let line = format!(
        "SKIPPED {test}: no Python with jsonschema and junitparser (MESHSEC_PYTHON), or no schema of SARIF (MESHSEC_SARIF_SCHEMA)\n"
    );
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    None
}

fn meshsec(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_meshsec")).args(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0..=2)), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

impl Peers {
    fn read(&self, tasks: &[Value]) -> Vec<Value> {
        let mut child =
            Command::new(&self.python).args(["-c", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = tasks.iter().map(|task| format!("{task}\n")).collect::<Vec<_>>().concat();
        let mut stdin = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        assert!(output.status.success(), "the script failed");
        let answers: Vec<Value> =
            String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), tasks.len());
        answers
    }
}

/// A repository with the example of every rule, a hostile file, one that is no YAML and one that is clean.
fn repository(folder: &Path) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    std::fs::create_dir_all(folder.join(".git")).unwrap();
    for rule in RULES.iter() {
        write(&format!("deploy/rules/{}.yaml", rule.code), rule.example);
    }
    write("deploy/a b%<é>&'.yaml", HOSTILE);
    write("deploy/crlf.yaml", &format!("\u{feff}{}", RULES.last().unwrap().example.replace('\n', "\r\n")));
    write("deploy/broken.yaml", "a: [\n");
    write("deploy/clean.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
}

const FORMATS: [&str; 6] = ["sarif", "json", "junit", "checkstyle", "gitlab", "github"];

/// Every format of one check, in the folder `deploy` of the repository.
fn outputs(peers: &Peers, folder: &Path, further: &[&str]) -> Vec<Value> {
    let deploy = folder.join("deploy");
    std::fs::write(folder.join("schema.json"), meshsec(&deploy, &["policy", "check", "--schema"])).unwrap();
    let tasks: Vec<Value> = FORMATS
        .iter()
        .map(|format| {
            let text = meshsec(&deploy, &[&["policy", "check", ".", "-o", format], further].concat());
            let schema = if *format == "sarif" { peers.sarif.clone() } else { folder.join("schema.json") };
            json!({"format": format, "text": text, "schema": schema})
        })
        .collect();
    let answers = peers.read(&tasks);
    let wrong: Vec<String> = FORMATS
        .iter()
        .zip(&answers)
        .filter(|(_, answer)| answer["wrong"] != json!([]))
        .map(|(format, answer)| format!("{format}: {:#}", answer["wrong"]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    answers.into_iter().map(|answer| answer["facts"].clone()).collect()
}

#[test]
fn readers_of_each_format_accept_what_a_check_of_every_rule_writes() {
    let Some(peers) = peers("readers_of_each_format_accept_what_a_check_of_every_rule_writes") else { return };
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let facts = outputs(&peers, folder.path(), &["--fail-on", "info"]);
    let [sarif, ours, junit, checkstyle, gitlab, github] = facts.as_slice() else { panic!("{facts:?}") };
    let findings = ours["findings"].as_u64().unwrap();
    let suppressed = sarif["suppressed"].as_u64().unwrap();
    assert!(findings > RULES.len() as u64, "{findings}");
    assert!(suppressed > 0 && sarif["fixes"].as_u64().unwrap() > 0, "{sarif}");
    assert_eq!(sarif["results"], findings);
    for count in [&checkstyle["errors"], &gitlab["issues"], &github["findings"]] {
        assert_eq!(*count, findings - suppressed, "{facts:?}");
    }
    assert_eq!((&junit["failures"], &junit["skipped"]), (&json!(findings - suppressed), &json!(suppressed)));
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code.0).collect();
    assert_eq!(sarif["rules"], json!(codes), "every rule, in order of code");
    let uris: Vec<&str> = sarif["uris"].as_array().unwrap().iter().map(|uri| uri.as_str().unwrap()).collect();
    assert!(uris.contains(&"deploy/a%20b%25%3C%C3%A9%3E&'.yaml"), "{uris:?}");
    assert!(uris.iter().all(|uri| uri.starts_with("deploy/")), "{uris:?}");
}

#[test]
fn an_empty_report_is_valid_in_each_format() {
    let Some(peers) = peers("an_empty_report_is_valid_in_each_format") else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("deploy")).unwrap();
    std::fs::write(folder.path().join("deploy/a.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n").unwrap();
    let facts = outputs(&peers, folder.path(), &[]);
    assert_eq!(facts[0]["results"], 0);
    assert_eq!(facts[2], json!({"tests": 1, "failures": 0, "skipped": 0, "suites": 1}));
}

#[test]
fn what_is_below_the_threshold_is_no_failed_test() {
    let Some(peers) = peers("what_is_below_the_threshold_is_no_failed_test") else { return };
    let folder = tempfile::tempdir().unwrap();
    repository(folder.path());
    let failures = |level: &str| outputs(&peers, folder.path(), &["--fail-on", level])[2]["failures"].as_u64().unwrap();
    let (never, error, info) = (failures("never"), failures("error"), failures("info"));
    assert_eq!(never, 0);
    assert!(error > 0 && error <= info, "{error} {info}");
}
