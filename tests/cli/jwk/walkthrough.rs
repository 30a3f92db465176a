//! The walk through `examples/jwt-walkthrough/README.md` ends, command by command, as it says.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use crate::run::root;

/// Commands of the blocks of shell, and the comment after each: `# exit N[: why]`.
fn commands(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut command = String::new();
    let mut is_shell = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => is_shell = language == "sh",
            None if !is_shell => {}
            None => match line.strip_prefix("# ") {
                Some(comment) => found.push((std::mem::take(&mut command), comment.to_owned())),
                None => command.push_str(line),
            },
        }
    }
    assert!(command.is_empty(), "no comment follows `{command}`");
    found
}

#[test]
fn the_walk_from_key_to_verdict_ends_as_it_says() {
    if Command::new("openssl").arg("version").output().is_err() {
        std::io::stderr().write_all(b"SKIPPED the_walk_from_key_to_verdict_ends_as_it_says: no openssl\n").unwrap();
        return;
    }
    let text = fs::read_to_string(root().join("examples/jwt-walkthrough/README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_meshsec")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let commands = commands(&text);
    assert!(commands.len() >= 35, "only {} commands were found", commands.len());
    let mut wrong = Vec::new();
    for (command, expected) in commands {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env_remove("MESHSEC_PASSWORD")
            .env("MESHES", root().join("examples/online-boutique"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let says = expected.split(':').next().unwrap_or_default().trim();
        let is = format!("exit {}", output.status.code().unwrap_or(-1));
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        // The reason that the README gives in figures and Envoy's words must be there too.
        let told = expected.split_once(": ").map(|(_, why)| why).unwrap_or_default();
        let phrases = ["Jwt is expired", "403", "401"].iter().filter(|phrase| told.contains(**phrase));
        let missing: Vec<&&str> = phrases.filter(|phrase| !out.contains(**phrase)).collect();
        if says != is || !missing.is_empty() {
            wrong.push(format!("{command}\n  says `{expected}`, is {is}, lacks {missing:?}\n{out}{err}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
