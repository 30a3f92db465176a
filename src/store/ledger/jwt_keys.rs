use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::store::Ledger;
use crate::store::StoreError;
use crate::store::Transaction;
use crate::store::ledger::row;
use crate::store::ledger::row::Fault;

/// The `kid` of a key that signs tokens: letters, digits, `-` and `_`, so that it can be part of a file's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JwtKeyId(String);

impl JwtKeyId {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for JwtKeyId {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !text.is_empty() && text.len() <= 64 && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(StoreError::Name(text.to_owned()))
    }
}

impl fmt::Display for JwtKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that signs the tokens of workloads (JWT-SVID).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtKey {
    /// Its `kid`.
    pub id: JwtKeyId,
    /// The public half as the text of a JWK.
    pub public_jwk: String,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// Since when it signs no more; tokens it signed may still be valid.
    pub retired_at: Option<Timestamp>,
}

impl Ledger {
    /// The key that signs now.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn signing_jwt_key(&self) -> Result<Option<JwtKey>, StoreError> {
        let sql = "SELECT id, public_jwk, created_at, retired_at FROM jwt_keys WHERE retired_at IS NULL";
        let found = self.connection.query_row(sql, [], |row| Ok(read(row))).optional();
        found.map_err(Fault::from).and_then(Option::transpose).map_err(|fault| fault.at(&self.path))
    }

    /// Every key whose tokens may be valid, the earliest first.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn jwt_keys(&self) -> Result<Vec<JwtKey>, StoreError> {
        let sql = "SELECT id, public_jwk, created_at, retired_at FROM jwt_keys ORDER BY created_at, id";
        let all = || -> Result<Vec<JwtKey>, Fault> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([], |row| Ok(read(row)))?;
            rows.map(|row| row.map_err(Fault::from).and_then(|key| key)).collect()
        };
        all().map_err(|fault| fault.at(&self.path))
    }
}

impl Transaction<'_> {
    /// Records a new key that signs. Its private half must be on the disk.
    ///
    /// # Errors
    /// When there is one that signs already, or the ledger cannot be written.
    pub fn insert_jwt_key(&self, id: &JwtKeyId, public_jwk: &str, now: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO jwt_keys (id, public_jwk, created_at) VALUES (?1, ?2, ?3)";
        self.execute(sql, (id.as_str(), public_jwk, now.as_second()))
    }
}

fn read(row: &Row<'_>) -> Result<JwtKey, Fault> {
    Ok(JwtKey {
        id: row::parsed(row, "id")?,
        public_jwk: row.get("public_jwk")?,
        created_at: row::time(row, "created_at")?,
        retired_at: row::time_option(row, "retired_at")?,
    })
}
