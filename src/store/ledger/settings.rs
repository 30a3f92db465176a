use jiff::SignedDuration;
use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::spiffe::TrustDomain;
use crate::store::Ledger;
use crate::store::StoreError;
use crate::store::Transaction;
use crate::store::ledger::row;
use crate::store::ledger::row::Fault;

/// What holds for the whole home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whose identities are issued.
    pub trust_domain: TrustDomain,
    /// The longest life a workload's certificate is given.
    pub max_svid_ttl: SignedDuration,
    /// Whether private keys are written under a passphrase.
    pub are_keys_encrypted: bool,
    /// How often the trust bundle has changed (`spiffe_sequence`).
    pub bundle_sequence: u64,
}

impl Ledger {
    /// The settings.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        let sql = "SELECT trust_domain, max_svid_ttl_seconds, are_keys_encrypted, bundle_sequence FROM settings";
        let read = |row: &rusqlite::Row<'_>| {
            let sequence: i64 = row.get("bundle_sequence")?;
            Ok(row::parsed(row, "trust_domain").and_then(|trust_domain| {
                Ok(Settings {
                    trust_domain,
                    max_svid_ttl: SignedDuration::from_secs(row.get("max_svid_ttl_seconds")?),
                    are_keys_encrypted: row.get("are_keys_encrypted")?,
                    bundle_sequence: u64::try_from(sequence).map_err(|_| Fault::Value("bundle_sequence"))?,
                })
            }))
        };
        let found = self.connection.query_row(sql, [], read).optional().map_err(Fault::from);
        let settings = found.and_then(|found| found.unwrap_or(Err(Fault::Value("settings"))));
        settings.map_err(|fault| fault.at(&self.path))
    }
}

impl Transaction<'_> {
    pub(super) fn insert_settings(&self, settings: &Settings, now: Timestamp) -> Result<(), StoreError> {
        let Settings { trust_domain, max_svid_ttl, are_keys_encrypted, bundle_sequence } = settings;
        let sequence = i64::try_from(*bundle_sequence).unwrap_or(i64::MAX);
        let values = (trust_domain.as_str(), max_svid_ttl.as_secs(), are_keys_encrypted, sequence, now.as_second());
        self.execute(
            "INSERT INTO settings (one, trust_domain, max_svid_ttl_seconds, are_keys_encrypted, bundle_sequence, created_at)
             VALUES (1, ?1, ?2, ?3, ?4, ?5)",
            values,
        )
    }

    /// Changes the longest life of a workload's certificate.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn set_max_svid_ttl(&self, ttl: SignedDuration) -> Result<(), StoreError> {
        self.execute("UPDATE settings SET max_svid_ttl_seconds = ?1", [ttl.as_secs()])
    }

    /// Records whether keys are written under a passphrase.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn set_keys_encrypted(&self, are_keys_encrypted: bool) -> Result<(), StoreError> {
        self.execute("UPDATE settings SET are_keys_encrypted = ?1", [are_keys_encrypted])
    }

    /// Counts a change of the trust bundle, and returns the new number.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn advance_bundle(&self) -> Result<u64, StoreError> {
        self.execute("UPDATE settings SET bundle_sequence = bundle_sequence + 1", [])?;
        Ok(self.settings()?.bundle_sequence)
    }

    /// Writes rows that no method writes.
    #[cfg(test)]
    pub(in crate::store) fn execute_for_test(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.execute(sql, values)
    }

    pub(super) fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<(), StoreError> {
        self.connection.execute(sql, values).map(|_| ()).map_err(|error| StoreError::sql(&self.path, error))
    }
}
