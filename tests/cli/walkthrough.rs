//! The walk through `examples/identity/README.md` ends, command by command, as it says.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::examples::commands;
use crate::run::root;

#[test]
fn the_walk_through_identities_ends_as_it_says() {
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: the_walk_through_identities_ends_as_it_says: no openssl");
        return;
    }
    let text = fs::read_to_string(root().join("examples/identity/README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_meshsec")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let commands = commands(&text);
    assert!(commands.len() >= 30, "only {} commands were found", commands.len());
    let mut wrong = Vec::new();
    for (command, expected) in commands {
        let output = Command::new("sh")
            .args(["-c", &command])
            .current_dir(folder.path())
            .env("PATH", &path)
            .env("MESHSEC_HOME", folder.path().join("ca"))
            .env("MESHSEC_PASSWORD", "correct horse battery staple")
            .env("MESHES", root().join("examples/online-boutique"))
            .output()
            .unwrap();
        let says = expected.split(':').next().unwrap_or_default().trim();
        let is = format!("exit {}", output.status.code().unwrap_or(-1));
        if says != is {
            wrong.push(format!("{command}\n  says `{expected}`, is {is}\n{}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
