//! The ledger: what was signed, by whom, and what became of it.
//!
//! One SQLite file in write-ahead mode. Every commit is on the disk before it returns (`synchronous = FULL`). Readers see a
//! consistent state and never wait; writers take the lock when their transaction begins and wait for it up to [`PATIENCE`].

mod authorities;
mod certificates;
mod connection;
mod filter;
mod jwt_keys;
mod revocations;
mod row;
mod schema;
mod settings;
mod values;

use std::ops::Deref;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;

use crate::store::StoreError;
use crate::store::files;

pub use authorities::Authority;
pub use authorities::NewAuthority;
pub use certificates::CertificateRecord;
pub use certificates::NewCertificate;
pub use filter::CertificateFilter;
pub use filter::Order;
pub use jwt_keys::JwtKeyRecord;
pub use revocations::Revocation;
pub use revocations::RevokedCertificate;
pub use revocations::StoredCrl;
pub(in crate::store) use schema::MIGRATIONS;
pub use settings::Settings;
pub use values::AuthorityId;
pub use values::AuthorityKind;
pub use values::AuthorityName;
pub use values::CertificateState;
pub use values::Origin;

/// How long a writer waits for the others.
pub(in crate::store) const PATIENCE: Duration = Duration::from_secs(120);

/// An open ledger.
#[derive(Debug)]
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
}

/// A ledger inside a transaction: it answers as the ledger does, and takes changes. They count once the transaction is committed.
#[derive(Debug)]
pub struct Transaction<'l> {
    ledger: &'l Ledger,
    is_open: bool,
}

impl Ledger {
    /// Makes a ledger where there is no file.
    pub(in crate::store) fn create(path: &Path, settings: &Settings, now: Timestamp) -> Result<Self, StoreError> {
        files::new_private(path).map_err(|error| StoreError::io("make", path, error))?;
        let mut ledger = Self { connection: connection::open(path)?, path: path.to_owned() };
        ledger.transaction(|transaction| {
            schema::migrate(&transaction.connection, MIGRATIONS, now).map_err(|fault| fault.at(path))?;
            transaction.insert_settings(settings, now)
        })?;
        Ok(ledger)
    }

    /// Opens a ledger, and brings one of an earlier schema to the present one.
    pub(in crate::store) fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_with(path, MIGRATIONS)
    }

    pub(in crate::store) fn open_with(path: &Path, migrations: &[&str]) -> Result<Self, StoreError> {
        let mut ledger = Self { connection: connection::open(path)?, path: path.to_owned() };
        if schema::check(&ledger.connection, path, migrations)? == schema::Age::Earlier {
            ledger.transaction(|transaction| {
                schema::migrate(&transaction.connection, migrations, Timestamp::now()).map_err(|fault| fault.at(path))
            })?;
        }
        // A ledger without its settings is damaged, and better noticed before anything is signed.
        ledger.settings()?;
        Ok(ledger)
    }

    /// Does what `work` says, all of it or nothing. The write lock is held from the beginning, so what `work` reads stays true.
    ///
    /// # Errors
    /// What `work` fails with, after undoing its changes; [`StoreError::Busy`] when the lock could not be had;
    /// [`StoreError::DiskFull`] when the commit found no space.
    pub fn transaction<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        connection::begin(&self.connection).map_err(|error| StoreError::sql(&self.path, error))?;
        let mut transaction = Transaction { ledger: self, is_open: true };
        let result = work(&transaction)?;
        transaction.connection.execute_batch("COMMIT").map_err(|error| StoreError::sql(&self.path, error))?;
        transaction.is_open = false;
        Ok(result)
    }

    /// Writes a consistent copy into a new file, while others go on writing here.
    pub(in crate::store) fn copy_into(&self, path: &Path) -> Result<(), StoreError> {
        files::new_private(path).map_err(|error| StoreError::io("make", path, error))?;
        let name = path.to_str().ok_or_else(|| StoreError::Name(path.display().to_string()))?;
        let copied = self.connection.execute("VACUUM INTO ?1", [name]);
        copied.map(|_| ()).map_err(|error| StoreError::sql(&self.path, error))
    }

    /// Opens a copy to read it; nothing appears beside it.
    pub(in crate::store) fn open_copy(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: connection::open_copy(path)?, path: path.to_owned() })
    }

    /// Reads every page and every reference.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] with what is wrong.
    pub fn verify(&self) -> Result<(), StoreError> {
        connection::verify(&self.connection, &self.path)
    }

    #[cfg(test)]
    pub(in crate::store) fn pragma_for_test(&self, name: &str) -> String {
        let read = |row: &rusqlite::Row<'_>| row.get(0);
        self.connection.query_row(&format!("SELECT CAST(\"{name}\" AS TEXT) FROM pragma_{name}"), [], read).unwrap()
    }

    /// Lets the file grow by a few pages only.
    #[cfg(test)]
    pub(in crate::store) fn limit_pages_for_test(&self) {
        let pages: i64 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
        self.connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 8), [], |_| Ok(())).unwrap();
    }

    /// Closes it, with everything in the one file.
    pub(in crate::store) fn close(self) -> Result<(), StoreError> {
        let Self { connection, path } = self;
        connection.close().map_err(|(_, error)| StoreError::sql(&path, error))
    }
}

impl Deref for Transaction<'_> {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        self.ledger
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if self.is_open && !self.ledger.connection.is_autocommit() {
            // SQLite has undone it already when this fails.
            let _ = self.ledger.connection.execute_batch("ROLLBACK");
        }
    }
}
