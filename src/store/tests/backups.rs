use std::fs;
use std::io::Read;
use std::path::PathBuf;

use super::*;
use crate::store::CertificateFilter;
use crate::store::Order;
use crate::store::age;
use crate::store::issue_batch;

/// Little work for the passphrase, so that many backups can be tried.
const WORK: u8 = 4;
const SECRET: &str = "battery staple";

fn back_up(home: &Home, to: &Path) -> Result<crate::store::Backup, StoreError> {
    home.back_up_with(to, SECRET, WORK, &mut TestEntropy, now())
}

/// A home with some certificates, and a backup of it.
fn backed_up() -> (TempDir, Home, PathBuf) {
    let (folder, mut home) = make_home();
    let signer = home.load_signer(&default_authority(&home), None).unwrap();
    let accounts: Vec<String> = (0..300).map(|number| format!("a{number}")).collect();
    let sign = |account: &String, serial, _: &mut dyn Entropy| Ok::<_, StoreError>(signed(&signer, account, DAY, serial));
    issue_batch(home.ledger_mut(), &mut TestEntropy, &accounts, sign, |_| {}).unwrap();
    let path = folder.path().join("backup.age");
    let written = back_up(&home, &path).unwrap();
    assert_eq!((written.authorities, written.certificates), (2, 302));
    (folder, home, path)
}

#[test]
fn what_was_backed_up_is_there_again_and_signs() {
    let (folder, home, backup) = backed_up();
    let restored = Home::restore(&backup, SECRET, &folder.path().join("restored")).unwrap();
    assert_eq!(restored.ledger().authorities().unwrap(), home.ledger().authorities().unwrap());
    assert_eq!(restored.ledger().settings().unwrap(), home.ledger().settings().unwrap());
    let all = CertificateFilter { with_authorities: true, ..CertificateFilter::default() };
    let rows = |home: &Home| home.ledger().certificates(&all, Order::Recorded).unwrap();
    assert_eq!(rows(&restored), rows(&home));
    assert!(restored.load_signer(&default_authority(&restored), None).is_ok());
    let names: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_str().unwrap().starts_with('.')), "a copy was left behind: {names:?}");
}

#[test]
fn a_backup_replaces_nothing() {
    let (folder, home, backup) = backed_up();
    let before = fs::read(&backup).unwrap();
    assert!(matches!(back_up(&home, &backup), Err(StoreError::FileExists(_))));
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert!(matches!(back_up(&home, &folder.path().join("none/backup.age")), Err(StoreError::Io { .. })));
    for (place, is_right) in [
        (home.path().to_owned(), (|error| matches!(error, StoreError::Exists(_))) as fn(&StoreError) -> bool),
        (backup.clone(), |error| matches!(error, StoreError::WrongKind(..))),
    ] {
        let error = Home::restore(&backup, SECRET, &place).unwrap_err();
        assert!(is_right(&error), "{}: {error}", place.display());
    }
}

