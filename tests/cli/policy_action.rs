//! The steps of `.github/actions/policy-check`, as a runner would take them, and the hooks for pre-commit.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::run::Folder;
use crate::run::root;

const BAD: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - from: [{source: {principals: ['spiffe://cluster.local/ns/shop/sa/web']}}]
";

fn action() -> PathBuf {
    root().join(".github/actions/policy-check")
}

struct Step {
    code: i32,
    log: String,
    outputs: String,
    summary: String,
    path: String,
}

/// Runs a script of the action in a folder, as a runner does, with the program under test first on the PATH.
fn step(folder: &Folder, script: &str, inputs: &[(&str, &str)]) -> Step {
    let program = Path::new(env!("CARGO_BIN_EXE_meshsec")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let file = |name: &str| temporary.path().join(name);
    let output = Command::new("bash")
        .arg(action().join(script))
        .current_dir(folder.path())
        .env("PATH", path)
        .env("GITHUB_ACTION_PATH", action())
        .env("RUNNER_TEMP", temporary.path())
        .envs([("GITHUB_OUTPUT", file("output")), ("GITHUB_STEP_SUMMARY", file("summary")), ("GITHUB_PATH", file("path"))])
        .envs([
            ("CHECK_PATHS", "."),
            ("CHECK_FAIL_ON", ""),
            ("CHECK_SARIF", ""),
            ("CHECK_ARGUMENTS", ""),
            ("MESHSEC_VERSION", ""),
        ])
        .envs([("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64")])
        .envs(inputs.iter().copied())
        .output()
        .unwrap();
    let read = |name: &str| fs::read_to_string(file(name)).unwrap_or_default();
    let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Step { code: output.status.code().unwrap_or(-1), log, outputs: read("output"), summary: read("summary"), path: read("path") }
}

#[test]
fn the_check_annotates_writes_sarif_and_fails_with_the_code_of_the_program() {
    let folder = Folder::with(&[("deploy/a b.yaml", BAD), ("other/bad.yaml", BAD)]);
    let step = step(&folder, "check.sh", &[("CHECK_PATHS", "deploy\n"), ("CHECK_SARIF", "out/meshsec.sarif")]);
    assert_eq!(step.code, 1, "{}", step.log);
    assert!(step.log.contains("::error file=deploy/a b.yaml,line=7"), "{}", step.log);
    assert!(!step.log.contains("other/bad.yaml"), "{}", step.log);
    assert_eq!(step.outputs, "exit-code=1\nsarif=out/meshsec.sarif\n");
    assert!(step.summary.contains("    error[MS104]"), "{}", step.summary);
    let sarif = fs::read_to_string(folder.path().join("out/meshsec.sarif")).unwrap();
    assert!(sarif.contains("\"ruleId\":\"MS104\""));
}

#[test]
fn inputs_are_arguments_and_nothing_else() {
    let folder = Folder::with(&[("deploy/bad.yaml", BAD), ("-x/$(touch owned).yaml", BAD)]);
    let inputs = [("CHECK_PATHS", "-x\ndeploy"), ("CHECK_FAIL_ON", "never"), ("CHECK_ARGUMENTS", "--select\nMS104")];
    let step = step(&folder, "check.sh", &inputs);
    assert_eq!(step.code, 0, "{}", step.log);
    assert_eq!(step.log.matches("::error file=").count(), 2, "{}", step.log);
    assert!(!folder.path().join("owned").exists());
    let wrong = self::step(&folder, "check.sh", &[("CHECK_FAIL_ON", "error --exit-zero")]);
    assert_eq!(wrong.code, 2, "{}", wrong.log);
}

#[test]
fn an_installed_program_is_taken_when_asked_for() {
    let folder = Folder::with(&[]);
    let taken = step(&folder, "install.sh", &[("MESHSEC_VERSION", "installed")]);
    assert_eq!((taken.code, taken.path.as_str()), (0, ""), "{}", taken.log);
    assert!(taken.log.contains("meshsec "), "{}", taken.log);
}

#[test]
fn a_release_is_installed_only_with_the_right_sum() {
    let folder = Folder::with(&[]);
    let name = "meshsec-9.9.9-x86_64-unknown-linux-musl.tar.gz";
    let script = format!(
        "mkdir -p v9.9.9 bin && printf '#!/bin/sh\\necho meshsec 9.9.9\\n' > bin/meshsec && chmod +x bin/meshsec \
         && tar -czf v9.9.9/{name} -C bin meshsec && cd v9.9.9 && sha256sum {name} > {name}.sha256"
    );
    assert!(Command::new("bash").args(["-c", &script]).current_dir(folder.path()).status().unwrap().success());
    let releases = format!("file://{}", folder.path().display());
    let inputs = [("MESHSEC_VERSION", "v9.9.9"), ("MESHSEC_RELEASES", releases.as_str())];
    let good = step(&folder, "install.sh", &inputs);
    assert_eq!(good.code, 0, "{}", good.log);
    assert!(good.log.contains("meshsec 9.9.9") && good.path.trim_end().ends_with("/meshsec/bin"), "{} {}", good.log, good.path);
    folder.write(&format!("v9.9.9/{name}.sha256"), format!("{}  {name}\n", "0".repeat(64)).as_bytes());
    let bad = step(&folder, "install.sh", &inputs);
    assert_ne!(bad.code, 0, "{}", bad.log);
    assert_eq!(bad.path, "");
    let absent = step(&folder, "install.sh", &[("MESHSEC_VERSION", "1.2.3"), ("MESHSEC_RELEASES", releases.as_str())]);
    assert_eq!(absent.code, 3, "{}", absent.log);
    let hostile = step(&folder, "install.sh", &[("MESHSEC_VERSION", "../../x")]);
    assert_eq!(hostile.code, 2, "{}", hostile.log);
}

#[test]
fn every_input_of_the_action_reaches_its_script() {
    let text = fs::read_to_string(action().join("action.yml")).unwrap();
    let parsed: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    for input in parsed["inputs"].as_object().unwrap().keys() {
        assert!(text.contains(&format!("${{{{ inputs.{input} }}}}")), "{input}");
    }
    for step in parsed["runs"]["steps"].as_array().unwrap() {
        let run = step["run"].as_str().unwrap();
        assert!(!run.contains("${{"), "an input in a script is a script: {run}");
    }
}
