//! Manual pages, completions and the pages of rules in the repository are those of the program. `MESHSEC_REGENERATE=1 cargo test --test generated` renews them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "what a test builds on must work, and a test may say so by failing"
)]

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use meshsec::lint::RULES;
use meshsec::render;

fn run(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_meshsec")).args(arguments).output().unwrap();
    assert!(output.status.success(), "meshsec {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a file with what it should hold, or writes it when asked to.
fn check(path: &Path, expected: &[u8]) {
    if std::env::var_os("MESHSEC_REGENERATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
    }
    let actual = fs::read(path).unwrap_or_default();
    assert!(actual == expected, "{} is out of date: run MESHSEC_REGENERATE=1 cargo test --test generated", path.display());
}

#[test]
fn completions_are_current() {
    for (shell, file) in [
        ("bash", "meshsec.bash"),
        ("zsh", "_meshsec"),
        ("fish", "meshsec.fish"),
        ("powershell", "_meshsec.ps1"),
        ("elvish", "meshsec.elv"),
    ] {
        check(&root().join("completions").join(file), &run(&["completion", shell]));
    }
}

#[test]
fn manual_pages_are_current() {
    let folder = tempfile::tempdir().unwrap();
    run(&["man", "--out", folder.path().to_str().unwrap()]);
    let mut pages: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    pages.sort();
    assert!(pages.iter().any(|page| page == "meshsec-simulate-request.1"), "{pages:?}");
    for page in &pages {
        check(&root().join("man").join(page), &fs::read(folder.path().join(page)).unwrap());
    }
    let mut kept: Vec<_> = fs::read_dir(root().join("man")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    kept.sort();
    assert_eq!(kept, pages, "man/ holds pages of commands that are gone, or lacks some");
}

#[test]
fn the_pages_of_the_rules_are_current() {
    let folder = root().join("docs/rules");
    let mut wanted = vec!["README.md".to_owned()];
    let mut index = Vec::new();
    render::rule_index(&mut index, &RULES).unwrap();
    check(&folder.join("README.md"), &index);
    for rule in RULES.iter() {
        let mut page = Vec::new();
        render::rule_page(&mut page, rule).unwrap();
        let name = format!("{}.md", rule.code);
        check(&folder.join(&name), &page);
        wanted.push(name);
    }
    wanted.sort();
    let mut kept: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    kept.sort();
    assert_eq!(kept, wanted, "docs/rules/ holds pages of rules that are gone, or lacks some");
}
