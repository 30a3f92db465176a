//! `meshsec policy check`.

use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::process::Command;
use std::process::Stdio;

use crate::meshes::READERS;
use crate::meshes::SHOP;
use crate::run::Folder;

const BAD: &str = r#"apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: readers # who reads
  namespace: shop
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - from:
    - source: {principals: ["spiffe://cluster.local/ns/shop/sa/web"]}
"#;

const REFUSED: &str = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: refused, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - to:
    - operation: {method: [GET]}
";

/// The report on a folder, as JSON.
fn report(folder: &Folder, arguments: &[&str]) -> serde_json::Value {
    folder.run(&[&["policy", "check", ".", "-o", "json"], arguments].concat()).json()
}

/// Codes of the findings that count.
fn codes(report: &serde_json::Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let active = findings.iter().filter(|finding| finding["suppressed"].is_null() && finding["severity"] != "info");
    active.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_exit_code_says_whether_something_was_found() {
    let folder = Folder::with(&[("bad.yaml", BAD)]);
    for (arguments, wanted) in [
        (&[][..], 1),
        (&["--fail-on", "never"], 0),
        (&["--exit-zero"], 0),
        (&["--ignore", "MS104"], 0),
        (&["--ignore", "MS1", "--select", "MS104"], 1),
        (&["--select", "principal-with-spiffe-scheme"], 1),
        (&["--select", "MS0"], 0),
        (&["--select", "MS777"], 2),
        (&["-o", "text", "-o", "json"], 2),
        (&["-o", "pdf"], 2),
    ] {
        let ran = folder.run(&[&["policy", "check", "."], arguments].concat());
        assert_eq!(ran.code, wanted, "{arguments:?}: {ran:?}");
    }
    let folder = Folder::with(&[("good.yaml", READERS), ("mesh.yaml", SHOP)]);
    let ran = folder.run(&["policy", "check", "."]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}

#[test]
fn every_document_is_judged_in_order() {
    let folder = Folder::with(&[("all.yaml", &format!("{SHOP}---\n{READERS}---\n{REFUSED}"))]);
    let report = report(&folder, &[]);
    let documents = report["documents"].as_array().unwrap();
    let accepted: Vec<&serde_json::Value> = documents.iter().rev().take(3).map(|document| &document["accepted"]).collect();
    assert_eq!(accepted, [&serde_json::json!(false), &serde_json::json!(true), &serde_json::Value::Null]);
    let refused = documents.last().unwrap();
    assert_eq!(refused["name"], "refused");
    assert_eq!(refused["acceptedByIstiod"], false, "an operation without a known field is empty for istiod");
    assert!(codes(&report).contains(&"MS003".to_owned()), "{report:#}");
}

#[test]
fn a_refused_object_is_in_no_mesh_unless_the_user_says_so() {
    let folder =
        Folder::with(&[("mesh.yaml", SHOP), ("refused.yaml", &REFUSED.replace("method", "ports").replace("GET", "\"0x50\""))]);
    let question = ["simulate", "request", "-f", ".", "--from", "shop/web", "--to", "shop/api:8080"];
    let ran = folder.run(&question);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("refused.yaml:8:28") || ran.err.contains("refused.yaml:8"), "{}", ran.err);
    let ran = folder.run(&[&question[..], &["--assume-admitted"]].concat());
    assert_ne!(ran.code, 2, "{ran:?}");
}

#[test]
fn one_broken_file_hides_nothing_in_the_others() {
    let folder = Folder::with(&[
        ("bad.yaml", BAD),
        ("tabs.yaml", "a:\n\tb: 1\n"),
        ("template.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: {{ .Values.name }}}\n"),
        ("crlf.yaml", &BAD.replace('\n', "\r\n").replace("readers", "crlf")),
        ("bom.yaml", &format!("\u{feff}{}", BAD.replace("readers", "bom"))),
        ("empty.yaml", ""),
        ("aliases.yaml", "a: &a [1, *a]\n"),
        ("deep.yaml", &format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))),
    ]);
    folder.write("binary.yaml", b"\0\x01\x02");
    let ran = folder.run(&["policy", "check", ".", "-o", "json"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let report = ran.json();
    let found: Vec<String> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| {
            format!("{} {}", finding["file"].as_str().unwrap().trim_start_matches("./"), finding["code"].as_str().unwrap())
        })
        .collect();
    for wanted in ["bad.yaml MS104", "crlf.yaml MS104", "bom.yaml MS104", "tabs.yaml MS001", "aliases.yaml MS001"] {
        assert!(found.contains(&wanted.to_owned()), "{wanted} is not among {found:#?}");
    }
    assert!(ran.err.contains("binary.yaml"), "{}", ran.err);
    assert!(ran.out.contains("helm template"), "a template is named as one");
}

