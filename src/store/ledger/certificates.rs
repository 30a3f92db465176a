use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use rusqlite::Row;

use crate::pki::AuthorityState;
use crate::pki::Certificate;
use crate::pki::Fingerprint;
use crate::pki::SerialNumber;
use crate::pki::SubjectAltName;
use crate::spiffe::SpiffeId;
use crate::store::AuthorityId;
use crate::store::CertificateState;
use crate::store::Ledger;
use crate::store::Origin;
use crate::store::Revocation;
use crate::store::StoreError;
use crate::store::Transaction;
use crate::store::ledger::row;
use crate::store::ledger::row::Fault;

/// A certificate to be recorded; its names and times are read from it.
#[derive(Debug, Clone)]
pub struct NewCertificate {
    /// Who signed it.
    pub issuer: AuthorityId,
    /// What was signed.
    pub certificate: Certificate,
    /// How it came about.
    pub origin: Origin,
    /// When.
    pub issued_at: Timestamp,
    /// Where it is going to be written, when that is known.
    pub output: Option<PathBuf>,
    /// Which one it takes the place of.
    pub renewed_from: Option<(AuthorityId, SerialNumber)>,
}

/// A certificate in the ledger. The certificate itself is read by [`Ledger::certificate`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// Its place in the order of recording.
    pub number: i64,
    /// Who signed it.
    pub issuer: AuthorityId,
    /// Its serial number under the issuer.
    pub serial: SerialNumber,
    /// How it came about.
    pub origin: Origin,
    /// The identity; none when it does not carry exactly one.
    pub spiffe_id: Option<SpiffeId>,
    /// DNS names beside it.
    pub dns_names: Vec<String>,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// When it was signed.
    pub issued_at: Timestamp,
    /// SHA-256 of its DER form.
    pub fingerprint: Fingerprint,
    /// Where it was written, when that is known.
    pub output: Option<PathBuf>,
    /// Which one it took the place of.
    pub renewed_from: Option<(AuthorityId, SerialNumber)>,
    /// When and why it was revoked.
    pub revocation: Option<Revocation>,
}

impl CertificateRecord {
    /// What it is worth at some time. One that was revoked before it expired stays revoked.
    #[must_use]
    pub fn state_at(&self, at: Timestamp) -> CertificateState {
        match &self.revocation {
            Some(revocation) if revocation.revoked_at.as_second() <= at.as_second() => CertificateState::Revoked,
            _ if self.not_after.as_second() < at.as_second() => CertificateState::Expired,
            _ => CertificateState::Valid,
        }
    }
}

pub(super) const SELECT: &str = "
    SELECT own.number, own.issuer, own.serial, own.origin, own.spiffe_id, own.dns_names, own.not_before, own.not_after,
        own.issued_at, own.fingerprint, own.output, own.renewed_from_issuer, own.renewed_from_serial, gone.reason, gone.revoked_at
    FROM certificates AS own
    LEFT JOIN revocations AS gone ON gone.issuer = own.issuer AND gone.serial = own.serial";

pub(super) fn read_record(row: &Row<'_>) -> Result<CertificateRecord, Fault> {
    let fingerprint: [u8; 32] = row.get("fingerprint")?;
    let names: String = row.get("dns_names")?;
    let renewed_from = row::parsed_option(row, "renewed_from_issuer")?.zip(row::serial_option(row, "renewed_from_serial")?);
    let revocation = row::parsed_option(row, "reason")?.zip(row::time_option(row, "revoked_at")?);
    Ok(CertificateRecord {
        number: row.get("number")?,
        issuer: row::parsed(row, "issuer")?,
        serial: row::serial(row, "serial")?,
        origin: row::parsed(row, "origin")?,
        spiffe_id: row::parsed_option(row, "spiffe_id")?,
        dns_names: names.split_terminator(' ').map(str::to_owned).collect(),
        not_before: row::time(row, "not_before")?,
        not_after: row::time(row, "not_after")?,
        issued_at: row::time(row, "issued_at")?,
        fingerprint: Fingerprint::from_bytes(fingerprint),
        output: row.get::<_, Option<String>>("output")?.map(PathBuf::from),
        renewed_from,
        revocation: revocation.map(|(reason, revoked_at)| Revocation { reason, revoked_at }),
    })
}

