//! Ledgers that are damaged, foreign, older or newer.

use std::fs;

use rusqlite::Connection;

use super::*;
use crate::store::Ledger;
use crate::store::ledger::MIGRATIONS;

const NEXT: &str = "ALTER TABLE settings ADD COLUMN note TEXT";

/// A closed home's ledger.
fn closed() -> (TempDir, std::path::PathBuf) {
    let (folder, home) = make_home();
    let path = home.path().join("ledger.db");
    drop(home);
    assert!(!path.with_extension("db-wal").exists(), "a ledger that is closed is one file");
    (folder, path)
}

fn next() -> Vec<&'static str> {
    MIGRATIONS.iter().copied().chain([NEXT]).collect()
}

#[test]
fn a_ledger_that_is_none_is_refused_and_stays_as_it_is() {
    let (_folder, path) = closed();
    let whole = fs::read(&path).unwrap();
    let mut header = whole.clone();
    header[0] ^= 1;
    let mut stranger = whole.clone();
    stranger[68..72].copy_from_slice(&[0; 4]);
    let mut unmarked = whole.clone();
    unmarked[60..64].copy_from_slice(&[0; 4]);
    for (what, bytes, reason) in [
        ("empty", Vec::new(), "has no tables"),
        ("text", vec![b'x'; 5000], "not a database"),
        ("header", header, "not a database"),
        ("cut off", whole[..whole.len() / 2].to_vec(), "malformed"),
        ("of another program", stranger, "another program"),
        ("without a version", unmarked, "has no tables"),
    ] {
        fs::write(&path, &bytes).unwrap();
        let error = Home::open(path.parent().unwrap()).unwrap_err();
        assert!(matches!(&error, StoreError::Corrupt { what, .. } if what.contains(reason)), "{what}: {error:?}");
        assert!(what == "empty" || fs::read(&path).unwrap() == bytes, "{what}: it was changed");
    }
}

#[test]
fn damage_inside_is_found_by_looking() {
    let (_folder, path) = closed();
    let whole = fs::read(&path).unwrap();
    let mut found = 0;
    for page in 1..whole.len() / 4096 {
        let mut bytes = whole.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0xff);
        fs::write(&path, &bytes).unwrap();
        let looked = Home::open(path.parent().unwrap()).and_then(|home| {
            home.ledger().verify()?;
            home.ledger().authorities()
        });
        assert!(matches!(looked, Err(StoreError::Corrupt { .. })), "page {page}: {looked:?}");
        found += 1;
    }
    assert!(found > 10);
}

#[test]
fn values_that_make_no_sense_are_damage_and_not_passed_on() {
    for (sql, column) in [
        ("UPDATE settings SET trust_domain = 'UPPER'", "trust_domain"),
        ("UPDATE authorities SET key_type = 'dsa'", "key_type"),
        ("UPDATE authorities SET certificate = x'00'", "certificate"),
        ("UPDATE authorities SET trust_domain = ''", "trust_domain"),
        ("DELETE FROM settings", "settings"),
    ] {
        let (_folder, path) = closed();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        let read = Home::open(path.parent().unwrap()).and_then(|home| home.ledger().authorities());
        assert!(matches!(&read, Err(StoreError::Corrupt { what, .. }) if what.contains(column)), "{sql}: {read:?}");
    }
}

#[test]
fn a_newer_ledger_is_refused_and_says_who_wrote_it() {
    let (_folder, path) = closed();
    drop(Ledger::open_with(&path, &next()).unwrap());
    let before = fs::read(&path).unwrap();
    let error = Ledger::open(&path).unwrap_err();
    let expected = u32::try_from(MIGRATIONS.len()).unwrap();
    assert!(
        matches!(&error, StoreError::Newer { found, known, program, .. }
            if (*found, *known) == (expected + 1, expected) && program == env!("CARGO_PKG_VERSION")),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
    Connection::open(&path).unwrap().execute_batch("DROP TABLE migrations; PRAGMA user_version = 99").unwrap();
    let error = Ledger::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
}

#[test]
fn an_older_ledger_is_brought_up_in_one_step_that_may_fail() {
    let (_folder, path) = closed();
    let rows = |path: &Path| Ledger::open_with(path, &next()).and_then(|ledger| ledger.authorities());
    let half = [MIGRATIONS, &["ALTER TABLE settings ADD COLUMN note TEXT; ALTER TABLE nothing ADD COLUMN x TEXT"]].concat();
    assert!(Ledger::open_with(&path, &half).is_err());
    let authorities = Ledger::open(&path).unwrap().authorities().unwrap();
    assert_eq!(rows(&path).unwrap(), authorities);
    let connection = Connection::open(&path).unwrap();
    let read = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(read("PRAGMA user_version"), i64::try_from(next().len()).unwrap());
    assert_eq!(read("SELECT count(*) FROM migrations"), i64::try_from(next().len()).unwrap());
    assert_eq!(read("SELECT count(*) FROM pragma_table_info('settings') WHERE name = 'note'"), 1);
}

#[test]
fn many_may_bring_up_a_ledger_at_once() {
    let (_folder, path) = closed();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Ledger::open_with(&path, &next()).map(|_| ()))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(opened.iter().all(Result::is_ok), "{opened:?}");
}

#[test]
fn every_commit_is_brought_to_the_disk_and_what_is_deleted_is_wiped() {
    let (_folder, home) = make_home();
    let expected = [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("secure_delete", "1")];
    for (pragma, value) in expected {
        assert_eq!(home.ledger().pragma_for_test(pragma), value, "{pragma}");
    }
}

#[test]
fn a_full_ledger_is_a_full_disk() {
    let (_folder, mut home) = make_home();
    home.ledger().limit_pages_for_test();
    let signer = home.load_signer(&default_authority(&home), None).unwrap();
    let all = crate::store::CertificateFilter::default();
    let mut count = 0;
    let error = loop {
        let sign = |serial, _: &mut dyn Entropy| Ok::<_, StoreError>(signed(&signer, "web", DAY, serial));
        match crate::store::issue(home.ledger_mut(), &mut TestEntropy, sign) {
            Ok(_) => count += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::DiskFull(_)), "{error}");
    assert!(count > 0);
    assert_eq!(home.ledger().count_certificates(&all).unwrap(), count, "what was returned is there, and nothing else");
    home.ledger().verify().unwrap();
}
