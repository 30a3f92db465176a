//! Certificates of the ledger, as a table and as JSON.

use std::collections::BTreeMap;
use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;

use crate::render::lifetime::remaining;
use crate::render::table::table;
use crate::store::Authority;
use crate::store::AuthorityId;
use crate::store::CertificateRecord;
use crate::store::CertificateState;

/// What authorities are called.
#[derive(Debug)]
pub struct AuthorityNames(BTreeMap<AuthorityId, String>);

impl AuthorityNames {
    /// The names of these.
    #[must_use]
    pub fn of(authorities: &[Authority]) -> Self {
        Self(authorities.iter().map(|authority| (authority.id.clone(), authority.name.to_string())).collect())
    }

    fn name<'n>(&'n self, id: &'n AuthorityId) -> &'n str {
        self.0.get(id).map_or_else(|| id.as_str(), String::as_str)
    }
}

/// Writes a line for each certificate.
///
/// # Errors
/// When the writer fails.
pub fn certificates_table(
    out: &mut dyn Write,
    records: &[CertificateRecord],
    names: &AuthorityNames,
    now: Timestamp,
) -> io::Result<()> {
    let row = |record: &CertificateRecord| {
        vec![
            record.spiffe_id.as_ref().map_or_else(|| format!("({})", record.origin), ToString::to_string),
            state(record, now),
            remaining(record.not_after, now),
            names.name(&record.issuer).to_owned(),
            record.serial.to_string(),
            record.output.as_ref().map_or_else(|| "-".to_owned(), |path| path.display().to_string()),
        ]
    };
    let rows: Vec<Vec<String>> = records.iter().map(row).collect();
    out.write_all(table(&["SPIFFE ID", "STATE", "ENDS", "ISSUER", "SERIAL", "FILES"], &rows).as_bytes())
}

fn state(record: &CertificateRecord, now: Timestamp) -> String {
    match (record.state_at(now), &record.revocation) {
        (CertificateState::Revoked, Some(revocation)) => format!("revoked ({})", revocation.reason),
        (state, _) => state.name().to_owned(),
    }
}

/// One certificate for programs.
#[must_use]
pub fn certificate_json(record: &CertificateRecord, names: &AuthorityNames, now: Timestamp) -> Value {
    let CertificateRecord {
        number: _,
        issuer,
        serial,
        origin,
        spiffe_id,
        dns_names,
        not_before,
        not_after,
        issued_at,
        fingerprint,
        output,
        renewed_from,
        revocation,
    } = record;
    serde_json::json!({
        "spiffeId": spiffe_id.as_ref().map(ToString::to_string),
        "dnsNames": dns_names,
        "serial": serial.to_string(),
        "issuer": names.name(issuer),
        "issuerId": issuer.as_str(),
        "origin": origin.name(),
        "state": record.state_at(now).name(),
        "notBefore": not_before.to_string(),
        "notAfter": not_after.to_string(),
        "issuedAt": issued_at.to_string(),
        "fingerprintSha256": fingerprint.to_string(),
        "files": output,
        "renewedFrom": renewed_from.as_ref().map(|(_, serial)| serial.to_string()),
        "revocation": revocation.as_ref().map(|revocation| serde_json::json!({
            "reason": revocation.reason.name(),
            "revokedAt": revocation.revoked_at.to_string(),
        })),
    })
}
