use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::Site;
use super::names;

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A copy of the home, changed.
fn changed(site: &Site, name: &str, change: impl FnOnce(&Path)) {
    let path = site.path(name);
    fs::create_dir(&path).unwrap();
    fs::create_dir(path.join("keys")).unwrap();
    for folder in ["", "keys"] {
        for file in names(&site.path("home").join(folder)) {
            let from = site.path("home").join(folder).join(&file);
            if from.is_file() {
                fs::copy(from, path.join(folder).join(file)).unwrap();
            }
        }
    }
    chmod(&path, 0o700);
    change(&path);
}

fn overwrite(path: &Path, at: usize, bytes: &[u8]) {
    let mut whole = fs::read(path).unwrap();
    whole[at..at + bytes.len()].copy_from_slice(bytes);
    fs::write(path, whole).unwrap();
}

#[test]
fn a_home_that_is_not_one_is_refused_with_what_to_do() {
    let site = Site::new();
    let ledger = |path: &Path| path.join("ledger.db");
    changed(&site, "open", |path| chmod(path, 0o750));
    changed(&site, "open-ledger", |path| chmod(&ledger(path), 0o644));
    changed(&site, "no-ledger", |path| fs::remove_file(ledger(path)).unwrap());
    changed(&site, "text", |path| fs::write(ledger(path), "not a ledger, and long enough to be read as one".repeat(99)).unwrap());
    changed(&site, "empty-ledger", |path| fs::write(ledger(path), "").unwrap());
    changed(&site, "cut-off", |path| {
        let bytes = fs::read(ledger(path)).unwrap();
        fs::write(ledger(path), &bytes[..bytes.len() / 2]).unwrap();
    });
    // The schema's version stands at byte 60 of an SQLite file, the application's mark at byte 68.
    changed(&site, "newer", |path| overwrite(&ledger(path), 60, &99_u32.to_be_bytes()));
    changed(&site, "stranger", |path| overwrite(&ledger(path), 68, &[0; 4]));
    symlink(site.path("home"), site.path("link")).unwrap();
    fs::write(site.path("file"), "").unwrap();
    fs::create_dir(site.path("empty")).unwrap();
    chmod(&site.path("empty"), 0o700);
    let before = site.names();
    for (home, message, help) in [
        ("missing", "`missing` does not exist", "meshsec ca init"),
        ("link", "`link` is a symbolic link", "the directory or file itself"),
        ("link/", "`link` is a symbolic link", "the directory or file itself"),
        ("file", "`file` is not a directory", ""),
        ("empty", "`empty` is no authority's home", "--home"),
        ("no-ledger", "`no-ledger` is no authority's home", "--home"),
        ("open", "`open` is open to others than its owner (mode 0750)", "chmod 700 open"),
        ("open-ledger", "`open-ledger/ledger.db` is open to others", "chmod 600 open-ledger/ledger.db"),
        ("text", "the ledger `text/ledger.db` is damaged: file is not a database", "meshsec ca restore"),
        ("empty-ledger", "the ledger `empty-ledger/ledger.db` is damaged: it has no tables", "meshsec ca restore"),
        ("cut-off", "the ledger `cut-off/ledger.db` is damaged", "meshsec ca restore"),
        ("newer", "the ledger `newer/ledger.db` has schema 99, written by meshsec", "the version that wrote it"),
        ("stranger", "the ledger `stranger/ledger.db` is damaged: it is a database of another program", "meshsec ca restore"),
    ] {
        for run in
            [&["ca", "show", "--home", home][..], &["svid", "issue", "--service-account", "a/b", "--out", "out", "--home", home]]
        {
            let ended = site.run(run);
            assert_eq!(ended.code, Some(2), "{home}: {ended:?}");
            assert!(ended.out.is_empty(), "{home}: {ended:?}");
            let (first, rest) = ended.err.split_once('\n').unwrap();
            assert!(first.starts_with("error: ") && first.contains(message), "{home}: {ended:?}");
            assert!(rest.contains(help) && rest.is_empty() == help.is_empty(), "{home}: {ended:?}");
        }
    }
    assert_eq!(site.names(), before, "nothing was written");
}

