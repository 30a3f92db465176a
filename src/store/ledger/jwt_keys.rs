use jiff::SignedDuration;
use jiff::Timestamp;
use rusqlite::Row;

use crate::store::Ledger;
use crate::store::StoreError;
use crate::store::Transaction;
use crate::store::ledger::row;
use crate::store::ledger::row::Fault;

/// The public half of a key that signs JWT-SVIDs. The private half is a file of the home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtKeyRecord {
    /// `kid`: the thumbprint of the key (RFC 7638).
    pub key_id: String,
    /// The public JWK, as the trust bundle publishes it.
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on another one signs; what it signed until then stays good.
    pub retired_at: Option<Timestamp>,
}

impl JwtKeyRecord {
    /// Whether a token that it signed, and that lives so long at most, can still be valid. Until then the trust bundle publishes it.
    #[must_use]
    pub fn is_published(&self, at: Timestamp, longest_life: SignedDuration) -> bool {
        self.retired_at.is_none_or(|retired| at.duration_since(retired) < longest_life)
    }
}

/// Of keys made in one second the one recorded first is the older.
const SELECT: &str = "SELECT kid, public_jwk, created_at, retired_at FROM jwt_keys ORDER BY created_at, rowid";

fn read(row: &Row<'_>) -> Result<JwtKeyRecord, Fault> {
    Ok(JwtKeyRecord {
        key_id: row.get("kid")?,
        public_jwk: row.get("public_jwk")?,
        created_at: row::time(row, "created_at")?,
        retired_at: row::time_option(row, "retired_at")?,
    })
}

impl Ledger {
    /// Every key that JWT-SVIDs are or were signed with, oldest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn jwt_keys(&self) -> Result<Vec<JwtKeyRecord>, StoreError> {
        let keys =
            || -> Result<Vec<JwtKeyRecord>, Fault> { self.connection.prepare(SELECT)?.query_and_then([], read)?.collect() };
        keys().map_err(|fault| fault.at(&self.path))
    }

    /// The key that signs JWT-SVIDs at a time: of several the one that will retire first, because the others are not known everywhere yet.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn signing_jwt_key(&self, at: Timestamp) -> Result<Option<JwtKeyRecord>, StoreError> {
        let signing = self.jwt_keys()?.into_iter().filter(|key| key.retired_at.is_none_or(|retired| at < retired));
        Ok(signing.min_by_key(|key| key.retired_at.unwrap_or(Timestamp::MAX)))
    }
}

impl Transaction<'_> {
    /// Records a key. Its private half has to be on the disk already, and no other key may be signing.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn insert_jwt_key(&self, key: &JwtKeyRecord) -> Result<(), StoreError> {
        let JwtKeyRecord { key_id, public_jwk, created_at, retired_at } = key;
        self.execute(
            "INSERT INTO jwt_keys (kid, public_jwk, created_at, retired_at) VALUES (?1, ?2, ?3, ?4)",
            (key_id, public_jwk, created_at.as_second(), retired_at.map(Timestamp::as_second)),
        )
    }

    /// Has every key that signs retire at a time, so that another one can be recorded.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn retire_jwt_keys(&self, at: Timestamp) -> Result<(), StoreError> {
        self.execute("UPDATE jwt_keys SET retired_at = ?1 WHERE retired_at IS NULL", [at.as_second()])
    }

    /// Forgets a key. Its private half is removed after that.
    ///
    /// # Errors
    /// When the ledger cannot be written.
    pub fn delete_jwt_key(&self, key_id: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM jwt_keys WHERE kid = ?1", [key_id])
    }
}
