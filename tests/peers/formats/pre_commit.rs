//! The hooks of `.pre-commit-hooks.yaml`, run by pre-commit itself on a repository of its own.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

const BAD: &str = "\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: readers, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  rules:
  - from: [{source: {principals: ['spiffe://cluster.local/ns/shop/sa/web']}}]
";

/// An interpreter that has pre-commit.
fn python(test: &str) -> Option<PathBuf> {
    let cached = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache/meshsec-ci/venv/bin/python"));
    let python = std::env::var_os("MESHSEC_PYTHON").map(PathBuf::from).or_else(cached).filter(|python| python.exists());
    let python = python.filter(|python| {
        let status = Command::new(python).args(["-c", "import pre_commit"]).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    });
    if python.is_none() {
        eprintln!("SKIPPED {test}: no Python with pre-commit (MESHSEC_PYTHON)");
    }
    python
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(identity).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path) -> String {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "a"]);
    git(folder, &["rev-parse", "HEAD"])
}

fn pre_commit(python: &Path, home: &Path, folder: &Path, arguments: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_meshsec")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut command = Command::new(python);
    command.args(["-m", "pre_commit"]).args(arguments).current_dir(folder);
    command.env("PATH", path).env("PRE_COMMIT_HOME", home).output().unwrap()
}

#[test]
fn pre_commit_takes_the_hooks_and_stops_a_commit() {
    let Some(python) = python("pre_commit_takes_the_hooks_and_stops_a_commit") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (hooks, user, home) = (folder.path().join("hooks"), folder.path().join("user"), folder.path().join("home"));
    for folder in [&hooks, &user] {
        fs::create_dir_all(folder).unwrap();
        git(folder, &["init", "-q"]);
    }
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml");
    let valid = pre_commit(&python, &home, &hooks, &["validate-manifest", manifest.to_str().unwrap()]);
    assert!(valid.status.success(), "{valid:?}");
    // The hooks that build the program would take minutes; all of them run the same entry.
    let text = fs::read_to_string(manifest).unwrap().replace("language: rust", "language: system");
    fs::write(hooks.join(".pre-commit-hooks.yaml"), text).unwrap();
    let rev = commit(&hooks);
    let config = format!(
        "repos:\n- repo: {}\n  rev: {rev}\n  hooks:\n  - id: meshsec-policy-check\n    args: [deploy, --fail-on, warning]\n  - id: \
         meshsec-policy-check-files\n  - id: meshsec-policy-check-system\n",
        hooks.display()
    );
    fs::write(user.join(".pre-commit-config.yaml"), config).unwrap();
    fs::create_dir_all(user.join("deploy")).unwrap();
    fs::write(user.join("deploy/a b.yaml"), BAD).unwrap();
    git(&user, &["add", "-A"]);
    let bad = pre_commit(&python, &home, &user, &["run"]);
    let said = String::from_utf8_lossy(&bad.stdout);
    assert_eq!(bad.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("error[MS104]").count(), 3, "{said}");
    fs::write(user.join("deploy/a b.yaml"), BAD.replace("spiffe://", "")).unwrap();
    git(&user, &["add", "-A"]);
    let good = pre_commit(&python, &home, &user, &["run"]);
    let said = String::from_utf8_lossy(&good.stdout);
    assert_eq!((good.status.code(), said.matches("Passed").count()), (Some(0), 3), "{said}");
    // Nothing is run for a change that concerns no manifest.
    commit(&user);
    fs::write(user.join("notes.txt"), "a").unwrap();
    git(&user, &["add", "-A"]);
    let other = pre_commit(&python, &home, &user, &["run"]);
    assert_eq!(String::from_utf8_lossy(&other.stdout).matches("Skipped").count(), 3);
}
