//! What a file of certificates holds, as JSON. Private keys are named, never written.

use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::pki::Certificate;
use crate::pki::Crl;
use crate::pki::InspectedEntry;
use crate::pki::Inspection;
use crate::pki::container::FoundKey;
use crate::pki::container::FoundRequest;
use crate::pki::container::KeyState;
use crate::pki::container::ListedCertificate;
use crate::render::certificate_json::CertificateView;
use crate::render::certificate_json::ProblemView;

/// Writes an inspection as indented JSON.
///
/// # Errors
/// When the writer fails.
pub fn svid_inspect_json(out: &mut dyn Write, file: &str, inspection: &Inspection) -> io::Result<()> {
    let view = View {
        schema_version: 1,
        file,
        format: inspection.format.as_str(),
        at: inspection.at.to_string(),
        spiffe_id: inspection.spiffe_id().map(|id| id.to_string()),
        entries: inspection.entries.iter().map(|inspected| EntryView::new(inspected, inspection.at)).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &view).map_err(io::Error::from)?;
    writeln!(out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'i> {
    schema_version: u8,
    file: &'i str,
    format: &'static str,
    at: String,
    spiffe_id: Option<String>,
    entries: Vec<EntryView<'i>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView<'i> {
    name: &'i str,
    certificates: Vec<CertificateView<'i>>,
    roots: Vec<CertificateView<'i>>,
    keys: Vec<KeyView<'i>>,
    revocation_lists: Vec<ListView<'i>>,
    requests: Vec<RequestView<'i>>,
    listed: Vec<ListedView<'i>>,
    remarks: &'i [String],
    problems: Vec<ProblemView<'i>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyView<'i> {
    origin: &'i str,
    state: &'static str,
    r#type: Option<String>,
    /// Position of the certificate it belongs to.
    certificate: Option<usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListView<'i> {
    issuer: &'i str,
    number: Option<String>,
    this_update: String,
    next_update: Option<String>,
    revoked: usize,
}

#[derive(Serialize)]
struct RequestView<'i> {
    origin: &'i str,
    subject: &'i str,
    names: &'i [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedView<'i> {
    is_authority: bool,
    path: &'i str,
    serial: &'i str,
    uris: &'i [String],
    names: &'i [String],
    valid_from: &'i str,
    expiration_time: &'i str,
    /// Negative once it has expired.
    seconds_left: Option<i64>,
}

impl<'i> EntryView<'i> {
    fn new(inspected: &'i InspectedEntry, at: Timestamp) -> Self {
        let entry = &inspected.entry;
        let views = |certificates: &'i [Certificate]| {
            certificates
                .iter()
                .enumerate()
                .map(|(position, certificate)| CertificateView::new(position, certificate, at))
                .collect()
        };
        Self {
            name: &entry.name,
            certificates: views(&entry.chain),
            roots: views(&entry.roots),
            keys: entry.keys.iter().zip(&inspected.key_owners).map(|(key, owner)| KeyView::new(key, *owner)).collect(),
            revocation_lists: entry.crls.iter().map(ListView::new).collect(),
            requests: entry.requests.iter().map(RequestView::new).collect(),
            listed: entry.listed.iter().map(|listed| ListedView::new(listed, at)).collect(),
            remarks: &entry.remarks,
            problems: inspected.problems.iter().map(ProblemView::new).collect(),
        }
    }
}

impl<'i> KeyView<'i> {
    fn new(key: &'i FoundKey, certificate: Option<usize>) -> Self {
        let (state, r#type) = match &key.state {
            KeyState::Read(public) => ("read", Some(public.to_string())),
            KeyState::Encrypted => ("encrypted", None),
            KeyState::Redacted => ("redacted", None),
            KeyState::Unreadable(_) => ("unreadable", None),
        };
        Self { origin: &key.origin, state, r#type, certificate }
    }
}

impl<'i> ListView<'i> {
    fn new(list: &'i Crl) -> Self {
        Self {
            issuer: list.issuer(),
            number: list.number().map(ToString::to_string),
            this_update: list.this_update().to_string(),
            next_update: list.next_update().map(|at| at.to_string()),
            revoked: list.entries().len(),
        }
    }
}

impl<'i> RequestView<'i> {
    fn new(request: &'i FoundRequest) -> Self {
        let FoundRequest { origin, subject, names } = request;
        Self { origin, subject, names }
    }
}

impl<'i> ListedView<'i> {
    fn new(listed: &'i ListedCertificate, at: Timestamp) -> Self {
        let ListedCertificate { is_authority, path, serial, uris, names, valid_from, expiration_time } = listed;
        let seconds_left = listed.lifetime().map(|(_, end)| end.duration_since(at).as_secs());
        Self { is_authority: *is_authority, path, serial, uris, names, valid_from, expiration_time, seconds_left }
    }
}
