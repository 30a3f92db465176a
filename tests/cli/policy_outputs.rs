//! `meshsec policy check -o`, the formats for other programs. Their own readers judge them in `tests/peers/formats`.

use serde_json::Value;
use serde_json::json;

use crate::run::Folder;

const BAD: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - from: [{source: {principals: ['spiffe://cluster.local/ns/shop/sa/web']}}]
";

/// A repository whose manifests stand in a folder that is also the working directory.
fn repository() -> Folder {
    Folder::with(&[(".git/HEAD", ""), ("deploy/bad.yaml", BAD), ("deploy/good.yaml", &BAD.replace("spiffe://", ""))])
}

fn check(folder: &Folder, arguments: &[&str]) -> String {
    // One rule, so that a new one changes nothing here.
    let arguments = [&["policy", "check", "deploy", "--select", "MS104"], arguments].concat();
    let ran = folder.run(&arguments);
    assert_eq!(ran.code, 1, "{ran:?}");
    ran.out
}

#[test]
fn short_is_a_line_that_editors_read() {
    let out = check(&repository(), &["-o", "short"]);
    assert_eq!(out, "deploy/bad.yaml:7:35: error[MS104] principal starts with `spiffe://`, so it never matches\n");
}

#[test]
fn github_annotates_the_value_and_says_what_to_do() {
    let out = check(&repository(), &["-o", "github"]);
    assert_eq!(
        out,
        "::error file=deploy/bad.yaml,line=7,endLine=7,col=35,endColumn=74,title=MS104 principal-with-spiffe-scheme::principal starts with \
         `spiffe://`, so it never matches%0Ahelp: write `cluster.local/ns/shop/sa/web`\n"
    );
}

#[test]
fn github_is_told_how_many_it_does_not_show() {
    let folder = Folder::with(&[]);
    for number in 0..11 {
        folder.write(&format!("deploy/{number}.yaml"), BAD.replace("readers", &format!("readers{number}")).as_bytes());
    }
    let out = check(&folder, &["-o", "github"]);
    let last = out.lines().last().unwrap();
    assert!(last.starts_with("::notice title=meshsec policy check::11 errors"), "{last}");
}

#[test]
fn gitlab_has_an_issue_with_a_fingerprint_each() {
    let twice = BAD.replace("['", "['spiffe://cluster.local/ns/shop/sa/web', '");
    let folder = Folder::with(&[("deploy/bad.yaml", &twice)]);
    let issues: Value = serde_json::from_str(&check(&folder, &["-o", "gitlab"])).unwrap();
    let fingerprints: Vec<&str> = issues.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), 2);
    assert_eq!(fingerprints[1], format!("{}-2", fingerprints[0]));
    assert_eq!(issues[0]["location"], json!({"path": "deploy/bad.yaml", "lines": {"begin": 7}}));
    assert_eq!(issues[0]["severity"], "critical");
}

#[test]
fn checkstyle_groups_by_file() {
    let out = check(&repository(), &["-o", "checkstyle"]);
    assert!(out.contains("<file name=\"deploy/bad.yaml\">\n    <error line=\"7\" column=\"35\" severity=\"error\""), "{out}");
    assert!(out.contains("source=\"meshsec.MS104.principal-with-spiffe-scheme\""), "{out}");
    assert!(!out.contains("good.yaml"), "{out}");
}

#[test]
fn junit_has_a_passed_test_for_what_is_clean() {
    let out = check(&repository(), &["-o", "junit"]);
    assert!(out.contains("<testsuites name=\"meshsec policy check\" tests=\"2\" failures=\"1\""), "{out}");
    assert!(out.contains("<testcase name=\"AuthorizationPolicy shop/readers (line 1)\" classname=\"deploy/good.yaml\""), "{out}");
    assert!(out.contains("<failure type=\"error\" message=\"principal starts with `spiffe://`"), "{out}");
}

#[test]
fn sarif_places_fixes_and_names_findings_for_good() {
    let folder = repository();
    let run = |folder: &Folder| -> Value {
        let log: Value = serde_json::from_str(&check(folder, &["-o", "sarif"])).unwrap();
        log["runs"][0].clone()
    };
    let before = run(&folder);
    let result = &before["results"][0];
    let region = json!({"startLine": 7, "startColumn": 35, "endLine": 7, "endColumn": 74});
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(*location, json!({"artifactLocation": {"uri": "deploy/bad.yaml", "uriBaseId": "%SRCROOT%"}, "region": region}));
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    let deleted = json!({"startLine": 7, "startColumn": 36, "endLine": 7, "endColumn": 45});
    assert_eq!(*replacement, json!({"deletedRegion": deleted, "insertedContent": {"text": ""}}));
    folder.write("deploy/bad.yaml", format!("# moved\n{BAD}").as_bytes());
    let after = run(&folder);
    assert_eq!(after["results"][0]["partialFingerprints"], result["partialFingerprints"], "moving lines changes nothing");
    assert_eq!(after["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 8);
}

#[test]
fn files_are_named_from_the_root_of_the_repository() {
    let folder = repository();
    for (format, wanted) in [
        ("sarif", "\"uri\":\"deploy/bad.yaml\""),
        ("github", "file=deploy/bad.yaml"),
        ("gitlab", "\"path\": \"deploy/bad.yaml\""),
        ("checkstyle", "name=\"deploy/bad.yaml\""),
    ] {
        let ran = crate::run::run_in(&folder.path().join("deploy"), &["policy", "check", ".", "-o", format], "");
        assert!(ran.out.contains(wanted), "{format}: {}", ran.out);
    }
}

#[test]
fn suppressed_findings_stand_only_in_formats_that_can_say_so() {
    let text = BAD.replace("  - from", "  # meshsec: ignore[MS104] a reason\n  - from");
    let folder = Folder::with(&[("deploy/bad.yaml", &text)]);
    let out = |format: &str| {
        let ran = folder.run(&["policy", "check", "deploy", "--select", "MS104", "-o", format]);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    };
    for format in ["short", "github", "gitlab", "checkstyle"] {
        assert!(!out(format).contains("MS104"), "{format}");
    }
    let log: Value = serde_json::from_str(&out("sarif")).unwrap();
    let suppressions = &log["runs"][0]["results"][0]["suppressions"];
    assert_eq!(*suppressions, json!([{"kind": "inSource", "status": "accepted", "justification": "a reason"}]));
    assert!(out("junit").contains("<skipped message=\"suppressed: a reason"));
}

#[test]
fn the_schema_is_printed_without_any_input() {
    let ran = Folder::with(&[]).run(&["policy", "check", "--schema"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.json()["properties"]["schemaVersion"]["const"], "meshsec.dev/policy-check/v1");
}
