use jiff::Timestamp;
use rusqlite::ToSql;

use crate::pki::SerialNumber;
use crate::spiffe::SpiffeId;
use crate::store::AuthorityId;
use crate::store::CertificateRecord;
use crate::store::CertificateState;
use crate::store::Ledger;
use crate::store::StoreError;
use crate::store::ledger::certificates::SELECT;
use crate::store::ledger::certificates::read_record;
use crate::store::ledger::row::Fault;

/// How many rows are in memory at once.
const PAGE: usize = 1000;

/// Which certificates are asked for; what is absent does not matter.
#[derive(Debug, Clone, Default)]
pub struct CertificateFilter {
    /// Signed by this authority.
    pub issuer: Option<AuthorityId>,
    /// Signed by this root, or by an intermediate under it.
    pub root: Option<AuthorityId>,
    /// With this serial number.
    pub serial: Option<SerialNumber>,
    /// For this identity.
    pub spiffe_id: Option<SpiffeId>,
    /// For a service account in this namespace.
    pub namespace: Option<String>,
    /// Whose last second is no later than this.
    pub expires_by: Option<Timestamp>,
    /// Worth this much at that time.
    pub state: Option<(CertificateState, Timestamp)>,
    /// Whose place no other certificate has taken.
    pub is_latest: bool,
    /// Also roots and intermediates, not only workloads.
    pub with_authorities: bool,
}

/// In which order certificates come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As they were recorded.
    #[default]
    Recorded,
    /// The one that expires first comes first.
    Expiry,
}

/// A condition in SQL and its values.
struct Condition {
    sql: String,
    values: Vec<Box<dyn ToSql>>,
}

impl Condition {
    fn add(&mut self, sql: &str, value: Option<impl ToSql + 'static>) {
        if let Some(value) = value {
            self.values.push(Box::new(value));
            self.sql.push_str(" AND ");
            self.sql.push_str(&sql.replace('?', &format!("?{}", self.values.len())));
        }
    }
}

impl CertificateFilter {
    fn condition(&self) -> Condition {
        let Self { issuer, root, serial, spiffe_id, namespace, expires_by, state, is_latest, with_authorities } = self;
        let mut condition = Condition { sql: "TRUE".to_owned(), values: Vec::new() };
        condition.add("own.issuer = ?", issuer.as_ref().map(ToString::to_string));
        condition.add("own.issuer IN (SELECT id FROM authority_states WHERE root = ?)", root.as_ref().map(ToString::to_string));
        condition.add("own.serial = ?", serial.as_ref().map(|serial| serial.as_be_bytes().to_vec()));
        condition.add("own.spiffe_id = ?", spiffe_id.as_ref().map(ToString::to_string));
        condition.add("own.namespace = ?", namespace.clone());
        condition.add("own.not_after <= ?", expires_by.map(Timestamp::as_second));
        if let Some((state, at)) = state {
            let at = at.as_second();
            let is_revoked = "ifnull(gone.revoked_at <= ?, FALSE)";
            let sql = match state {
                CertificateState::Revoked => is_revoked.to_owned(),
                CertificateState::Expired => format!("NOT {is_revoked} AND own.not_after < ?"),
                CertificateState::Valid => format!("NOT {is_revoked} AND own.not_after >= ?"),
            };
            condition.add(&sql, Some(at));
        }
        if *is_latest {
            condition.sql.push_str(
                " AND NOT EXISTS (SELECT 1 FROM certificates AS later
                  WHERE later.renewed_from_issuer = own.issuer AND later.renewed_from_serial = own.serial)",
            );
        }
        if !*with_authorities {
            condition.sql.push_str(" AND own.origin NOT IN ('root', 'intermediate')");
        }
        condition
    }
}

impl Ledger {
    /// Shows every certificate that passes the filter to `visit`, one after another, until it fails. Some hundred are in memory at once, and
    /// no lock is held while `visit` runs: what others record meanwhile may or may not be seen.
    ///
    /// # Errors
    /// When the ledger cannot be read, or what `visit` fails with.
    pub fn visit_certificates<E: From<StoreError>>(
        &self,
        filter: &CertificateFilter,
        order: Order,
        mut visit: impl FnMut(CertificateRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut last = None;
        loop {
            let page = self.page(filter, order, last).map_err(|fault| fault.at(&self.path))?;
            let is_end = page.len() < PAGE;
            last = page.last().map(|record| (record.not_after.as_second(), record.number));
            page.into_iter().try_for_each(&mut visit)?;
            if is_end {
                return Ok(());
            }
        }
    }

    /// The certificates that pass the filter.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn certificates(&self, filter: &CertificateFilter, order: Order) -> Result<Vec<CertificateRecord>, StoreError> {
        let mut found = Vec::new();
        self.visit_certificates(filter, order, |record| {
            found.push(record);
            Ok::<(), StoreError>(())
        })?;
        Ok(found)
    }

    /// How many certificates pass the filter.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn count_certificates(&self, filter: &CertificateFilter) -> Result<u64, StoreError> {
        let Condition { sql, values } = filter.condition();
        let sql = format!(
            "SELECT count(*) FROM certificates AS own
             LEFT JOIN revocations AS gone ON gone.issuer = own.issuer AND gone.serial = own.serial WHERE {sql}"
        );
        let count = self.connection.query_row(&sql, rusqlite::params_from_iter(values), |row| row.get::<_, i64>(0));
        count.map(i64::unsigned_abs).map_err(|error| StoreError::sql(&self.path, error))
    }

    fn page(&self, filter: &CertificateFilter, order: Order, last: Option<(i64, i64)>) -> Result<Vec<CertificateRecord>, Fault> {
        let mut condition = filter.condition();
        let order = match order {
            Order::Recorded => {
                condition.add("own.number > ?", last.map(|(_, number)| number));
                "own.number"
            }
            Order::Expiry => {
                if let Some((not_after, number)) = last {
                    // Both are numbers, so they can stand in the text.
                    let after = format!(" AND (own.not_after, own.number) > ({not_after}, {number})");
                    condition.sql.push_str(&after);
                }
                "own.not_after, own.number"
            }
        };
        let Condition { sql, values } = condition;
        let mut statement = self.connection.prepare(&format!("{SELECT} WHERE {sql} ORDER BY {order} LIMIT {PAGE}"))?;
        statement.query_and_then(rusqlite::params_from_iter(values), read_record)?.collect()
    }
}
