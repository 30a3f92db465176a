//! Every scenario of `examples/` has the answer it is recorded with, and every command of their READMEs ends as it says.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::run::Folder;
use crate::run::root;
use crate::run::run_in;

#[derive(Deserialize)]
struct Suite {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    manifests: Vec<String>,
    scenarios: Vec<Value>,
}

fn check_scenarios(example: &str) {
    let folder = root().join("examples").join(example);
    let text = fs::read_to_string(folder.join("scenarios.yaml")).unwrap();
    let suite: Suite = serde_saphyr::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for group in &suite.groups {
        let lines = group.scenarios.iter().fold(String::new(), |mut lines, scenario| {
            writeln!(lines, "{}", with_token(scenario, &folder)).unwrap();
            lines
        });
        count += group.scenarios.len();
        let mut arguments = vec!["simulate", "batch", "-o", "text"];
        for manifest in &group.manifests {
            arguments.extend(["-f", manifest]);
        }
        let ran = run_in(&folder, &arguments, &lines);
        if ran.code != 0 {
            wrong.push(format!("{}:\n{}{}", group.name, ran.out, ran.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 15, "only {count} scenarios were found");
}

/// The scenario with the token's file read in, because standard input has no folder of its own.
fn with_token(scenario: &Value, folder: &Path) -> Value {
    let mut scenario = scenario.clone();
    let file = scenario["token"].as_str().and_then(|token| token.strip_prefix('@')).map(|file| folder.join(file));
    if let Some(file) = file {
        scenario["token"] = fs::read_to_string(file).unwrap().trim().into();
    }
    scenario
}

#[test]
fn online_boutique_scenarios_hold() {
    check_scenarios("online-boutique");
}

#[test]
fn photo_app_scenarios_hold() {
    check_scenarios("photo-app");
}

/// Commands of a README and the comment line after each: `# VERDICT, exit N[: why]`.
pub(crate) fn commands(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut command = String::new();
    for line in text.lines() {
        let line = line.trim();
        if command.is_empty() && !line.starts_with("meshsec ") && !line.starts_with("openssl ") {
            continue;
        }
        if let Some(comment) = line.strip_prefix("# ") {
            found.push((std::mem::take(&mut command), comment.to_owned()));
        } else {
            command.push_str(line.strip_suffix('\\').unwrap_or(line));
            command.push(' ');
        }
    }
    found
}

/// Splits as a shell does, as far as the READMEs need it.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.trim().chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            (c, _) => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn commands_of_the_readmes_end_as_they_say() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for readme in ["examples/online-boutique/README.md", "examples/photo-app/README.md"] {
        let text = fs::read_to_string(root().join(readme)).unwrap();
        for (command, expected) in commands(&text) {
            count += 1;
            let words = words(&command);
            let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            let ran = run_in(root(), &arguments, "");
            let outcome = expected.split(':').next().unwrap_or_default();
            let (verdict, exit) = outcome.split_once(", exit ").unwrap_or((outcome, "?"));
            let said = ran.out.split(':').next().unwrap_or_default();
            if ran.code.to_string() != exit.trim() || said != verdict.trim() {
                wrong.push(format!("{readme}: {command}\n  says `{expected}`, is `{said}`, exit {}\n{}", ran.code, ran.err));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 20, "only {count} commands were found");
}

#[test]
fn a_folder_of_examples_is_read_without_its_subfolders() {
    let folder =
        Folder::with(&[("mesh/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"), ("mesh/sub/bad.yaml", "{")]);
    let ran = folder.run(&["simulate", "request", "-f", "mesh", "--to", "x.a:80"]);
    assert!(ran.err.contains("no service `x.a`"), "{ran:?}");
    let ran = folder.run(&["simulate", "request", "-R", "-f", "mesh", "--to", "x.a:80"]);
    assert!(ran.err.contains("bad.yaml"), "{ran:?}");
}
