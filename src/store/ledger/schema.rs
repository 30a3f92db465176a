use std::path::Path;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::ledger::connection::is_ours;
use crate::store::ledger::row::Fault;

/// The steps from an empty file to the present schema. A step that was released is never changed; a change is a step of its own.
pub(in crate::store) const MIGRATIONS: &[&str] = &[FIRST];

const FIRST: &str = "
    CREATE TABLE migrations (
        version INTEGER PRIMARY KEY,
        applied_at INTEGER NOT NULL,
        program TEXT NOT NULL
    ) STRICT;

    CREATE TABLE settings (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        trust_domain TEXT NOT NULL,
        max_svid_ttl_seconds INTEGER NOT NULL CHECK (max_svid_ttl_seconds > 0),
        are_keys_encrypted INTEGER NOT NULL CHECK (are_keys_encrypted IN (0, 1)),
        bundle_sequence INTEGER NOT NULL CHECK (bundle_sequence >= 0),
        created_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE authorities (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('root', 'intermediate')),
        parent TEXT REFERENCES authorities (id),
        trust_domain TEXT NOT NULL,
        state TEXT CHECK (state IN ('prepared', 'active', 'old', 'tainted', 'revoked')),
        key_type TEXT NOT NULL,
        serial BLOB NOT NULL,
        certificate BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        retired_at INTEGER,
        CHECK ((kind = 'root') = (state IS NOT NULL)),
        CHECK ((kind = 'root') = (parent IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX authorities_name ON authorities (ifnull(parent, ''), name) WHERE retired_at IS NULL;
    CREATE UNIQUE INDEX authorities_active ON authorities (state) WHERE state = 'active';
    CREATE UNIQUE INDEX authorities_prepared ON authorities (state) WHERE state = 'prepared';

    CREATE TABLE certificates (
        number INTEGER PRIMARY KEY,
        issuer TEXT NOT NULL REFERENCES authorities (id),
        serial BLOB NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('root', 'intermediate', 'issue', 'sign', 'renew')),
        spiffe_id TEXT,
        namespace TEXT,
        service_account TEXT,
        dns_names TEXT NOT NULL,
        not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL,
        issued_at INTEGER NOT NULL,
        fingerprint BLOB NOT NULL,
        output TEXT,
        renewed_from_issuer TEXT,
        renewed_from_serial BLOB,
        certificate BLOB NOT NULL,
        UNIQUE (issuer, serial),
        FOREIGN KEY (renewed_from_issuer, renewed_from_serial) REFERENCES certificates (issuer, serial)
    ) STRICT;
    CREATE INDEX certificates_spiffe_id ON certificates (spiffe_id);
    CREATE INDEX certificates_serial ON certificates (serial);
    CREATE INDEX certificates_not_after ON certificates (not_after);
    CREATE INDEX certificates_renewed_from ON certificates (renewed_from_issuer, renewed_from_serial)
        WHERE renewed_from_serial IS NOT NULL;

    -- A certificate that another program signed with an exported key can be revoked too, so there may be no row for it above.
    CREATE TABLE revocations (
        issuer TEXT NOT NULL REFERENCES authorities (id),
        serial BLOB NOT NULL,
        reason TEXT NOT NULL,
        revoked_at INTEGER NOT NULL,
        PRIMARY KEY (issuer, serial)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE crls (
        issuer TEXT NOT NULL REFERENCES authorities (id),
        number INTEGER NOT NULL CHECK (number > 0),
        this_update INTEGER NOT NULL,
        next_update INTEGER NOT NULL,
        list BLOB NOT NULL,
        PRIMARY KEY (issuer, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE jwt_keys (
        kid TEXT PRIMARY KEY,
        public_jwk TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        retired_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX jwt_keys_active ON jwt_keys (ifnull(retired_at, 0)) WHERE retired_at IS NULL;

    -- An intermediate follows its root, unless it was revoked or replaced itself.
    CREATE VIEW authority_states AS
        SELECT own.id AS id,
            ifnull(own.parent, own.id) AS root,
            CASE
                WHEN own.kind = 'root' THEN own.state
                WHEN EXISTS (SELECT 1 FROM revocations WHERE issuer = own.parent AND serial = own.serial) THEN 'revoked'
                WHEN own.retired_at IS NOT NULL AND above.state IN ('prepared', 'active') THEN 'old'
                ELSE above.state
            END AS state
        FROM authorities AS own LEFT JOIN authorities AS above ON above.id = own.parent;
";

/// A ledger's schema beside the program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Earlier,
    Present,
}

/// How old the schema is. One that is later than the program's is refused: its rows may mean what this program cannot know.
pub(super) fn check(connection: &Connection, path: &Path, migrations: &[&str]) -> Result<Age, StoreError> {
    let unreadable = |error| StoreError::sql(path, error);
    let corrupt = |what: &str| StoreError::Corrupt { path: path.to_owned(), what: what.to_owned() };
    if !is_ours(connection).map_err(unreadable)? {
        return Err(corrupt("it is a database of another program"));
    }
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    match version(connection).map_err(unreadable)? {
        0 => Err(corrupt("it has no tables")),
        found if found == known => Ok(Age::Present),
        found if found < known => Ok(Age::Earlier),
        found => {
            let sql = "SELECT program FROM migrations WHERE version = ?1";
            let program = connection.query_row(sql, [found], |row| row.get(0));
            // Where a later schema keeps it is not known here.
            let program = program.unwrap_or_else(|_| "of an unknown version".to_owned());
            Err(StoreError::Newer { path: path.to_owned(), found, known, program })
        }
    }
}

/// Takes the steps that are missing. Runs inside a transaction, and looks again: another process may have been first.
pub(super) fn migrate(connection: &Connection, migrations: &[&str], now: Timestamp) -> Result<(), Fault> {
    let done = version(connection)?;
    for (version, step) in (1_u32..).zip(migrations).filter(|(version, _)| *version > done) {
        connection.execute_batch(step)?;
        connection.execute(
            "INSERT INTO migrations (version, applied_at, program) VALUES (?1, ?2, ?3)",
            (version, now.as_second(), env!("CARGO_PKG_VERSION")),
        )?;
        connection.pragma_update(None, "user_version", version)?;
    }
    Ok(())
}

fn version(connection: &Connection) -> Result<u32, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}