impl Ledger {
    /// The certificate itself.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn certificate(&self, issuer: &AuthorityId, serial: &SerialNumber) -> Result<Option<Certificate>, StoreError> {
        let sql = "SELECT certificate FROM certificates WHERE issuer = ?1 AND serial = ?2";
        let values = (issuer.as_str(), serial.as_be_bytes());
        let found = self.connection.query_row(sql, values, |row| Ok(row::certificate(row, "certificate"))).optional();
        found.map_err(Fault::from).and_then(Option::transpose).map_err(|fault| fault.at(&self.path))
    }
}

impl Transaction<'_> {
    /// Records a certificate, so that it may leave.
    ///
    /// # Errors
    /// [`StoreError::SerialTaken`] when the issuer has used the serial number, [`StoreError::Retired`] when the issuer signs no more,
    /// [`StoreError::NoAuthority`] when there is no such issuer.
    pub fn record_certificate(&self, new: &NewCertificate) -> Result<(), StoreError> {
        let NewCertificate { issuer, certificate, origin, issued_at, output, renewed_from } = new;
        self.require_signing(issuer)?;
        let spiffe_id = only_identity(certificate);
        let parts = spiffe_id.as_ref().and_then(SpiffeId::service_account_parts);
        // No DNS name holds a blank.
        let dns_names: Vec<&str> = certificate.subject_alt_names().iter().filter_map(dns_name).collect();
        let inserted = self.connection.execute(
            "INSERT INTO certificates
             (issuer, serial, origin, spiffe_id, namespace, service_account, dns_names, not_before, not_after, issued_at,
              fingerprint, output, renewed_from_issuer, renewed_from_serial, certificate)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            (
                issuer.as_str(),
                certificate.serial().as_be_bytes(),
                origin.name(),
                spiffe_id.as_ref().map(SpiffeId::as_str),
                parts.map(|(namespace, _)| namespace),
                parts.map(|(_, account)| account),
                dns_names.join(" "),
                certificate.not_before().as_second(),
                certificate.not_after().as_second(),
                issued_at.as_second(),
                certificate.fingerprint().as_bytes(),
                output.as_deref().map(Path::to_string_lossy),
                renewed_from.as_ref().map(|(issuer, _)| issuer.as_str()),
                renewed_from.as_ref().map(|(_, serial)| serial.as_be_bytes()),
                certificate.der(),
            ),
        );
        match inserted {
            Ok(_) => Ok(()),
            Err(rusqlite::Error::SqliteFailure(error, _)) if error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE => {
                Err(StoreError::SerialTaken { issuer: issuer.clone(), serial: certificate.serial().clone() })
            }
            Err(rusqlite::Error::SqliteFailure(error, _))
                if error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY =>
            {
                Err(StoreError::NotRecorded)
            }
            Err(error) => Err(StoreError::sql(&self.path, error)),
        }
    }

    /// A root that is prepared already signs its intermediates; everything past `active` signs nothing.
    fn require_signing(&self, issuer: &AuthorityId) -> Result<(), StoreError> {
        let sql =
            "SELECT own.name, states.state FROM authorities AS own JOIN authority_states AS states USING (id) WHERE own.id = ?1";
        let read = |row: &Row<'_>| Ok((row.get::<_, String>("name")?, row::parsed(row, "state")));
        let found = self.connection.query_row(sql, [issuer.as_str()], read).optional();
        let (name, state) = found
            .map_err(|error| StoreError::sql(&self.path, error))?
            .ok_or_else(|| StoreError::NoAuthority(issuer.to_string()))?;
        match state.map_err(|fault| fault.at(&self.path))? {
            AuthorityState::Prepared | AuthorityState::Active => Ok(()),
            state @ (AuthorityState::Old | AuthorityState::Tainted | AuthorityState::Revoked) => {
                Err(StoreError::Retired { name, state })
            }
        }
    }
}

fn only_identity(certificate: &Certificate) -> Option<SpiffeId> {
    let mut uris = certificate.uris();
    let uri = uris.next()?;
    uris.next().is_none().then(|| uri.parse().ok()).flatten()
}

fn dns_name(name: &SubjectAltName) -> Option<&str> {
    match name {
        SubjectAltName::Dns(name) => Some(name),
        SubjectAltName::Uri(_) | SubjectAltName::Ip(_) | SubjectAltName::Email(_) | SubjectAltName::Other(_) => None,
    }
}
