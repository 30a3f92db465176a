//! Trust bundles as JSON. The views here are the contract: fields are added, never renamed.

use std::io;
use std::io::Write;

use jiff::Timestamp;
use serde::Serialize;

use crate::bundle::BundleDiff;
use crate::bundle::BundleForm;
use crate::bundle::JwtKey;
use crate::bundle::authority_notes;
use crate::pki::Certificate;
use crate::render::bundle_text::BundleView;
use crate::render::bundle_text::hex;

#[derive(Serialize)]
struct Document<'a> {
    bundles: Vec<Bundle<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bundle<'a> {
    source: &'a str,
    form: &'static str,
    /// Only when it was said.
    trust_domain: Option<&'a str>,
    /// Also those that the authorities name.
    trust_domains: Vec<String>,
    sequence: Option<u64>,
    refresh_hint: Option<u64>,
    authorities: Vec<Authority<'a>>,
    jwt_keys: Vec<Key<'a>>,
    notes: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Authority<'a> {
    subject: &'a str,
    id: Option<String>,
    key: String,
    serial: String,
    not_before: String,
    not_after: String,
    fingerprint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    same_key_as: Option<String>,
}

#[derive(Serialize)]
struct Key<'a> {
    id: &'a str,
    kind: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Difference<'a> {
    same: bool,
    istio_multi_root: &'static str,
    added: Vec<Authority<'a>>,
    removed: Vec<Authority<'a>>,
    kept: Vec<Authority<'a>>,
    added_jwt_keys: Vec<Key<'a>>,
    removed_jwt_keys: Vec<Key<'a>>,
    kept_jwt_keys: Vec<Key<'a>>,
    old_sequence: Option<u64>,
    new_sequence: Option<u64>,
}

/// Writes the bundles as one indented object.
///
/// # Errors
/// When the writer fails.
pub fn bundle_json(out: &mut dyn Write, views: &[BundleView<'_>], at: Timestamp) -> io::Result<()> {
    write(out, &Document { bundles: views.iter().map(|view| bundle(*view, at)).collect() })
}

/// Writes the difference as one indented object.
///
/// # Errors
/// When the writer fails.
pub fn bundle_diff_json(out: &mut dyn Write, diff: &BundleDiff<'_>) -> io::Result<()> {
    let added = diff.added.iter().map(|added| Authority {
        same_key_as: diff.same_key_as(added).map(|old| old.fingerprint().to_string()),
        ..authority(added)
    });
    let view = Difference {
        same: diff.is_same(),
        istio_multi_root: diff.multi_root().name(),
        added: added.collect(),
        removed: diff.removed.iter().copied().map(authority).collect(),
        kept: diff.kept.iter().copied().map(authority).collect(),
        added_jwt_keys: diff.added_keys.iter().copied().map(key).collect(),
        removed_jwt_keys: diff.removed_keys.iter().copied().map(key).collect(),
        kept_jwt_keys: diff.kept_keys.iter().copied().map(key).collect(),
        old_sequence: diff.sequence.0,
        new_sequence: diff.sequence.1,
    };
    write(out, &view)
}

fn bundle(view: BundleView<'_>, at: Timestamp) -> Bundle<'_> {
    let BundleView { source, form, read } = view;
    let bundle = &read.bundle;
    let authorities = bundle.authorities().iter().map(|found| Authority {
        valid: Some(found.is_valid_at(at)),
        notes: authority_notes(bundle, found, at).iter().map(ToString::to_string).collect(),
        ..authority(found)
    });
    Bundle {
        source,
        form: form.map_or("ledger", BundleForm::name),
        trust_domain: bundle.trust_domain().map(crate::spiffe::TrustDomain::as_str),
        trust_domains: bundle.named_trust_domains().iter().map(ToString::to_string).collect(),
        sequence: bundle.sequence,
        refresh_hint: bundle.refresh_hint,
        authorities: authorities.collect(),
        jwt_keys: bundle.jwt_keys().iter().map(key).collect(),
        notes: read.notes.iter().map(ToString::to_string).collect(),
    }
}

fn authority(certificate: &Certificate) -> Authority<'_> {
    Authority {
        subject: certificate.subject(),
        id: certificate.subject_key_identifier().map(hex),
        key: certificate.public_key().to_string(),
        serial: certificate.serial().to_string(),
        not_before: certificate.not_before().to_string(),
        not_after: certificate.not_after().to_string(),
        fingerprint: certificate.fingerprint().to_string(),
        valid: None,
        notes: Vec::new(),
        same_key_as: None,
    }
}

fn key(key: &JwtKey) -> Key<'_> {
    Key { id: key.id(), kind: key.kind() }
}

fn write(out: &mut dyn Write, view: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, view)?;
    writeln!(out)
}
