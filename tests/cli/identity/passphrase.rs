use std::fs;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use super::Ended;
use super::Site;

#[test]
fn a_passphrase_comes_from_the_file_or_the_environment_and_is_never_guessed() {
    let site = Site::empty();
    let file = |name: &str, text: &[u8]| fs::write(site.path(name), text).unwrap();
    file("right", b"correct horse\n");
    file("bare", b"correct horse");
    file("windows", b"correct horse\r\n");
    file("blank", b"correct horse \n");
    file("empty", b"\n");
    file("two", b"correct horse\nbattery\n");
    file("binary", b"\xff\xfe\n");
    file("long", &[b'x'; 5000]);
    site.yes(&["ca", "init", "-q", "--password-file", "right"]);
    let with = |file: Option<&str>, variable: Option<&str>| {
        let flag: Vec<&str> = file.iter().flat_map(|file| ["--password-file", file]).collect();
        let arguments = [&["svid", "issue", "--service-account", "a/b", "--out", "out"][..], &flag].concat();
        let mut command = site.command(&arguments);
        command.envs(variable.map(|variable| ("MESHSEC_PASSWORD", variable)));
        Ended::of(&command.output().unwrap(), &arguments)
    };
    for (file, variable, problem) in [
        (None, None, Some("no passphrase was given")),
        (None, Some(""), Some("the passphrase in MESHSEC_PASSWORD is empty")),
        (None, Some("wrong"), Some("wrong passphrase for the private key of `default`")),
        (Some("blank"), None, Some("wrong passphrase")),
        (Some("empty"), None, Some("the passphrase in `empty` is empty")),
        (Some("two"), None, Some("has more than one line")),
        (Some("long"), None, Some("longer than 4096 bytes")),
        (Some("binary"), None, Some("cannot read `binary`")),
        (Some("none"), None, Some("cannot read `none`")),
        (Some("blank"), Some("correct horse"), Some("wrong passphrase")),
        (None, Some("correct horse"), None),
        (Some("right"), None, None),
        (Some("bare"), None, None),
        (Some("windows"), Some("wrong"), None),
    ] {
        let ended = with(file, variable);
        let expected = if problem.is_some() { 2 } else { 0 };
        assert_eq!(ended.code, Some(expected), "{file:?} {variable:?}: {ended:?}");
        assert!(ended.err.contains(problem.unwrap_or_default()), "{file:?} {variable:?}: {ended:?}");
        assert_eq!(fs::remove_dir_all(site.path("out")).is_ok(), problem.is_none(), "{file:?} {variable:?}");
    }
    let help = with(None, None).err;
    for way in ["--password-file", "MESHSEC_PASSWORD", "terminal"] {
        assert!(help.contains(way), "{help}");
    }
}

#[test]
fn keys_are_written_in_the_clear_only_when_that_is_said() {
    let site = Site::empty();
    let refused = site.run(&["ca", "init"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("--insecure-no-password"), "{refused:?}");
    assert!(site.names().is_empty(), "{:?}", site.names());
    fs::write(site.path("passphrase"), "secret").unwrap();
    site.yes(&["ca", "init", "--home", "closed", "--password-file", "passphrase"]);
    let open = site.run(&["ca", "init", "--home", "open", "--insecure-no-password"]);
    assert_eq!(open.code, Some(0), "{open:?}");
    assert!(open.err.contains("not encrypted"), "{open:?}");
    for (home, label) in [("closed", "-----BEGIN ENCRYPTED PRIVATE KEY-----"), ("open", "-----BEGIN PRIVATE KEY-----")] {
        let keys = site.path(home).join("keys");
        let texts: Vec<String> = super::names(&keys).iter().map(|name| fs::read_to_string(keys.join(name)).unwrap()).collect();
        assert_eq!(texts.len(), 2);
        assert!(texts.iter().all(|text| text.starts_with(label)), "{home}");
    }
}

#[test]
fn openssl_opens_a_key_with_the_passphrase_and_not_without() {
    let site = Site::empty();
    fs::write(site.path("passphrase"), "secret").unwrap();
    fs::write(site.path("wrong"), "secre").unwrap();
    site.yes(&["ca", "init", "--password-file", "passphrase", "-q"]);
    let home = site.home();
    let key = home.key_path(&home.ledger().authority("root").unwrap().id);
    let openssl = |file: &str| {
        let pass = format!("file:{}", site.path(file).display());
        Command::new("openssl").args(["pkey", "-noout", "-text_pub", "-passin", &pass, "-in"]).arg(&key).output()
    };
    let Ok(right) = openssl("passphrase") else {
        eprintln!("skipped: openssl_opens_a_key_with_the_passphrase_and_not_without: no openssl");
        return;
    };
    assert!(right.status.success(), "{}", String::from_utf8_lossy(&right.stderr));
    assert!(String::from_utf8_lossy(&right.stdout).contains("prime256v1"));
    assert!(!openssl("wrong").unwrap().status.success());
}

/// Runs the program on a terminal of its own and types these lines.
fn on_terminal(site: &Site, arguments: &str, typed: &str) -> Option<Ended> {
    let program = env!("CARGO_BIN_EXE_meshsec");
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &format!("{program} {arguments}"), "/dev/null"])
        .current_dir(site.path(""))
        .env_remove("MESHSEC_PASSWORD")
        .env("MESHSEC_HOME", site.path("home"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut terminal = child.stdin.take().unwrap();
    for line in typed.lines() {
        // Typed only after the prompt: switching the echo off throws away what was typed before.
        std::thread::sleep(std::time::Duration::from_millis(700));
        let _ = writeln!(terminal, "{line}");
    }
    let output = child.wait_with_output().unwrap();
    drop(terminal);
    Some(Ended::of(&output, &[arguments]))
}

#[test]
fn on_a_terminal_a_new_passphrase_is_asked_for_twice_and_an_old_one_once() {
    let site = Site::empty();
    let Some(differ) = on_terminal(&site, "ca init -q", "correct horse\ncorrect house\n") else {
        eprintln!("skipped: on_a_terminal_a_new_passphrase_is_asked_for_twice_and_an_old_one_once: no script");
        return;
    };
    assert_eq!(differ.code, Some(2), "{differ:?}");
    assert!(differ.out.contains("the two passphrases differ"), "{differ:?}");
    assert!(!differ.out.contains("horse"), "what is typed is not shown: {differ:?}");
    assert!(site.names().is_empty());
    let empty = on_terminal(&site, "ca init -q", "\n").unwrap();
    assert_eq!(empty.code, Some(2), "{empty:?}");
    let made = on_terminal(&site, "ca init -q", "correct horse\ncorrect horse\n").unwrap();
    assert_eq!(made.code, Some(0), "{made:?}");
    let wrong = on_terminal(&site, "svid issue --service-account a/b --out out", "correct house\n").unwrap();
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.out.contains("wrong passphrase"), "{wrong:?}");
    let issued = on_terminal(&site, "svid issue --service-account a/b --out out", "correct horse\n").unwrap();
    assert_eq!(issued.code, Some(0), "{issued:?}");
    assert!(site.path("out").exists());
}