#[test]
fn an_authority_is_never_made_over_something() {
    let site = Site::new();
    let before = fs::read(site.path("home").join("ledger.db")).unwrap();
    fs::create_dir(site.path("full")).unwrap();
    fs::write(site.path("full").join("mine"), "").unwrap();
    symlink(site.path("nowhere"), site.path("link")).unwrap();
    fs::write(site.path("file"), "").unwrap();
    let names = site.names();
    for (home, message) in [
        ("home", "exists and is not empty"),
        ("full", "exists and is not empty"),
        ("link", "is a symbolic link"),
        ("file", "is not a directory"),
        ("file/below", ""),
    ] {
        let ended = site.run(&["ca", "init", "--insecure-no-password", "--home", home]);
        assert!(matches!(ended.code, Some(2 | 3)), "{home}: {ended:?}");
        assert!(ended.err.starts_with("error: ") && ended.err.contains(message), "{home}: {ended:?}");
        assert!(ended.out.is_empty(), "{home}: {ended:?}");
    }
    assert_eq!(site.names(), names);
    assert_eq!(fs::read(site.path("home").join("ledger.db")).unwrap(), before);
}

#[test]
fn a_key_that_is_not_what_it_should_be_signs_nothing() {
    let site = Site::new();
    let home = site.home();
    let key = home.key_path(&home.ledger().authority("default").unwrap().id);
    let other = home.key_path(&home.ledger().authority("root").unwrap().id);
    drop(home);
    let whole = fs::read(&key).unwrap();
    let set = |bytes: &[u8], mode| {
        let _ = fs::remove_file(&key);
        fs::write(&key, bytes).unwrap();
        chmod(&key, mode);
    };
    for (what, message) in [
        ("missing", "the private key of `default` is missing"),
        ("open", "is open to others than its owner"),
        ("another's", "does not belong to the certificate of `default`"),
        ("cut off", "cannot be used"),
        ("link", "is a symbolic link"),
    ] {
        match what {
            "missing" => fs::remove_file(&key).unwrap(),
            "open" => set(&whole, 0o640),
            "another's" => set(&fs::read(&other).unwrap(), 0o600),
            "cut off" => set(&whole[..whole.len() / 2], 0o600),
            _ => {
                fs::remove_file(&key).unwrap();
                symlink(&other, &key).unwrap();
            }
        }
        let ended = site.run(&["svid", "issue", "--service-account", "a/b", "--out", "out"]);
        assert_eq!(ended.code, Some(2), "{what}: {ended:?}");
        assert!(ended.err.contains(message), "{what}: {ended:?}");
        assert!(!site.path("out").exists(), "{what}");
    }
    fs::remove_file(&key).unwrap();
    set(&whole, 0o600);
    site.yes(&["svid", "issue", "--service-account", "a/b", "--out", "out"]);
    assert_eq!(super::rows(&site.home()).len(), 1);
}

#[test]
fn the_home_is_where_flag_variable_or_data_directory_say() {
    let site = Site::empty();
    let at = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = site.command(&[&["ca", "show"], arguments].concat());
        for name in ["MESHSEC_HOME", "XDG_DATA_HOME", "HOME"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        super::Ended::of(&command.output().unwrap(), arguments)
    };
    let (home, data) = (("HOME", "/nowhere/user"), ("XDG_DATA_HOME", "/nowhere/data"));
    for (variables, arguments, expected) in [
        (&[][..], &[][..], "nothing says where the authority lives"),
        (&[home], &[], "`/nowhere/user/.local/share/meshsec` does not exist"),
        (&[home, data], &[], "`/nowhere/data/meshsec` does not exist"),
        (&[home, ("XDG_DATA_HOME", "relative")], &[], "`/nowhere/user/.local/share/meshsec` does not exist"),
        (&[home, data, ("MESHSEC_HOME", "/nowhere/set")], &[], "`/nowhere/set` does not exist"),
        (&[home, ("MESHSEC_HOME", "")], &[], "`/nowhere/user/.local/share/meshsec` does not exist"),
        (&[home, data, ("MESHSEC_HOME", "/nowhere/set")], &["--home", "/nowhere/flag"], "`/nowhere/flag` does not exist"),
    ] {
        let ended = at(variables, arguments);
        assert_eq!(ended.code, Some(2), "{variables:?}: {ended:?}");
        assert!(ended.err.contains(expected), "{variables:?}: {ended:?}");
    }
}
