use std::path::Path;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::OpenFlags;

use crate::store::StoreError;
use crate::store::ledger::PATIENCE;

/// Marks the file as a ledger of this program ("mesh").
const APPLICATION_ID: i32 = 0x6d65_7368;

/// Settings of a connection, none of which SQLite keeps in the file.
const PRAGMAS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
";

/// Opens a file that exists; an empty one becomes a ledger without tables.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match try_open(path) {
            // The last user of a ledger locks it for a moment while closing, and SQLite does not wait that long by itself.
            Err(error) if is_busy(&error) && Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            Ok((_, true)) => return Err(StoreError::ReadOnly(path.to_owned())),
            Ok((connection, false)) => return Ok(connection),
            Err(error) => return Err(StoreError::sql(path, error)),
        }
    }
}

/// The connection, and whether it can only read.
fn try_open(path: &Path) -> Result<(Connection, bool), rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    connection.execute_batch(PRAGMAS)?;
    if connection.is_readonly("main")? {
        return Ok((connection, true));
    }
    // The first read opens the write-ahead log, and from then on nobody else can close it under us.
    let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    if pages == 0 {
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode != "wal" {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    }
    Ok((connection, false))
}

/// Opens a file that nobody else uses, to read it.
pub(super) fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    Connection::open_with_flags(path, flags).map_err(|error| StoreError::sql(path, error))
}

/// Whether the file is marked as a ledger of this program.
pub(super) fn is_ours(connection: &Connection) -> Result<bool, rusqlite::Error> {
    connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map(|id: i32| id == APPLICATION_ID)
}

/// Takes the write lock.
pub(super) fn begin(connection: &Connection) -> Result<(), rusqlite::Error> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match connection.execute_batch("BEGIN IMMEDIATE") {
            Err(error) if is_busy(&error) && Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            other => return other,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// SQLite's own check of every page, and of every reference between rows.
pub(super) fn verify(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let corrupt = |what: String| StoreError::Corrupt { path: path.to_owned(), what };
    let unreadable = |error| StoreError::sql(path, error);
    let found: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(unreadable)?;
    if found != "ok" {
        return Err(corrupt(found));
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check").map_err(unreadable)?;
    let mut rows = statement.query([]).map_err(unreadable)?;
    match rows.next().map_err(unreadable)? {
        None => Ok(()),
        Some(row) => {
            let table: String = row.get(0).map_err(unreadable)?;
            Err(corrupt(format!("a row of `{table}` refers to one that is not there")))
        }
    }
}
