use jiff::Timestamp;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::pki::Crl;
use crate::pki::CrlEntry;
use crate::pki::RevocationReason;
use crate::pki::SerialNumber;
use crate::spiffe::SpiffeId;
use crate::store::AuthorityId;
use crate::store::Ledger;
use crate::store::StoreError;
use crate::store::Transaction;
use crate::store::ledger::row;
use crate::store::ledger::row::Fault;

/// When and why a certificate was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Why.
    pub reason: RevocationReason,
    /// Since when.
    pub revoked_at: Timestamp,
}

/// A revoked certificate of one issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedCertificate {
    /// What goes into the revocation list.
    pub entry: CrlEntry,
    /// Its last second; none when the ledger does not hold the certificate.
    pub not_after: Option<Timestamp>,
    /// Its identity, when the ledger holds the certificate.
    pub spiffe_id: Option<SpiffeId>,
}

/// A revocation list that was signed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCrl {
    /// Its number under the issuer.
    pub number: u64,
    /// When it was made.
    pub this_update: Timestamp,
    /// By when the next one comes.
    pub next_update: Timestamp,
    /// The list.
    pub crl: Crl,
}

impl Ledger {
    /// When and why this certificate was revoked.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn revocation(&self, issuer: &AuthorityId, serial: &SerialNumber) -> Result<Option<Revocation>, StoreError> {
        let sql = "SELECT reason, revoked_at FROM revocations WHERE issuer = ?1 AND serial = ?2";
        let read = |row: &Row<'_>| {
            Ok(row::parsed(row, "reason").and_then(|reason| Ok(Revocation { reason, revoked_at: row::time(row, "revoked_at")? })))
        };
        let found = self.connection.query_row(sql, (issuer.as_str(), serial.as_be_bytes()), read).optional();
        found.map_err(Fault::from).and_then(Option::transpose).map_err(|fault| fault.at(&self.path))
    }

    /// What this issuer has revoked, the earliest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn revocations(&self, issuer: &AuthorityId) -> Result<Vec<RevokedCertificate>, StoreError> {
        let sql = "
            SELECT gone.serial, gone.reason, gone.revoked_at, own.not_after, own.spiffe_id
            FROM revocations AS gone
            LEFT JOIN certificates AS own ON own.issuer = gone.issuer AND own.serial = gone.serial
            WHERE gone.issuer = ?1 ORDER BY gone.revoked_at, gone.serial";
        let read = |row: &Row<'_>| -> Result<RevokedCertificate, Fault> {
            let entry = CrlEntry {
                serial: row::serial(row, "serial")?,
                revoked_at: row::time(row, "revoked_at")?,
                reason: row::parsed(row, "reason")?,
            };
            let spiffe_id = row::parsed_option(row, "spiffe_id")?;
            Ok(RevokedCertificate { entry, not_after: row::time_option(row, "not_after")?, spiffe_id })
        };
        let all = || -> Result<Vec<RevokedCertificate>, Fault> {
            let mut statement = self.connection.prepare(sql)?;
            statement.query_and_then([issuer.as_str()], read)?.collect()
        };
        all().map_err(|fault| fault.at(&self.path))
    }

    /// The latest revocation list of this issuer.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn latest_crl(&self, issuer: &AuthorityId) -> Result<Option<StoredCrl>, StoreError> {
        let sql = "SELECT number, this_update, next_update, list FROM crls WHERE issuer = ?1 ORDER BY number DESC LIMIT 1";
        let found = self.connection.query_row(sql, [issuer.as_str()], |row| Ok(read_crl(row))).optional();
        found.map_err(Fault::from).and_then(Option::transpose).map_err(|fault| fault.at(&self.path))
    }
}

fn read_crl(row: &Row<'_>) -> Result<StoredCrl, Fault> {
    let list: Vec<u8> = row.get("list")?;
    Ok(StoredCrl {
        number: row.get::<_, i64>("number")?.unsigned_abs(),
        this_update: row::time(row, "this_update")?,
        next_update: row::time(row, "next_update")?,
        crl: Crl::from_der(&list).map_err(|_| Fault::Value("list"))?,
    })
}

impl Transaction<'_> {
    /// Revokes a certificate of this issuer, also one that the ledger does not hold. When it was revoked already, that stays as it is, and is
    /// returned.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn revoke(
        &self,
        issuer: &AuthorityId,
        serial: &SerialNumber,
        revocation: Revocation,
    ) -> Result<Option<Revocation>, StoreError> {
        let earlier = self.revocation(issuer, serial)?;
        if earlier.is_none() {
            self.execute(
                "INSERT INTO revocations (issuer, serial, reason, revoked_at) VALUES (?1, ?2, ?3, ?4)",
                (issuer.as_str(), serial.as_be_bytes(), revocation.reason.name(), revocation.revoked_at.as_second()),
            )?;
        }
        Ok(earlier)
    }

    /// The number of the next revocation list of this issuer.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn next_crl_number(&self, issuer: &AuthorityId) -> Result<u64, StoreError> {
        let sql = "SELECT ifnull(max(number), 0) + 1 FROM crls WHERE issuer = ?1";
        let next = self.connection.query_row(sql, [issuer.as_str()], |row| row.get::<_, i64>(0));
        next.map(i64::unsigned_abs).map_err(|error| StoreError::sql(&self.path, error))
    }

    /// Records a revocation list under the number of [`Transaction::next_crl_number`].
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn record_crl(&self, issuer: &AuthorityId, stored: &StoredCrl) -> Result<(), StoreError> {
        let StoredCrl { number, this_update, next_update, crl } = stored;
        let number = i64::try_from(*number).unwrap_or(i64::MAX);
        self.execute(
            "INSERT INTO crls (issuer, number, this_update, next_update, list) VALUES (?1, ?2, ?3, ?4, ?5)",
            (issuer.as_str(), number, this_update.as_second(), next_update.as_second(), crl.der()),
        )
    }
}