#[test]
fn a_backup_without_a_key_is_not_made() {
    let (folder, home, _) = backed_up();
    fs::remove_file(home.key_path(&default_authority(&home).id)).unwrap();
    let path = folder.path().join("second.age");
    assert!(matches!(back_up(&home, &path), Err(StoreError::KeyMissing { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "the home and the first backup");
}

/// Whether an error is the right one.
type Check = fn(&StoreError) -> bool;

#[test]
fn a_wrong_passphrase_and_foreign_files_are_told_apart() {
    let (folder, _home, backup) = backed_up();
    let restored = folder.path().join("restored");
    let written = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let encrypted = |name: &str, bytes: &[u8]| {
        let mut to = age::encrypt(Vec::new(), SECRET, WORK, &mut TestEntropy).unwrap();
        std::io::Write::write_all(&mut to, bytes).unwrap();
        written(name, &to.finish().unwrap())
    };
    let header = "age-encryption.org/v1\n-> X25519 TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc\nEmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U\n--- X\n";
    let heavy = "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\nAAAA\n--- X\n";
    let foreign: Check = |error| matches!(error, StoreError::NotABackup { .. });
    let damaged: Check = |error| matches!(error, StoreError::BackupDamaged { .. });
    for (what, path, passphrase, is_right) in [
        ("wrong passphrase", backup.clone(), "other", (|error| matches!(error, StoreError::BackupPassphrase(_))) as Check),
        ("no passphrase", backup.clone(), "", |error| matches!(error, StoreError::BackupPassphrase(_))),
        ("absent", folder.path().join("none"), SECRET, |error| matches!(error, StoreError::BackupUnreadable { .. })),
        ("empty", written("empty", b""), SECRET, foreign),
        ("text", written("text", b"hello\n"), SECRET, foreign),
        ("for a key", written("key", header.as_bytes()), SECRET, foreign),
        ("heavy", written("heavy", heavy.as_bytes()), SECRET, foreign),
        ("age with text in it", encrypted("a", &[b'x'; 1024]), SECRET, damaged),
        ("age with nothing in it", encrypted("b", b""), SECRET, damaged),
        ("age with an empty archive in it", encrypted("c", &[0; 1024]), SECRET, foreign),
    ] {
        let error = Home::restore(&path, passphrase, &restored).unwrap_err();
        assert!(is_right(&error), "{what}: {error}");
        assert!(!restored.exists(), "{what}");
    }
    assert!(fs::read_dir(folder.path()).unwrap().all(|entry| !entry.unwrap().file_name().to_str().unwrap().starts_with('.')));
}

#[test]
fn a_backup_that_was_cut_off_or_changed_anywhere_restores_nothing() {
    let (folder, _home, backup) = backed_up();
    let bytes = fs::read(&backup).unwrap();
    assert!(bytes.len() > 3 * 65536, "several chunks: {}", bytes.len());
    let restored = folder.path().join("restored");
    let header = bytes.windows(4).position(|window| window == b"\n---").unwrap() + 50;
    let places = (0..header).step_by(7).chain([header, header + 15, header + 16, header + 17]);
    let chunks = (1..4).flat_map(|chunk| [15, 16, 17].map(|by| header + chunk * 65552 + by));
    let places: Vec<usize> = places.chain(chunks).chain([bytes.len() - 17, bytes.len() - 16, bytes.len() - 1]).collect();
    let damaged = folder.path().join("damaged.age");
    for place in places {
        for (what, changed) in [
            ("cut off", bytes[..place].to_vec()),
            ("changed", {
                let mut bytes = bytes.clone();
                bytes[place] ^= 1;
                bytes
            }),
            ("inserted", [&bytes[..place], b"x", &bytes[place..]].concat()),
            ("left out", [&bytes[..place], &bytes[place + 1..]].concat()),
        ] {
            fs::write(&damaged, changed).unwrap();
            let error = Home::restore(&damaged, SECRET, &restored).unwrap_err();
            let is_right = matches!(
                error,
                StoreError::BackupDamaged { .. } | StoreError::BackupPassphrase(_) | StoreError::NotABackup { .. }
            );
            assert!(is_right && !restored.exists(), "{what} at {place}: {error}");
        }
    }
    fs::write(&damaged, [bytes.as_slice(), b"x"].concat()).unwrap();
    assert!(matches!(Home::restore(&damaged, SECRET, &restored), Err(StoreError::BackupDamaged { .. })));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn a_payload_of_any_length_comes_back() {
    for length in [0, 1, 65535, 65536, 65537, 131_071, 131_072, 131_073, 200_000] {
        let plain: Vec<u8> = (0..length).map(|number: usize| number.to_le_bytes()[0]).collect();
        let mut to = age::encrypt(Vec::new(), SECRET, WORK, &mut TestEntropy).unwrap();
        for part in plain.chunks(1000) {
            std::io::Write::write_all(&mut to, part).unwrap();
        }
        let sealed = to.finish().unwrap();
        let mut back = Vec::new();
        age::decrypt(sealed.as_slice(), SECRET).ok().unwrap().read_to_end(&mut back).unwrap();
        assert_eq!(back, plain, "{length}");
        if length > 0 {
            let mut short = age::decrypt(&sealed[..sealed.len() - 1], SECRET).ok().unwrap();
            assert!(short.read_to_end(&mut Vec::new()).is_err(), "{length}");
            assert!(short.read_to_end(&mut Vec::new()).is_err(), "{length}: an error is no end, when asked again");
        }
    }
}

#[test]
fn tar_lists_and_unpacks_what_is_inside() {
    let (folder, home, backup) = backed_up();
    let mut archive = Vec::new();
    age::decrypt(fs::File::open(&backup).unwrap(), SECRET).ok().unwrap().read_to_end(&mut archive).unwrap();
    let path = folder.path().join("backup.tar");
    fs::write(&path, &archive).unwrap();
    let Ok(listed) = std::process::Command::new("tar").arg("-tvf").arg(&path).output() else {
        eprintln!("skipped: tar_lists_and_unpacks_what_is_inside: no tar");
        return;
    };
    let listed = String::from_utf8(listed.stdout).unwrap();
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 4, "{listed}");
    assert!(lines.iter().all(|line| line.starts_with("-rw-------")), "{listed}");
    assert!(lines[0].contains("meshsec-backup") && lines[1].contains("ledger.db") && lines[2].contains("keys/"), "{listed}");
    let unpacked = folder.path().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    let status = std::process::Command::new("tar").arg("-xf").arg(&path).arg("-C").arg(&unpacked).status().unwrap();
    assert!(status.success());
    for authority in home.ledger().authorities().unwrap() {
        let key = fs::read(home.key_path(&authority.id)).unwrap();
        assert_eq!(fs::read(unpacked.join(format!("keys/{}.pem", authority.id))).unwrap(), key);
    }
}
