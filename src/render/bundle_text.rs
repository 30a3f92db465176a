//! Trust bundles for people.

use std::io;
use std::io::Write;

use jiff::Timestamp;

use crate::bundle::BundleDiff;
use crate::bundle::BundleForm;
use crate::bundle::JwtKey;
use crate::bundle::MultiRoot;
use crate::bundle::ReadBundle;
use crate::bundle::TrustBundle;
use crate::bundle::authority_notes;
use crate::pki::Certificate;
use crate::render::Style;
use crate::render::lifetime::lifetime_bar;
use crate::render::words::count;

/// A bundle to show.
#[derive(Debug, Clone, Copy)]
pub struct BundleView<'b> {
    /// Where it was read.
    pub source: &'b str,
    /// How it was written there; none when a ledger holds it.
    pub form: Option<BundleForm>,
    /// The bundle and what was odd.
    pub read: &'b ReadBundle,
}

/// Writes each bundle with its authorities and keys.
///
/// # Errors
/// When the writer fails.
pub fn bundle_text(out: &mut dyn Write, views: &[BundleView<'_>], at: Timestamp, style: Style) -> io::Result<()> {
    for (index, BundleView { source, form, read }) in views.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let bundle = &read.bundle;
        writeln!(
            out,
            "{} {}",
            headline(bundle),
            style.faint(&format!("({source}, {})", form.map_or("ledger", BundleForm::name)))
        )?;
        for authority in bundle.authorities() {
            writeln!(out)?;
            certificate(out, bundle, authority, at, style)?;
        }
        for key in bundle.jwt_keys() {
            writeln!(out, "\n  JWT key `{}`: {}", key.id(), key.kind())?;
        }
        if !read.notes.is_empty() {
            writeln!(out)?;
        }
        for note in &read.notes {
            writeln!(out, "  {} {note}", style.warning("note:"))?;
        }
    }
    Ok(())
}

fn headline(bundle: &TrustBundle) -> String {
    let named: Vec<String> = bundle.named_trust_domains().iter().map(|name| format!("`{name}`")).collect();
    let whose = match (bundle.trust_domain(), named.len()) {
        (Some(own), _) => format!("trust bundle of `{own}`"),
        (None, 0) => "trust bundle that does not say whose it is".to_owned(),
        (None, 1) => format!("trust bundle of {} by what its authorities say", named.join("")),
        (None, _) => format!(
            "bundle of several trust domains ({}), each of whose authorities could make identities of the others",
            named.join(", ")
        ),
    };
    let mut facts = vec![
        count(bundle.authorities().len(), "authority", "authorities"),
        count(bundle.jwt_keys().len(), "JWT key", "JWT keys"),
    ];
    facts.extend(bundle.sequence.map(|number| format!("sequence {number}")));
    facts.extend(bundle.refresh_hint.map(|seconds| format!("refresh after {seconds} s")));
    format!("{whose}: {}", facts.join(", "))
}

fn certificate(
    out: &mut dyn Write,
    bundle: &TrustBundle,
    authority: &Certificate,
    at: Timestamp,
    style: Style,
) -> io::Result<()> {
    let notes = authority_notes(bundle, authority, at);
    writeln!(out, "  {}", subject(authority))?;
    writeln!(out, "    key          {}", authority.public_key())?;
    writeln!(out, "    id           {}", authority.subject_key_identifier().map_or_else(|| "none".to_owned(), hex))?;
    writeln!(out, "    fingerprint  {}", authority.fingerprint())?;
    let (from, until) = (authority.not_before(), authority.not_after());
    writeln!(out, "    valid        {from} to {until}")?;
    writeln!(out, "                 {}", lifetime_bar(from, until, at, style))?;
    for note in notes {
        writeln!(out, "    {} {note}", style.warning("note:"))?;
    }
    Ok(())
}

fn subject(authority: &Certificate) -> &str {
    if authority.subject().is_empty() { "(no subject)" } else { authority.subject() }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Writes what came, what went and what stayed, and what istiod makes of it.
///
/// # Errors
/// When the writer fails.
pub fn bundle_diff_text(out: &mut dyn Write, diff: &BundleDiff<'_>, at: Timestamp, style: Style) -> io::Result<()> {
    let line = |authority: &Certificate| {
        let state = if authority.not_after() < at { ", expired" } else { "" };
        format!(
            "{}, {}, until {}{state}, {}",
            subject(authority),
            authority.public_key(),
            authority.not_after(),
            authority.fingerprint()
        )
    };
    for authority in &diff.removed {
        writeln!(out, "{} {}", style.error("-"), line(authority))?;
    }
    for authority in &diff.added {
        writeln!(out, "{} {}", style.success("+"), line(authority))?;
        if let Some(old) = diff.same_key_as(authority) {
            writeln!(out, "    the same key as {}, certified anew", old.fingerprint())?;
        }
    }
    for authority in &diff.kept {
        writeln!(out, "  {}", line(authority))?;
    }
    let key_line = |key: &JwtKey| format!("JWT key `{}`, {}", key.id(), key.kind());
    for key in &diff.removed_keys {
        writeln!(out, "{} {}", style.error("-"), key_line(key))?;
    }
    for key in &diff.added_keys {
        writeln!(out, "{} {}", style.success("+"), key_line(key))?;
    }
    for key in &diff.kept_keys {
        writeln!(out, "  {}", key_line(key))?;
    }
    if let (Some(old), Some(new)) = diff.sequence
        && (new < old || (new == old && !diff.is_same()))
    {
        writeln!(out, "{} the sequence number must rise with each change: it was {old} and is {new}", style.warning("note:"))?;
    }
    writeln!(out, "\n{}", multi_root_words(diff.multi_root()))
}

fn multi_root_words(rule: MultiRoot) -> &'static str {
    match rule {
        MultiRoot::Same => {
            "istiod: the same set of roots; a file of other bytes is still ignored unless ISTIO_MULTIROOT_MESH=true"
        }
        MultiRoot::Subset => {
            "istiod: takes this change while it runs if ISTIO_MULTIROOT_MESH=true, because one set holds the other; ignores it otherwise"
        }
        MultiRoot::Refused => {
            "istiod: refuses this change while it runs, because neither set holds the other; go through a bundle with all of them (`meshsec bundle merge`)"
        }
    }
}