#[test]
fn a_repair_keeps_comments_and_layout_and_touches_nothing_else() {
    let folder = Folder::with(&[("bad.yaml", BAD), ("conflict.yaml", &format!("{BAD}# \n<<<<<<< ours\n"))]);
    let shown = folder.run(&["policy", "check", "bad.yaml", "--fix", "--diff"]);
    assert!(shown.out.contains("-    - source: {principals: [\"spiffe://"), "{}", shown.out);
    assert_eq!(fs::read_to_string(folder.path().join("bad.yaml")).unwrap(), BAD);
    let ran = folder.run(&["policy", "check", "bad.yaml", "--fix"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(fs::read_to_string(folder.path().join("bad.yaml")).unwrap(), BAD.replace("spiffe://", ""));
    let ran = folder.run(&["policy", "check", "conflict.yaml", "--fix"]);
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(fs::read_to_string(folder.path().join("conflict.yaml")).unwrap().contains("spiffe://"));
}

#[test]
fn a_suppression_needs_a_rule_and_a_reason_and_something_to_suppress() {
    let line = "    - source: {principals: [\"spiffe://cluster.local/ns/shop/sa/web\"]}";
    let with = |comment: &str| BAD.replace(line, &format!("{line} # meshsec: {comment}"));
    let above = BAD.replace(line, &format!("    # meshsec: ignore[MS104] known\n{line}"));
    let annotated = BAD.replace("  namespace: shop", "  namespace: shop\n  annotations: {meshsec.dev/ignore: \"MS104=known\"}");
    let cases = [
        (with("ignore[MS104] known"), &[][..]),
        (with("ignore[principal-with-spiffe-scheme] known"), &[]),
        (above, &[]),
        (annotated, &[]),
        (format!("# meshsec: ignore-file[MS1] known\n{BAD}"), &[]),
        (with("ignore[MS104] known until 2999-01-01"), &[]),
        (with("ignore[MS104]"), &["MS104", "MS902"]),
        (with("ignore known"), &["MS104", "MS902"]),
        (with("ignore[MS104] known until 2020-01-01"), &["MS104", "MS902"]),
        (with("ignore[MS105] known"), &["MS104", "MS901"]),
    ];
    for (text, wanted) in cases {
        let folder = Folder::with(&[("a.yaml", &text)]);
        let mut found = codes(&report(&folder, &[]));
        found.sort();
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn a_refusal_cannot_be_suppressed() {
    let text = REFUSED.replace("{method: [GET]}", "{method: [GET]} # meshsec: ignore[MS003] known");
    let folder = Folder::with(&[("a.yaml", &text)]);
    let found = codes(&report(&folder, &[]));
    assert!(found.contains(&"MS003".to_owned()) && found.contains(&"MS901".to_owned()), "{found:?}");
}

#[test]
fn a_baseline_lets_pass_what_was_there_and_nothing_more() {
    let folder = Folder::with(&[("a.yaml", BAD)]);
    let ran = folder.run(&["policy", "check", ".", "--baseline", "known.json", "--write-baseline"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let check = ["policy", "check", ".", "--baseline", "known.json"];
    folder.write("a.yaml", format!("# a line more\n\n{BAD}").as_bytes());
    assert_eq!(folder.run(&check).code, 0, "moved lines bring nothing back");
    folder.write("b.yaml", BAD.replace("readers", "writers").as_bytes());
    assert_eq!(folder.run(&check).code, 1, "another object is new");
    folder.write("b.yaml", b"");
    folder.write("a.yaml", BAD.replace("spiffe://", "").as_bytes());
    let ran = folder.run(&[&check[..], &["--prune-baseline"]].concat());
    assert!(ran.code == 0 && ran.err.contains("MS104"), "{ran:?}");
    assert!(!fs::read_to_string(folder.path().join("known.json")).unwrap().contains("MS104"));
}

#[test]
fn flags_beat_the_environment_and_that_the_file() {
    let folder = Folder::with(&[("deploy/a.yaml", BAD), ("meshsec.toml", "[lint.rules]\nMS104 = \"warning\"\n")]);
    let check = ["policy", "check", "deploy"];
    assert_eq!(folder.run(&check).code, 0, "the file above the folder makes it a warning");
    folder.write("meshsec.toml", b"[lint]\nfail-on = \"warning\"\n[lint.rules]\nMS104 = \"warning\"\n");
    assert_eq!(folder.run(&check).code, 1);
    assert_eq!(folder.run(&[&check[..], &["--fail-on", "error"]].concat()).code, 0);
    folder.write("meshsec.toml", b"[[lint.overrides]]\npaths = [\"**/deploy/**\", \"deploy/**\"]\nrules = { MS104 = \"off\" }\n");
    assert_eq!(folder.run(&check).code, 0);
    for (text, wanted) in [
        ("[lint]\nfail-onn = 1\n", "fail-onn"),
        ("[lint.rules]\nMS777 = \"off\"\n", "MS777"),
        ("[mesh]\npath-normalization = \"SOME\"\n", "SOME"),
    ] {
        folder.write("meshsec.toml", text.as_bytes());
        let ran = folder.run(&check);
        assert!(ran.code == 2 && ran.err.contains(wanted), "{text}: {ran:?}");
    }
}

#[test]
fn a_watch_checks_again_when_a_file_changes() {
    let folder = Folder::with(&[("a.yaml", BAD)]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_meshsec"))
        .args(["policy", "check", ".", "--watch", "-o", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || {
        let mut errors = None;
        for line in lines.by_ref() {
            let line = line.unwrap();
            errors =
                errors.or_else(|| line.trim().strip_prefix("\"errors\": ").map(|count| count.trim_end_matches(',').to_owned()));
            if line == "}" {
                break;
            }
        }
        errors
    };
    let before = next();
    folder.write("a.yaml", BAD.replace("spiffe://", "").as_bytes());
    let after = next();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!((before.as_deref(), after.as_deref()), (Some("1"), Some("0")));
}

#[test]
fn values_that_stand_elsewhere_are_repaired_nowhere() {
    // Behind a merge key and an alias, a value may stand before its key, or after the next one.
    let text = "apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: merged
  annotations: &notes {b: c, internal.istio.io/parents: x}
  labels: {<<: *notes}
spec: {provider: &p {name: x}, action: ALLOW, rules: [{to: [{operation: {ports: [\"1\"]}}]}]}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: other, annotations: {a: &a x, <<: {internal.istio.io/parents: *a}, c: *a}}
spec: {rules: [{}], <<: {provider: {name: *a}}}
";
    let folder = Folder::with(&[("a.yaml", text)]);
    let ran = folder.run(&["policy", "check", "a.yaml", "--fix", "--diff"]);
    assert!([1, 2].contains(&ran.code) && !ran.err.contains("panicked"), "{ran:?}");
}

#[test]
fn one_repair_makes_room_for_the_next() {
    let text = BAD.replace("\"]}", "\"]}\n    to:\n    - operation: {ports: [8080]} # the only one");
    let folder = Folder::with(&[("a.yaml", &text)]);
    let ran = folder.run(&["policy", "check", "a.yaml", "--fix"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let fixed = text.replace("spiffe://", "").replace("[8080]", "[\"8080\"]");
    assert_eq!(fs::read_to_string(folder.path().join("a.yaml")).unwrap(), fixed);
}
