//! An authority's home: what it holds, as a table and as JSON.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::render::Style;
use crate::render::lifetime::remaining;
use crate::render::table::table;
use crate::store::Authority;
use crate::store::AuthorityKind;
use crate::store::Settings;

/// What is shown of a home.
#[derive(Debug)]
pub struct HomeView<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Its settings.
    pub settings: &'a Settings,
    /// Its authorities: roots, each followed by its intermediates.
    pub authorities: &'a [AuthorityView],
    /// The time of looking.
    pub now: Timestamp,
}

/// What is shown of an authority.
#[derive(Debug)]
pub struct AuthorityView {
    /// Its row.
    pub authority: Authority,
    /// Where its private key lies.
    pub key_file: PathBuf,
    /// How many certificates it signed that are neither expired nor revoked.
    pub valid_certificates: u64,
    /// Number and next update of its latest revocation list.
    pub crl: Option<(u64, Timestamp)>,
}

/// Writes a table for people.
///
/// # Errors
/// When the writer fails.
pub fn home_text(out: &mut dyn Write, view: &HomeView<'_>, style: Style) -> io::Result<()> {
    let HomeView { path, settings, authorities, now } = view;
    let keys = if settings.are_keys_encrypted { "encrypted" } else { "NOT encrypted" };
    writeln!(out, "authority of {} in {}", style.note(settings.trust_domain.as_str()), path.display())?;
    writeln!(
        out,
        "  keys {keys}, one file each in {}; longest life of an SVID {}\n",
        path.join("keys").display(),
        span(settings.max_svid_ttl.as_secs())
    )?;
    let mut rows = Vec::new();
    for AuthorityView { authority, valid_certificates, crl, .. } in *authorities {
        let indent = if authority.kind == AuthorityKind::Root { "" } else { "  " };
        rows.push(vec![
            format!("{indent}{}", authority.name),
            state(authority, *now),
            authority.key_type.to_string(),
            remaining(authority.certificate.not_after(), *now),
            valid_certificates.to_string(),
            crl.map_or_else(|| "-".to_owned(), |(number, next)| format!("{number}, {}", remaining(next, *now))),
            authority.id.to_string(),
        ]);
    }
    out.write_all(table(&["NAME", "STATE", "KEY", "ENDS", "VALID CERTS", "CRL", "ID"], &rows).as_bytes())
}

/// Colour would be counted as width in a table.
fn state(authority: &Authority, now: Timestamp) -> String {
    if authority.certificate.not_after() < now { "EXPIRED".to_owned() } else { authority.state.name().to_owned() }
}

/// Whole days when it is some, else hours, else seconds.
pub(super) fn span(seconds: i64) -> String {
    match seconds {
        _ if seconds != 0 && seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        _ if seconds != 0 && seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        _ => format!("{seconds}s"),
    }
}

/// The same facts for programs.
#[must_use]
pub fn home_json(view: &HomeView<'_>) -> Value {
    let HomeView { path, settings, authorities, now } = view;
    let authorities: Vec<Json<'_>> = authorities.iter().map(|view| Json::of(view, *now)).collect();
    serde_json::json!({
        "schema": "meshsec.ca.show/v1",
        "home": path,
        "trustDomain": settings.trust_domain.as_str(),
        "keysEncrypted": settings.are_keys_encrypted,
        "maxSvidTtlSeconds": settings.max_svid_ttl.as_secs(),
        "bundleSequence": settings.bundle_sequence,
        "authorities": authorities,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    name: &'a str,
    kind: &'static str,
    state: &'static str,
    id: &'a str,
    parent: Option<&'a str>,
    subject: &'a str,
    serial: String,
    key_type: &'static str,
    key_file: &'a Path,
    not_before: String,
    not_after: String,
    expired: bool,
    fingerprint_sha256: String,
    valid_certificates: u64,
    crl_number: Option<u64>,
    crl_next_update: Option<String>,
    certificate: String,
}

impl<'a> Json<'a> {
    fn of(view: &'a AuthorityView, now: Timestamp) -> Self {
        let AuthorityView { authority, key_file, valid_certificates, crl } = view;
        let certificate = &authority.certificate;
        Self {
            name: authority.name.as_str(),
            kind: authority.kind.name(),
            state: authority.state.name(),
            id: authority.id.as_str(),
            parent: authority.parent.as_ref().map(crate::store::AuthorityId::as_str),
            subject: certificate.subject(),
            serial: certificate.serial().to_string(),
            key_type: authority.key_type.name(),
            key_file,
            not_before: certificate.not_before().to_string(),
            not_after: certificate.not_after().to_string(),
            expired: certificate.not_after() < now,
            fingerprint_sha256: certificate.fingerprint().to_string(),
            valid_certificates: *valid_certificates,
            crl_number: crl.map(|(number, _)| number),
            crl_next_update: crl.map(|(_, next)| next.to_string()),
            certificate: certificate.pem(),
        }
    }
}
