use std::fs;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;

use meshsec::store::Home;

use super::Ended;
use super::Site;
use super::rows;

/// An authority with an identity issued, and a backup of it under `secret`.
fn backed_up() -> Site {
    let site = Site::new();
    fs::write(site.path("passphrase"), "secret\n").unwrap();
    fs::write(site.path("wrong"), "secre\n").unwrap();
    site.yes(&["svid", "issue", "--service-account", "shop/web", "--out", "out", "-q"]);
    let said = site.yes(&["ca", "backup", "-o", "backup.age", "--password-file", "passphrase"]);
    assert_eq!(said, "2 authorities with their keys and 3 certificates in backup.age\n");
    site
}

#[test]
fn a_restored_authority_is_the_one_that_was_backed_up_and_goes_on_issuing() {
    let site = backed_up();
    site.yes(&["ca", "restore", "backup.age", "--home", "restored", "--password-file", "passphrase", "-q"]);
    let restored = Home::open(&site.path("restored")).unwrap();
    assert_eq!(rows(&restored), rows(&site.home()));
    assert_eq!(restored.ledger().authorities().unwrap(), site.home().ledger().authorities().unwrap());
    drop(restored);
    site.yes(&["svid", "issue", "--service-account", "shop/web", "--out", "out", "-q", "--home", "restored"]);
}

#[test]
fn a_backup_is_not_restored_unless_everything_is_right() {
    let site = backed_up();
    let bytes = fs::read(site.path("backup.age")).unwrap();
    fs::write(site.path("short.age"), &bytes[..bytes.len() - 100]).unwrap();
    fs::write(site.path("text.age"), "hello\n").unwrap();
    let names = site.names();
    for (arguments, code, message) in [
        ("ca restore backup.age --home home --password-file passphrase", 2, "exists and is not empty"),
        ("ca restore backup.age --home new --password-file wrong", 2, "wrong passphrase for the backup `backup.age`"),
        ("ca restore backup.age --home new", 2, "no passphrase was given"),
        ("ca restore short.age --home new --password-file passphrase", 2, "the backup `short.age` is damaged"),
        ("ca restore text.age --home new --password-file passphrase", 2, "`text.age` is no backup of an authority"),
        ("ca restore none.age --home new --password-file passphrase", 2, "cannot read `none.age`"),
        ("ca backup -o backup.age --password-file passphrase", 2, "`backup.age` exists already"),
        ("ca backup -o none/b.age --password-file passphrase", 3, "none/b.age"),
        ("ca backup -o new.age --home none --password-file passphrase", 2, "`none` does not exist"),
    ] {
        let ended = site.run(&arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(ended.code, Some(code), "{ended:?}");
        assert!(ended.err.contains(message) && ended.out.is_empty(), "{ended:?}");
    }
    assert_eq!(site.names(), names, "nothing was made");
    assert_eq!(fs::read(site.path("backup.age")).unwrap(), bytes);
}

/// Runs the `age` program on a terminal, where it asks for the passphrase.
fn age(site: &Site, arguments: &str, answers: &str) -> Option<Ended> {
    Command::new("age").arg("--version").output().ok()?;
    let mut command = Command::new("script");
    command
        .args(["--quiet", "--return", "--command", &format!("age {arguments}"), "/dev/null"])
        .current_dir(site.path(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut terminal = child.stdin.take().unwrap();
    for line in answers.lines() {
        std::thread::sleep(std::time::Duration::from_millis(500));
        let _ = writeln!(terminal, "{line}");
    }
    let output = child.wait_with_output().unwrap();
    drop(terminal);
    Some(Ended::of(&output, &[arguments]))
}

#[test]
fn the_age_program_opens_our_backup_and_we_open_what_it_encrypted() {
    let site = backed_up();
    let Some(opened) = age(&site, "-d -o backup.tar backup.age", "secret\n") else {
        eprintln!("skipped: the_age_program_opens_our_backup_and_we_open_what_it_encrypted: no age, or no script");
        return;
    };
    assert_eq!(opened.code, Some(0), "{opened:?}");
    let refused = age(&site, "-d -o wrong.tar backup.age", "secre\n").unwrap();
    assert_ne!(refused.code, Some(0), "{refused:?}");
    let again = age(&site, "-p -o again.age backup.tar", "other secret\nother secret\n").unwrap();
    assert_eq!(again.code, Some(0), "{again:?}");
    fs::write(site.path("other"), "other secret").unwrap();
    site.yes(&["ca", "restore", "again.age", "--home", "restored", "--password-file", "other", "-q"]);
    assert_eq!(rows(&Home::open(&site.path("restored")).unwrap()), rows(&site.home()));
}
