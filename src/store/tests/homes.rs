use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::pki::PrivateKey;
use crate::store::Existing;
use crate::store::read_private;
use crate::store::write_private;
use crate::store::write_public;

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_home_and_everything_in_it_is_its_owners_alone() {
    let (folder, home) = make_home();
    assert_eq!(names(folder.path()), ["home"]);
    assert_eq!(mode(home.path()), 0o700);
    let id = default_authority(&home).id;
    assert_eq!(mode(&home.key_path(&id)), 0o600);
    assert_eq!(mode(&home.path().join("keys")), 0o700);
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        assert_eq!(mode(&home.path().join(name)), 0o600, "{name}");
    }
}

#[test]
fn a_home_that_is_not_committed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a").join("home");
    drop(Home::create(&path, &settings(), now()).unwrap());
    assert!(names(path.parent().unwrap()).is_empty());
    assert!(matches!(Home::open(&path), Err(StoreError::Missing(_))));
}

#[test]
fn an_empty_directory_becomes_a_home_and_anything_else_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("empty")).unwrap();
    chmod(&path("empty"), 0o755);
    let home = make_home_at(&path("empty"), &KeyEncryption::Plain);
    assert_eq!(mode(home.path()), 0o700);
    fs::create_dir(path("full")).unwrap();
    fs::write(path("full").join("note"), "mine").unwrap();
    fs::write(path("file"), "mine").unwrap();
    std::os::unix::fs::symlink(path("nowhere"), path("link")).unwrap();
    for (name, is_right) in [
        ("empty", (|error| matches!(error, StoreError::Exists(_))) as fn(&StoreError) -> bool),
        ("full", |error| matches!(error, StoreError::Exists(_))),
        ("file", |error| matches!(error, StoreError::WrongKind(..))),
        ("link", |error| matches!(error, StoreError::Symlink(_))),
        ("link/", |error| matches!(error, StoreError::Symlink(_))),
    ] {
        let error = Home::create(&path(name), &settings(), now()).unwrap_err();
        assert!(is_right(&error), "{name}: {error}");
    }
    assert_eq!(names(folder.path()), ["empty", "file", "full", "link"]);
    assert_eq!(fs::read_to_string(path("full").join("note")).unwrap(), "mine");
}

#[test]
fn journals_may_be_there_before_the_authority_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home");
    fs::create_dir_all(path.join("apply")).unwrap();
    fs::write(path.join("apply").join("run.json"), "{}").unwrap();
    chmod(&path, 0o755);
    drop(Home::create(&path, &settings(), now()).unwrap());
    assert_eq!((names(&path), names(folder.path())), (vec!["apply".to_owned()], vec!["home".to_owned()]));
    let home = make_home_at(&path, &KeyEncryption::Plain);
    assert_eq!(mode(home.path()), 0o700);
    assert_eq!(fs::read_to_string(path.join("apply").join("run.json")).unwrap(), "{}");
    assert_eq!(names(folder.path()), ["home"]);
    assert!(matches!(Home::create(&path, &settings(), now()), Err(StoreError::Exists(_))));
    let other = folder.path().join("other");
    fs::create_dir_all(other.join("apply")).unwrap();
    fs::write(other.join("note"), "mine").unwrap();
    assert!(matches!(Home::create(&other, &settings(), now()), Err(StoreError::Exists(_))), "beside journals there is more");
}

#[test]
fn the_second_of_two_makers_is_refused_and_the_first_ones_home_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home");
    let slow = Home::create(&path, &settings(), now()).unwrap();
    let id = default_authority(&make_home_at(&path, &KeyEncryption::Plain)).id;
    assert!(matches!(slow.commit(), Err(StoreError::Exists(_))));
    assert_eq!(default_authority(&Home::open(&path).unwrap()).id, id);
    assert_eq!(names(folder.path()), ["home"]);
}

#[test]
fn a_home_that_cannot_be_trusted_is_not_opened() {
    let (folder, home) = make_home();
    let path = home.path().to_owned();
    drop(home);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    for path in [link.clone(), link.join("")] {
        assert!(matches!(Home::open(&path), Err(StoreError::Symlink(_))), "{}", path.display());
    }
    for wrong in [0o750, 0o701, 0o777] {
        chmod(&path, wrong);
        let error = Home::open(&path).unwrap_err();
        assert!(matches!(error, StoreError::OpenToOthers { mode, .. } if mode == wrong), "{wrong:o}: {error}");
    }
    chmod(&path, 0o700);
    chmod(&path.join("ledger.db"), 0o644);
    assert!(matches!(Home::open(&path), Err(StoreError::OpenToOthers { .. })));
    chmod(&path.join("ledger.db"), 0o600);
    fs::rename(path.join("ledger.db"), folder.path().join("ledger.db")).unwrap();
    assert!(matches!(Home::open(&path), Err(StoreError::NotAHome(_))));
    std::os::unix::fs::symlink(folder.path().join("ledger.db"), path.join("ledger.db")).unwrap();
    assert!(matches!(Home::open(&path), Err(StoreError::Symlink(_))));
    assert!(matches!(Home::open(&link.join("..").join("none")), Err(StoreError::Missing(_))));
    assert!(matches!(Home::open(&folder.path().join("ledger.db")), Err(StoreError::WrongKind(..))));
}

