//! From columns to types. What does not parse means a damaged ledger, and is never passed on as text.

use std::path::Path;
use std::str::FromStr;

use jiff::Timestamp;
use rusqlite::Row;

use crate::pki::Certificate;
use crate::pki::SerialNumber;
use crate::store::StoreError;

/// Why a row could not be read or written.
#[derive(Debug)]
pub(super) enum Fault {
    Sql(rusqlite::Error),
    /// The column holds what this program never writes.
    Value(&'static str),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Self::Sql(error) => StoreError::sql(path, error),
            Self::Value(column) => {
                StoreError::Corrupt { path: path.to_owned(), what: format!("a value of `{column}` makes no sense") }
            }
        }
    }
}

pub(super) fn parsed<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<T, Fault> {
    let text: String = row.get(column)?;
    text.parse().map_err(|_| Fault::Value(column))
}

pub(super) fn parsed_option<T: FromStr>(row: &Row<'_>, column: &'static str) -> Result<Option<T>, Fault> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|_| Fault::Value(column))).transpose()
}

pub(super) fn time(row: &Row<'_>, column: &'static str) -> Result<Timestamp, Fault> {
    Timestamp::from_second(row.get(column)?).map_err(|_| Fault::Value(column))
}

pub(super) fn time_option(row: &Row<'_>, column: &'static str) -> Result<Option<Timestamp>, Fault> {
    let seconds: Option<i64> = row.get(column)?;
    seconds.map(|seconds| Timestamp::from_second(seconds).map_err(|_| Fault::Value(column))).transpose()
}

pub(super) fn serial(row: &Row<'_>, column: &'static str) -> Result<SerialNumber, Fault> {
    Ok(SerialNumber::from_be_bytes(&row.get::<_, Vec<u8>>(column)?))
}

pub(super) fn serial_option(row: &Row<'_>, column: &'static str) -> Result<Option<SerialNumber>, Fault> {
    Ok(row.get::<_, Option<Vec<u8>>>(column)?.map(|bytes| SerialNumber::from_be_bytes(&bytes)))
}

pub(super) fn certificate(row: &Row<'_>, column: &'static str) -> Result<Certificate, Fault> {
    Certificate::from_der(&row.get::<_, Vec<u8>>(column)?).map_err(|_| Fault::Value(column))
}