#[test]
fn a_key_that_does_not_fit_is_not_signed_with() {
    let folder = tempfile::tempdir().unwrap();
    let home = make_home_at(&folder.path().join("home"), &KeyEncryption::Passphrase(PASSPHRASE));
    let authority = default_authority(&home);
    let path = home.key_path(&authority.id);
    let load = |passphrase| home.load_signer(&authority, passphrase);
    assert_eq!(load(Some(PASSPHRASE)).unwrap().certificate(), &authority.certificate);
    assert!(matches!(load(Some("wrong")), Err(StoreError::PassphraseWrong(_))));
    assert!(matches!(load(None), Err(StoreError::PassphraseMissing(_))));
    let text = read_private(&path).unwrap();
    chmod(&path, 0o640);
    assert!(matches!(load(Some(PASSPHRASE)), Err(StoreError::OpenToOthers { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(load(Some(PASSPHRASE)), Err(StoreError::KeyMissing { .. })));
    home.write_key(&authority.id, text.split_at(text.len() / 2).0).unwrap();
    assert!(matches!(load(Some(PASSPHRASE)), Err(StoreError::Key { .. })));
    assert!(matches!(home.write_key(&authority.id, &text), Err(StoreError::FileExists(_))), "a key is never replaced");
    let other = TestEntropy.private_key(KeyType::EcdsaP256).unwrap().to_pem(&KeyEncryption::Plain, &mut TestEntropy).unwrap();
    write_private(&path, other.as_bytes(), Existing::Replace).unwrap();
    assert!(matches!(load(None), Err(StoreError::KeyMismatch { .. })));
    assert!(PrivateKey::from_pem(&other, None).is_ok());
}

#[test]
fn sweeping_removes_old_keys_that_no_row_names_and_nothing_else() {
    let (_folder, home) = make_home();
    let keys = home.path().join("keys");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3700);
    let place = |name: &str, is_old: bool| {
        fs::write(keys.join(name), "x").unwrap();
        if is_old {
            fs::File::options().write(true).open(keys.join(name)).unwrap().set_modified(old).unwrap();
        }
    };
    place("00112233445566778899aabbccddeeff00112233.pem", true);
    place("10112233445566778899aabbccddeeff00112233.pem", false);
    place(".0.pem.1-0-0.tmp", true);
    place("notes.txt", true);
    place("README.pem", true);
    for authority in home.ledger().authorities().unwrap() {
        let file = fs::File::options().write(true).open(home.key_path(&authority.id)).unwrap();
        file.set_modified(old).unwrap();
    }
    let removed: Vec<String> =
        home.sweep().unwrap().iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(removed, [".0.pem.1-0-0.tmp", "00112233445566778899aabbccddeeff00112233.pem"]);
    assert_eq!(names(&keys).len(), 5);
    assert!(home.sweep().unwrap().is_empty());
}

#[test]
fn files_appear_whole_with_their_mode_and_keep_what_they_must() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write_private(&path("key"), b"one", Existing::Keep).unwrap();
    write_public(&path("certificate"), b"two", Existing::Keep).unwrap();
    assert_eq!((mode(&path("key")), mode(&path("certificate"))), (0o600, 0o644));
    assert!(matches!(write_private(&path("key"), b"three", Existing::Keep), Err(StoreError::FileExists(_))));
    assert_eq!(read_private(&path("key")).unwrap().as_str(), "one");
    chmod(&path("key"), 0o644);
    write_private(&path("key"), b"four", Existing::Replace).unwrap();
    assert_eq!((mode(&path("key")), read_private(&path("key")).unwrap().as_str()), (0o600, "four"));
    assert!(matches!(write_private(&path("none/key"), b"", Existing::Keep), Err(StoreError::Io { .. })));
    std::os::unix::fs::symlink(path("key"), path("link")).unwrap();
    assert!(matches!(read_private(&path("link")), Err(StoreError::Symlink(_))));
    write_private(&path("link"), b"five", Existing::Replace).unwrap();
    assert_eq!(read_private(&path("key")).unwrap().as_str(), "four", "a link is replaced, not followed");
    assert_eq!(names(folder.path()), ["certificate", "key", "link"]);
}

#[test]
fn what_a_dead_writer_left_is_removed_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(61);
    for (name, is_old) in
        [(".key.7-0-1f.tmp", true), (".key.8-0-1f.tmp", false), (".key.pem.7-0-1f.tmp", true), (".key.tmp", true)]
    {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        if is_old {
            file.set_modified(old).unwrap();
        }
    }
    let directory = folder.path().join(".key.9-0-1f.tmp");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("half"), "").unwrap();
    fs::File::open(&directory).unwrap().set_modified(old).unwrap();
    write_private(&folder.path().join("key"), b"", Existing::Keep).unwrap();
    assert_eq!(names(folder.path()), [".key.8-0-1f.tmp", ".key.pem.7-0-1f.tmp", ".key.tmp", "key"]);
}

#[test]
fn a_pipe_in_the_place_of_a_file_stays_and_is_never_given_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let refused = write_private(&pipe, b"key", Existing::Replace);
    assert!(matches!(refused, Err(StoreError::WrongKind(..))), "{refused:?}");
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    write_public(&pipe, b"certificate", Existing::Replace).unwrap();
    assert_eq!(reader.join().unwrap(), b"certificate");
    assert!(!fs::metadata(&pipe).unwrap().is_file());
}
